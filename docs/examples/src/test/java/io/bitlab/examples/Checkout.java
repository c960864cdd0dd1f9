package io.bitlab.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The repository that the tests of documentation and sources read. They run in the folder of this module. */
final class Checkout {

    static final Path ROOT = Path.of("").toAbsolutePath().getParent().getParent();

    private Checkout() {
    }

    /** The Java sources in a folder and below, in a fixed order. */
    static List<Path> javaFiles(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
        }
    }
}
