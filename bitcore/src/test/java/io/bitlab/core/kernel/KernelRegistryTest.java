package io.bitlab.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.platform.VectorPlatform;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.NOPLoggerFactory;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

@Tag("fallback")
class KernelRegistryTest {

    private static final BitQuantConfig CONFIG = BitQuantConfig.defaults();

    @Test
    void theScalarKernelIsAlwaysThere() {
        assertInstanceOf(ScalarKernel.class, KernelRegistry.kernel("scalar"));
        assertTrue(KernelRegistry.kernels().contains(KernelRegistry.kernel("scalar")));
    }

    @Test
    void theReportNamesTheKernelThatIsChosen() {
        for (ActivationDtype dtype : ActivationDtype.values()) {
            BitQuantConfig config = CONFIG.withActivationDtype(dtype);
            List<KernelReport> large = KernelRegistry.explain(config);
            boolean usable = VectorPlatform.current().isUsable();
            assertEquals(KernelRegistry.kernels().size() + (usable ? 0 : 4) + 1, large.size());
            assertEquals("gpu: refused; off by default: pass '-Dbitlab.kernel=gpu' to java",
                    large.getLast().toString());
            assertTrue(large.getFirst().chosen());
            assertEquals(1, large.stream().filter(KernelReport::chosen).count());
            assertEquals(large.getFirst().kernel(), KernelRegistry.kernelFor(config).name());
            assertEquals(large, KernelRegistry.explain(config, 2560, 2560));
            assertSame(KernelRegistry.kernelFor(config), KernelRegistry.kernelFor(config, 2560, 2560));
            assertEquals(KernelRegistry.explain(config, 3, 5).getFirst().kernel(),
                    KernelRegistry.kernelFor(config, 3, 5).name());
            KernelReport patches = KernelRegistry.explainPatches(config, 64, 576).getFirst();
            assertTrue(patches.chosen());
            assertEquals(patches.kernel(), KernelRegistry.patchKernelFor(config, 64, 576).name());
        }
    }

    @Test
    void unknownNamesAreRefused() {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> KernelRegistry.kernel("cuda"));
        assertTrue(e.getMessage().startsWith("KernelRegistry: no kernel is named 'cuda'; there are "), e.getMessage());
        assertTrue(e.getMessage().contains("scalar"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"0, 3", "3, 0", "-1, 3", "3, -2"})
    void emptyAndNegativeSizesAreRefused(int out, int in) {
        String message =
                "KernelRegistry: shape " + out + " x " + in + ", expected at least 1 output and 1 input feature";
        assertEquals(message, assertThrows(IllegalArgumentException.class,
                () -> KernelRegistry.kernelFor(CONFIG, out, in)).getMessage());
        assertEquals(message, assertThrows(IllegalArgumentException.class,
                () -> KernelRegistry.explain(CONFIG, out, in)).getMessage());
        assertEquals(message, assertThrows(IllegalArgumentException.class,
                () -> KernelRegistry.explainPatches(CONFIG, out, in)).getMessage());
    }

    @Test
    void aMissingConfigurationIsRefused() {
        String message = "KernelRegistry: config is null; BitQuantConfig.defaults() is a good one";
        assertEquals(message,
                assertThrows(NullPointerException.class, () -> KernelRegistry.kernelFor(null)).getMessage());
        assertEquals(message,
                assertThrows(NullPointerException.class, () -> KernelRegistry.explain(null)).getMessage());
    }

    // ---------------------------------------------------------------- in a process of its own

    /** Asks twice and prints the answers; the properties are read once in a process. */
    static final class Asking {
        public static void main(String[] args) {
            for (int i = 0; i < 2; i++) {
                try {
                    System.out.println(KernelRegistry.kernelFor(CONFIG).name());
                } catch (IllegalStateException e) {
                    System.out.println(e.getMessage());
                }
            }
        }
    }

    /** What a fresh JVM without the Vector API prints, its log included. */
    private static List<String> ask(String... options) throws IOException, InterruptedException {
        return askWith(System.getProperty("java.class.path"), options);
    }

    private static List<String> askWith(String classPath, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", classPath, Asking.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output.lines().toList();
    }

    @Test
    void withoutTheVectorApiOneLogLineSaysWhatIsLost() throws Exception {
        List<String> lines = ask();
        assertEquals(3, lines.size(), () -> String.join("\n", lines));
        assertTrue(lines.getFirst().contains("INFO io.bitlab.core.kernel.KernelRegistry - Ternary layers run on kernel "
                + "'plain', without SIMD kernels"), lines.getFirst());
        assertTrue(lines.getFirst().contains("--add-modules jdk.incubator.vector"), lines.getFirst());
        assertEquals(List.of("plain", "plain"), lines.subList(1, 3));
    }

