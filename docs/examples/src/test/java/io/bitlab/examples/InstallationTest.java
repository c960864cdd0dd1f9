package io.bitlab.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.KernelRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Makes the project that the installation page shows, outside the checkout, and builds and runs it with Maven. It runs
 * after the package phase: then the library is in jars, and this build has fetched every plugin that the page names, in
 * the same versions. So nothing is downloaded; the project gets a local repository of its own, which takes the rest
 * from the outer one.
 */
class InstallationTest {

    private static final Pattern BLOCK = Pattern.compile("^```(\\w+)\\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);

    @TempDir
    Path folder;

    private static String block(String language, String part) throws IOException {
        List<String> found = BLOCK.matcher(Files.readString(Checkout.ROOT.resolve("docs/installation.md"))).results()
                .filter(block -> block.group(1).equals(language) && block.group(2).contains(part))
                .map((MatchResult block) -> block.group(2)).toList();
        assertEquals(1, found.size(), "blocks of " + language + " with '" + part + "'");
        return found.getFirst();
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @Test
    void theProjectOnThePageBuildsTestsAndRunsOutsideTheCheckout() throws Exception {
        String outer = MavenRun.outerRepository().toUri().toString().replace("&", "&amp;");
        Path repository = folder.resolve("repository");
        BuiltLibrary.installIn(repository);
        Path settings = folder.resolve("settings.xml");
        write(settings, "<settings><mirrors><mirror><id>outer</id><mirrorOf>*</mirrorOf><url>" + outer
                + "</url></mirror></mirrors></settings>");
        Path project = folder.resolve("my project");
        write(project.resolve("pom.xml"), block("xml", "<project"));
        write(project.resolve("src/main/java/com/example/Main.java"), block("java", "class Main "));
        write(project.resolve("src/test/java/com/example/MainTest.java"), block("java", "class MainTest "));

        MavenRun run = MavenRun.in(project, "-q", "-s", settings.toString(), "-gs", settings.toString(),
                "-Dmaven.repo.local=" + repository, "package", "exec:exec");

        assertEquals(0, run.status(), run.output());
        List<String> lines = run.output().lines().toList();
        assertTrue(lines.contains("class 2"), run.output());
        assertTrue(lines.contains("kernel " + KernelRegistry.kernelFor(BitQuantConfig.defaults()).name()),
                run.output());
        assertTrue(block("text", "kernel lookup-512").contains("class 2\n"), "the page shows what is printed");
        assertTrue(Files.exists(project.resolve("target/app-1.0.jar")), run.output());
        String tests = Files.readString(project.resolve("target/surefire-reports/com.example.MainTest.txt"));
        assertTrue(tests.contains("Tests run: 1, Failures: 0, Errors: 0, Skipped: 0"), tests);
    }
}
