package io.bitlab.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What CONTRIBUTING says of source files, over all modules, main code and tests. */
class SourceFilesTest {

    private static final int LINES = 400;
    private static final int COLUMNS = 120;

    /** Programs that users were promised; they stay as they are. */
    private static final Set<String> CONTRACT = Set.of("FirstLayer.java", "OwnNetwork.java", "PrebuiltModel.java",
            "VerifyInstallation.java");

    private static List<Path> sources() throws IOException {
        List<Path> sources = new ArrayList<>();
        for (String module : List.of("bitcore", "bitlayers", "bitmodels", "bitmodels/cli", "bitmodels/langchain4j",
                "bitmodels/spark", "benchmarks", "docs/examples")) {
            sources.addAll(Checkout.javaFiles(Checkout.ROOT.resolve(module).resolve("src")));
        }
        assertTrue(sources.size() > 300, sources.size() + " files in " + Checkout.ROOT);
        return sources;
    }

    private static String name(Path source) {
        return Checkout.ROOT.relativize(source).toString().replace('\\', '/');
    }

    @Test
    void filesAreShort() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path source : sources()) {
            int lines = Files.readAllLines(source).size();
            if (lines >= LINES) {
                tooLong.add(name(source) + " has " + lines + " lines, expected fewer than " + LINES);
            }
        }
        assertEquals(List.of(), tooLong);
    }

    @Test
    void linesAreShort() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path source : sources()) {
            if (CONTRACT.contains(source.getFileName().toString())) {
                continue;
            }
            int number = 0;
            for (String line : Files.readAllLines(source)) {
                number++;
                int columns = line.codePointCount(0, line.length());
                if (columns > COLUMNS) {
                    tooLong.add(name(source) + ":" + number + " has " + columns + " columns, expected at most "
                            + COLUMNS);
                }
            }
        }
        assertEquals(List.of(), tooLong);
    }

    @Test
    void snippetsOfJavadocAreCompiled() throws IOException {
        List<String> inline = new ArrayList<>();
        for (Path source : sources()) {
            if (name(source).contains("/src/main/") && Files.readString(source).contains("{@snippet :")) {
                inline.add(name(source) + ": inline snippets are not compiled; name a region of a test source");
            }
        }
        assertEquals(List.of(), inline);
    }

    @Test
    void noTwoClassesOfTheLibraryHaveOneName() throws IOException {
        Map<String, Set<String>> places = new TreeMap<>();
        for (Path source : sources()) {
            String name = name(source);
            if (name.matches("bit\\w+/src/main/java/.*") && !name.endsWith("package-info.java")) {
                places.computeIfAbsent(source.getFileName().toString(), _ -> new TreeSet<>()).add(name);
            }
        }
        assertEquals(List.of(), places.values().stream().filter(files -> files.size() > 1).toList());
    }

    @Test
    void theContractProgramsHaveNoPackage() {
        for (String program : CONTRACT) {
            assertTrue(Files.exists(Checkout.ROOT.resolve("docs/examples/src/main/java").resolve(program)), program);
        }
    }
}
