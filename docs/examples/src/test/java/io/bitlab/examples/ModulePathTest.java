package io.bitlab.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bitlab.models.AutoBitModel;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Exports;
import java.lang.module.ModuleDescriptor.Provides;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The library on the module path, where it needs no flag: its descriptors ask for the Vector API. Only jars show their
 * descriptors, so {@code mvn test}, which makes none, skips this; {@code mvn verify} runs it.
 */
class ModulePathTest {
    private static final String VECTOR_MODULE = "jdk.incubator.vector";

    /** Not exported to applications. */
    static final Set<String> INTERNAL =
            Set.of("io.bitlab.core.embedding.loops", "io.bitlab.core.gpu", "io.bitlab.core.internal",
                    "io.bitlab.core.kernel.schedule", "io.bitlab.core.quant.loops", "io.bitlab.core.vector",
                    "io.bitlab.models.auto", "io.bitlab.models.config", "io.bitlab.models.html",
                    "io.bitlab.models.internal", "io.bitlab.models.tokenizer.regex");

    @TempDir
    Path folder;

    @BeforeAll
    static void theLibraryIsInJars() throws URISyntaxException {
        Path library = Path.of(AutoBitModel.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        assumeTrue(Files.isRegularFile(library), () -> "no jar: " + library);
    }

    @ParameterizedTest
    @ValueSource(strings = {"OwnNetwork", "VerifyInstallation"})
    void aProgramNeedsNoFlag(String program) throws Exception {
        String libraries = path(jars());
        String classes = path(classPath().filter(Files::isDirectory)); // an application without a descriptor

        List<String> onModulePath = run("-p", libraries, "--add-modules", "io.bitlab.models",
                "--show-module-resolution", "-cp", classes, program);
        List<String> onClassPath = run("--add-modules", VECTOR_MODULE, "-cp",
                libraries + File.pathSeparator + classes, program);

        List<String> resolution = onModulePath.stream().filter(ModulePathTest::isResolution).toList();
        for (String module : List.of("io.bitlab.core", "io.bitlab.layers", VECTOR_MODULE)) {
            assertTrue(resolution.stream().anyMatch(line -> line.contains(" requires " + module + " ")),
                    () -> "nobody requires " + module + ":\n" + String.join("\n", resolution));
        }
        assertFalse(onClassPath.isEmpty(), () -> program + " prints nothing");
        assertEquals(onClassPath, onModulePath.stream().filter(line -> !isResolution(line)).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"io.bitlab.core", "io.bitlab.layers", "io.bitlab.models"})
    void aDescriptorSaysWhatTheJarHolds(String name) throws IOException {
        ModuleReference module = ModuleFinder.of(jars().toArray(Path[]::new)).find(name).orElseThrow();
        ModuleDescriptor descriptor = module.descriptor();
        Set<String> packages = new TreeSet<>();
        Map<String, Set<String>> services = new TreeMap<>();
        try (ModuleReader reader = module.open(); var entries = reader.list()) {
            for (String entry : entries.toList()) {
                if (entry.endsWith(".class") && entry.contains("/")) {
                    packages.add(entry.substring(0, entry.lastIndexOf('/')).replace('/', '.'));
                } else if (entry.matches("META-INF/services/.+")) {
                    services.put(entry.substring("META-INF/services/".length()), lines(reader, entry));
                }
            }
        }
        packages.removeAll(INTERNAL);

        assertEquals(packages, descriptor.exports().stream().filter(e -> !e.isQualified()).map(Exports::source)
                .collect(Collectors.toCollection(TreeSet::new)), "packages, and those that the descriptor exports");
        assertEquals(services, descriptor.provides().stream()
                .collect(Collectors.toMap(Provides::service, p -> new TreeSet<>(p.providers()))),
                "services of the class path, and those of the module path");
    }

    @Test
    void thePageNamesEveryModuleThatJlinkRefuses(@TempDir Path images) throws IOException {
        StringWriter messages = new StringWriter();
        PrintWriter out = new PrintWriter(messages);
        int status = ToolProvider.findFirst("jlink").orElseThrow().run(out, out, "-p", path(jars()), "--add-modules",
                "io.bitlab.models", "--output", images.resolve("image").toString());
        Set<String> automatic = ModuleFinder.of(jars().toArray(Path[]::new)).findAll().stream()
                .map(ModuleReference::descriptor).filter(ModuleDescriptor::isAutomatic).map(ModuleDescriptor::name)
                .collect(Collectors.toSet());
        assertTrue(status != 0 && automatic.stream().anyMatch(
                name -> messages.toString().contains("automatic module cannot be used with jlink: " + name)),
                messages.toString());
        String page = Files.readString(Path.of("../installation.md"));
        assertEquals(List.of(), automatic.stream().filter(name -> !page.contains("`" + name + "`")).toList());
    }

    private static Set<String> lines(ModuleReader reader, String entry) throws IOException {
        try (InputStream in = reader.open(entry).orElseThrow()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines()
                    .map(line -> line.replaceAll("#.*", "").strip())
                    .filter(line -> !line.isEmpty())
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static Stream<Path> jars() {
        return classPath().filter(Files::isRegularFile);
    }

    private static Stream<Path> classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator)).map(Path::of);
    }

    private static String path(Stream<Path> entries) {
        return entries.map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    private static boolean isResolution(String line) {
        return line.startsWith("root ") || line.matches("\\S+( file:\\S+)? (requires|binds) .*");
    }

    /** What a JVM of this JDK prints; its log and its warnings are left out. */
    private List<String> run(String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(arguments));
        Path errors = folder.resolve("stderr.txt");
        Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        String log = Files.readString(errors);
        assertEquals(0, status, () -> String.join(" ", command) + "\n" + output + log);
        return output.lines().toList();
    }

}