    /** The class path without the tests' SLF4J provider. */
    private static String classPathWithoutProvider() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("slf4j-simple")).collect(Collectors.joining(File.pathSeparator));
    }

    @Test
    void withoutALoggingProviderTheNoticeGoesToTheErrorStreamOnce() throws Exception {
        List<String> lines = askWith(classPathWithoutProvider());
        List<String> notices = lines.stream().filter(line -> line.contains("Ternary layers run on kernel")).toList();
        assertEquals(1, notices.size(), () -> String.join("\n", lines));
        assertTrue(notices.getFirst().contains("'plain', without SIMD kernels"), notices.getFirst());
        assertTrue(notices.getFirst().contains("--add-modules jdk.incubator.vector"), notices.getFirst());
        assertEquals(List.of("plain", "plain"), lines.subList(lines.size() - 2, lines.size()));
    }

    @Test
    void withoutALoggingProviderAKernelThatWasAskedForIsSilent() throws Exception {
        List<String> lines = askWith(classPathWithoutProvider(), "-Dbitlab.kernel=plain");
        assertEquals(List.of(), lines.stream().filter(line -> line.contains("kernel")).toList());
    }

    /** What slf4j-nop holds. */
    public static final class SilentProvider implements SLF4JServiceProvider {
        /** For the service loader. */
        public SilentProvider() {
        }

        @Override
        public ILoggerFactory getLoggerFactory() {
            return new NOPLoggerFactory();
        }

        @Override
        public IMarkerFactory getMarkerFactory() {
            return new BasicMarkerFactory();
        }

        @Override
        public MDCAdapter getMDCAdapter() {
            return new NOPMDCAdapter();
        }

        @Override
        public String getRequestedApiVersion() {
            return "2.0.99";
        }

        @Override
        public void initialize() {
        }
    }

    @Test
    void aProviderThatDropsEverythingIsObeyed(@TempDir Path folder) throws Exception {
        Path services = Files.createDirectories(folder.resolve("META-INF/services"));
        Files.writeString(services.resolve(SLF4JServiceProvider.class.getName()), SilentProvider.class.getName());
        assertEquals(List.of("plain", "plain"),
                askWith(classPathWithoutProvider() + File.pathSeparator + folder));
    }

    @ParameterizedTest
    @CsvSource({"-Xint, interpreted mode", "-XX:TieredStopAtLevel=1, TieredStopAtLevel=1",
        "-XX:TieredStopAtLevel=3, optimizedLaunch"})
    void withoutC2TheLogSaysSo(String option, String mode) throws Exception {
        List<String> lines = ask("--add-modules", "jdk.incubator.vector", option);
        assertEquals(List.of("plain", "plain"), lines.subList(lines.size() - 2, lines.size()));
        String notice = lines.get(lines.size() - 3); // before it, the JVM warns about the module
        assertTrue(notice.contains("A faster one needs the C2 compiler") && notice.contains(mode), notice);
    }

    @Test
    void aForcedKernelIsTakenInSilence() throws Exception {
        assertEquals(List.of("scalar", "scalar"), ask("-Dbitlab.kernel=scalar"));
    }

    @Tag("long")
    @Test
    void nothingOfTheDeviceIsLoadedUnlessItIsAskedFor() throws Exception {
        String classes = String.join("\n", ask("-Xlog:class+load"));
        assertTrue(classes.contains("io.bitlab.core.kernel.PlainKernel"), classes);
        assertFalse(classes.contains("io.bitlab.core.gpu"), classes);
        assertFalse(classes.contains("java.lang.foreign.Linker"), classes);
    }

    @Tag("long")
    @Test
    void withoutNativeAccessADeviceIsReplacedAndTheLogSaysSo() throws Exception {
        List<String> lines = ask("-Dbitlab.kernel=gpu", "--illegal-native-access=deny");
        assertEquals(3, lines.size(), () -> String.join("\n", lines));
        assertTrue(lines.getFirst().endsWith("bitlab.kernel=gpu can't be obeyed, and ternary layers run on kernel "
                + "'plain': the results are the same. Refused: gpu: needs native access: pass "
                + "'--enable-native-access=ALL-UNNAMED' to java"), lines.getFirst());
        assertEquals(List.of("plain", "plain"), lines.subList(1, 3));
    }

    @Test
    void badPropertiesGiveTheSameErrorEachTime() throws Exception {
        List<String> unknown = ask("-Dbitlab.kernel=fastest");
        assertEquals(2, unknown.size(), () -> String.join("\n", unknown));
        assertTrue(unknown.getFirst().startsWith("KernelRegistry: bitlab.kernel=fastest names no kernel; there are "),
                unknown.getFirst());
        assertEquals(unknown.getFirst(), unknown.getLast());
    }

    @Test
    void strictFailsWithoutTheVectorApi() throws Exception {
        List<String> lines = ask("-Dbitlab.kernel.strict=true");
        assertEquals(2, lines.size(), () -> String.join("\n", lines));
        assertTrue(lines.getFirst().startsWith("bitlab.kernel.strict=true, but the kernel for int8 activations, "
                + "2560 -> 2560 would be 'plain', which is not vectorized; a faster one needs the Vector API: pass "
                + "'--add-modules jdk.incubator.vector' to java"),
                lines.getFirst());
    }
}
