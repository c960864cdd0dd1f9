package io.bitlab.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages about the code name what is there: all packages, and only classes that exist. */
class ArchitecturePagesTest {

    private static final Path DOCS = Checkout.ROOT.resolve("docs");
    private static final List<String> LIBRARY = List.of("bitcore", "bitlayers", "bitmodels");

    /** Code that begins with the name of a class: `Tensor`, `Tensor.randn(...)`. */
    private static final Pattern CLASS = Pattern.compile("`([A-Z]\\w*[a-z]\\w*)(?:[.(][^`]*)?`");
    private static final Pattern JAVA_LANG = Pattern.compile("Math");

    /** A row of the tables of packages: name, description, the packages that it may know. */
    private static final Pattern ROW =
            Pattern.compile("^\\| `((?:core|layers|models)[\\w.]*)` \\| [^|]* \\| ?([^|]*) ?\\|$",
                    Pattern.MULTILINE);
    private static final Pattern IMPORT = Pattern.compile("^import (?:static )?io\\.bitlab\\.([a-z.]+)\\.[A-Z]",
            Pattern.MULTILINE);

    private static Map<String, Set<String>> packagesOfThePage() throws IOException {
        Map<String, Set<String>> packages = new TreeMap<>();
        ROW.matcher(Files.readString(DOCS.resolve("architecture.md"))).results().forEach(row -> {
            String name = row.group(1);
            String module = name.replaceAll("\\..*", "");
            packages.put(name, Pattern.compile("`([\\w.]+)`").matcher(row.group(2)).results()
                    .map(known -> known.group(1).equals(module) ? module : module + "." + known.group(1))
                    .collect(Collectors.toCollection(TreeSet::new)));
        });
        return packages;
    }

    /** The packages of the library, with those of the same module that their classes import. */
    private static Map<String, Set<String>> packagesOfTheCode() throws IOException {
        Map<String, Set<String>> packages = new TreeMap<>();
        for (String module : LIBRARY) {
            Path sources = Checkout.ROOT.resolve(module).resolve("src/main/java/io/bitlab");
            for (Path file : Checkout.javaFiles(sources)) {
                String name = sources.relativize(file.getParent()).toString().replace('\\', '/').replace('/', '.');
                String prefix = name.replaceAll("\\..*", "");
                Set<String> known = packages.computeIfAbsent(name, _ -> new TreeSet<>());
                if (!file.endsWith("AutoBitModel.java")) {
                    IMPORT.matcher(Files.readString(file)).results().map(found -> found.group(1))
                            .filter(found -> (found + ".").startsWith(prefix + ".") && !found.equals(name))
                            .forEach(known::add);
                }
            }
        }
        return packages;
    }

    @Test
    void thePlanListsEveryPackage() throws IOException {
        assertEquals(packagesOfTheCode().keySet(), packagesOfThePage().keySet());
    }

    @Test
    void packagesKnowOnlyWhatThePlanAllows() throws IOException {
        Map<String, Set<String>> allowed = packagesOfThePage();
        Map<String, Set<String>> excess = packagesOfTheCode();
        excess.forEach((name, known) -> known.removeAll(allowed.getOrDefault(name, Set.of())));
        excess.values().removeIf(Set::isEmpty);
        assertEquals(Map.of(), excess, "what packages import beyond the column \"may know\" of docs/architecture.md");
    }

    @Test
    void theClassesThatTheyNameExist() throws IOException {
        Set<String> classes = new TreeSet<>();
        for (String module : Stream.concat(LIBRARY.stream(), Stream.of("benchmarks", "docs/examples")).toList()) {
            for (Path file : Checkout.javaFiles(Checkout.ROOT.resolve(module).resolve("src"))) {
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
}
