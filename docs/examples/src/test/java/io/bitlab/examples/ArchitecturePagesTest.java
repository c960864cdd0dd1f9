package io.bitlab.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages about the code name what is there: all packages, and only classes that exist. */
class ArchitecturePagesTest {

    private static final Path ROOT = Path.of("").toAbsolutePath().getParent().getParent();
    private static final Path DOCS = ROOT.resolve("docs");
    private static final List<String> LIBRARY = List.of("bitcore", "bitlayers", "bitmodels");

    /** Code that begins with the name of a class: `Tensor`, `Tensor.randn(...)`. */
    private static final Pattern CLASS = Pattern.compile("`([A-Z]\\w*[a-z]\\w*)(?:[.(][^`]*)?`");
    private static final Pattern JAVA_LANG = Pattern.compile("Math");

    @Test
    void thePlanListsEveryPackage() throws IOException {
        String page = Files.readString(DOCS.resolve("architecture.md"));
        Set<String> missing = new TreeSet<>();
        for (String module : LIBRARY) {
            Path sources = ROOT.resolve(module).resolve("src/main/java/io/bitlab");
            for (Path file : javaFiles(sources)) {
                String name = sources.relativize(file.getParent()).toString().replace('\\', '/').replace('/', '.');
                if (!page.contains("`" + name + "`")) {
                    missing.add(name);
                }
            }
        }
        assertEquals(Set.of(), missing, "packages that docs/architecture.md doesn't list");
    }

    @Test
    void theClassesThatTheyNameExist() throws IOException {
        Set<String> classes = new TreeSet<>();
        for (String module : Stream.concat(LIBRARY.stream(), Stream.of("benchmarks", "docs/examples")).toList()) {
            for (Path file : javaFiles(ROOT.resolve(module).resolve("src"))) {
                classes.add(file.getFileName().toString().replace(".java", ""));
            }
        }
        List<String> unknown = new ArrayList<>();
        for (Path page : pages()) {
            CLASS.matcher(Files.readString(page)).results().map(match -> match.group(1))
                    .filter(name -> !classes.contains(name) && !JAVA_LANG.matcher(name).matches())
                    .forEach(name -> unknown.add(DOCS.relativize(page) + ": " + name));
        }
        assertEquals(List.of(), unknown);
    }

    @Test
    void theGlossaryDefinesEachTermOnce() throws IOException {
        List<String> terms = Pattern.compile("^\\| ([^|`]+) \\| [^|]+ \\| `", Pattern.MULTILINE)
                .matcher(Files.readString(DOCS.resolve("glossary.md"))).results().map(match -> match.group(1)).toList();
        assertFalse(terms.isEmpty());
        assertEquals(List.of(), terms.stream().collect(Collectors.groupingBy(Function.identity())).entrySet().stream()
                .filter(term -> term.getValue().size() > 1).toList());
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> decisions = Files.list(DOCS.resolve("decisions"))) {
            return Stream.concat(Stream.of(DOCS.resolve("architecture.md"), DOCS.resolve("glossary.md")),
                    decisions.filter(page -> page.toString().endsWith(".md")).sorted()).toList();
        }
    }

    private static List<Path> javaFiles(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }
}
