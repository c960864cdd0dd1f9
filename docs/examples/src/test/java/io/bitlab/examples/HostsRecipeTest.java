package io.bitlab.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bitlab.cli.BitLab;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.models.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page of other places shows: jshell with one jar, the catalog of JBang, and PyTorch in the same JVM. */
@Tag("long")
class HostsRecipeTest {

    private static final Path PAGES = Checkout.ROOT.resolve("docs/integrations");
    private static final Path JAR = Checkout.ROOT.resolve("bitmodels/cli/target/bitlab/bitlab.jar");
    private static final Path BIN = Path.of(System.getProperty("java.home"), "bin");

    @TempDir
    Path folder;

    private String succeed(ProcessBuilder program) throws IOException, InterruptedException {
        try (RunningProgram running = RunningProgram.start(program.directory(folder.toFile()))) {
            assertEquals(0, running.awaitEnd(), running.output());
            return running.output();
        }
    }

    /** The lines that the page shows after jshell's prompt give the values that it shows. */
    @Test
    void jshellRunsTheLinesOfThePage() throws Exception {
        assumeTrue(Files.exists(JAR), () -> "no " + JAR);
        String page = Files.readString(PAGES.resolve("hosts.md"));
        Matcher prompt = Pattern.compile("^jshell> (.*)$", Pattern.MULTILINE).matcher(page);
        List<String> lines = new ArrayList<>();
        while (prompt.find()) {
            lines.add(prompt.group(1));
        }
        assertEquals(4, lines.size(), lines::toString);
        lines.add("/exit");
        Path input = Files.write(folder.resolve("lines.jsh"), lines);
        String output = succeed(new ProcessBuilder(BIN.resolve("jshell").toString(), "--add-modules",
                "jdk.incubator.vector", "--class-path", JAR.toString()).redirectInput(input.toFile()));
        assertTrue(output.contains("\"" + KernelRegistry.kernelFor(BitQuantConfig.defaults()).name() + "\""), output);
        String tensor = page.lines().filter(line -> line.startsWith("$4 ==> ")).findFirst().orElseThrow();
        assertTrue(output.contains(tensor), output);
    }

    @Test
    void theCatalogOfJBangNamesTheProgram() throws Exception {
        Map<?, ?> alias = (Map<?, ?>) ((Map<?, ?>) Json.read(PAGES.resolve("jbang/jbang-catalog.json"))
                .get("aliases")).get("bitlab");
        String pom = Files.readString(Checkout.ROOT.resolve("bitmodels/cli/pom.xml"));
        String[] coordinates = alias.get("script-ref").toString().split(":");
        assertTrue(pom.contains("<groupId>" + coordinates[0] + "</groupId>")
                && pom.contains("<artifactId>" + coordinates[1] + "</artifactId>")
                && pom.contains("<version>" + coordinates[2] + "</version>"), alias::toString);
        assertEquals(BitLab.class.getName(), alias.get("main"));
        assertEquals(Integer.toString(Runtime.version().feature()), alias.get("java"));

        // What JBang starts, with the class path that Maven has resolved instead of it.
        List<String> command = new ArrayList<>(List.of(BIN.resolve("java").toString()));
        ((List<?>) alias.get("java-options")).forEach(option -> command.add(option.toString()));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), alias.get("main").toString(), "kernels"));
        String output = succeed(new ProcessBuilder(command));
        assertTrue(Pattern.compile("\\* .* vectorized").matcher(output).find(), output);
    }

    /** Downloads PyTorch, of 110 MB, when it runs for the first time. */
    @Test
    void aModelRunsBesidePyTorch() throws Exception {
        assumeTrue(System.getProperty("os.name").equals("Linux") && System.getProperty("os.arch").equals("amd64"),
                "the project has PyTorch for 64-bit Linux");
        SampleProject project = SampleProject.copy("djl", folder.resolve("beside"));
        project.maven("-q", "compile", "dependency:resolve");
        ProcessBuilder program = project.mavenProcess("-q", "exec:exec");
        program.environment().put("DJL_CACHE_DIR", folder.resolve("cache").toString());
        program.environment().put("JDK_JAVA_OPTIONS", "-Dai.djl.offline=true -Dbitlab.kernel.strict=true");
        try (RunningProgram running = RunningProgram.start(program)) {
            assertEquals(0, running.awaitEnd(), running.output());
            List<String> classes = running.output().lines().filter(line -> line.startsWith("classes ")).toList();
            assertEquals(2, classes.size(), running.output());
            assertEquals(classes.getFirst(), classes.getLast());
        }
    }
}
