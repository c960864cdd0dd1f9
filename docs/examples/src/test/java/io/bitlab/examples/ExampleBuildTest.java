package io.bitlab.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The profile {@code example}, in a copy of the checkout whose path has a space. */
@Tag("long")
class ExampleBuildTest {

    @TempDir
    Path folder;

    private static void copy(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes) throws IOException {
                String name = each.getFileName().toString();
                if (name.equals("target") || name.equals(".git")) {
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
    }

    private static MavenRun example(Path checkout, String... arguments) throws IOException, InterruptedException {
        String[] all = new String[arguments.length + 4];
        System.arraycopy(
                new String[] {"-o", "-Dmaven.repo.local=" + MavenRun.outerRepository(), "-Pexample", "package"},
                0, all, 0, 4);
        System.arraycopy(arguments, 0, all, 4, arguments.length);
        return MavenRun.in(checkout, all);
    }

    @Test
    void aSecondRunCompilesAndPacksNothing() throws Exception {
        MavenRun.outerRepository();
        Path checkout = folder.resolve("my checkout");
        copy(Checkout.ROOT, checkout);
        MavenRun first = example(checkout, "-Dexample=VerifyInstallation");
        assertEquals(0, first.status(), first.output());
        assertTrue(first.output().contains("Kernel: ") && first.output().contains("Compiling "), first.output());

        MavenRun second = example(checkout, "-Dexample=VerifyInstallation");
        assertEquals(0, second.status(), second.output());
        assertTrue(second.output().contains("Kernel: "), second.output());
        assertFalse(second.output().contains("Compiling "), second.output());
        assertFalse(second.output().contains("Building jar"), second.output());

        // The working folder is the root, and a failure shows no stack of Maven's.
        MavenRun wrong = example(checkout, "-Dexample=FashionMnistExample", "-Dexample.args=--data docs");
        assertTrue(
                wrong.status() != 0 && wrong.output().contains("Fashion-MNIST is not in " + checkout.resolve("docs")),
                wrong.output());
        assertFalse(wrong.output().contains("\tat ") || wrong.output().contains("    at "), wrong.output());
        MavenRun unknown = example(checkout, "-q", "-Dexample=Nobody");
        assertTrue(unknown.status() != 0 && unknown.output().contains("FirstLayer, "), unknown.output());
    }

    private static Map<String, String> jars(Path checkout) throws Exception {
        Map<String, String> checksums = new TreeMap<>();
        try (Stream<Path> files = Files.walk(checkout)) {
            for (Path jar : files.filter(file -> file.toString().endsWith(".jar")).toList()) {
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(jar));
                checksums.put(checkout.relativize(jar).toString(), HexFormat.of().formatHex(digest));
            }
        }
        return checksums;
    }

    /** Two checkouts, in folders of different names, give the same jars to the byte. */
    @Test
    void buildsAreReproducible() throws Exception {
        List<Map<String, String>> builds = new ArrayList<>();
        for (String name : List.of("one", "another folder")) {
            Path checkout = folder.resolve(name);
            copy(Checkout.ROOT, checkout);
            MavenRun build = MavenRun.in(checkout, "-o", "-Dmaven.repo.local=" + MavenRun.outerRepository(), "-Pcli",
                    "package");
            assertEquals(0, build.status(), build.output());
            builds.add(jars(checkout));
        }
        assertTrue(builds.getFirst().keySet().stream().anyMatch(jar -> jar.endsWith("bitlab.jar")),
                builds.getFirst().keySet()::toString);
        assertEquals(builds.getFirst(), builds.getLast());
    }
}
