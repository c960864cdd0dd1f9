package io.bitlab.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * A copy of a project of {@code docs/integrations}, to build and run. Its dependencies come from Maven Central, by the
 * user's own settings, into a repository below {@code target} that lasts until the next clean build; the library comes
 * from this build.
 */
final class SampleProject {

    private static final Path REPOSITORY = Path.of("target/integrations-repository").toAbsolutePath();

    private final Path folder;

    private SampleProject(Path folder) {
        this.folder = folder;
    }

    /** Copies a project. */
    static SampleProject copy(String name, Path to) throws IOException, URISyntaxException {
        MavenRun.outerRepository(); // skips the test where Maven did not start it
        BuiltLibrary.installIn(REPOSITORY);
        Path from = Checkout.ROOT.resolve("docs/integrations").resolve(name);
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes) throws IOException {
                if (each.endsWith("target")) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                Files.createDirectories(to.resolve(from.relativize(each)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path each, BasicFileAttributes attributes) throws IOException {
                Files.copy(each, to.resolve(from.relativize(each)));
                return FileVisitResult.CONTINUE;
            }
        });
        return new SampleProject(to);
    }

    Path folder() {
        return folder;
    }

    private static String[] withRepository(String... arguments) {
        List<String> all = new ArrayList<>(List.of("-Dmaven.repo.local=" + REPOSITORY));
        all.addAll(List.of(arguments));
        return all.toArray(String[]::new);
    }

    /** Runs goals that must succeed; skips the test if their artifacts can't be fetched. Returns the output. */
    String maven(String... arguments) throws IOException, InterruptedException {
        MavenRun run = MavenRun.onThisJava(folder, withRepository(arguments));
        assumeFalse(run.status() != 0 && run.output().contains("Could not transfer artifact"),
                "needs Maven Central, or what an earlier run has downloaded from it");
        assertEquals(0, run.status(), run.output());
        return run.output();
    }

    /** A goal that runs until it is stopped. */
    ProcessBuilder mavenProcess(String... arguments) {
        return MavenRun.processOnThisJava(folder, withRepository(arguments));
    }
}
