package io.bitlab.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.platform.VectorPlatform;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.TernaryMatrix;
import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("fallback")
class DiscoveredKernelsTest {

    private static final String SERVICE = "META-INF/services/io.bitlab.core.kernel.TernaryKernel";

    @TempDir
    private Path folder;

    /** A provider as an application would write it. */
    public static class Provided implements TernaryKernel {
        /** As the service loader needs it. */
        public Provided() {
        }

        @Override
        public String name() {
            return "provided";
        }

        @Override
        public boolean isVectorized() {
            return false;
        }

        @Override
        public int priority() {
            return 1;
        }

        @Override
        public Optional<String> refusal(BitQuantConfig config, int out, int in) {
            return Optional.empty();
        }

        @Override
        public PackedWeights pack(TernaryMatrix weights) {
            throw new UnsupportedOperationException();
        }

        @Override
        public PreparedActivations prepare(Activations activations) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void compute(PackedWeights w, PreparedActivations x, float[] bias, float[] y, int fromOut, int toOut) {
            throw new UnsupportedOperationException();
        }
    }

    /** Fails in its constructor. */
    public static final class Failing extends Provided {
        /** Fails. */
        public Failing() {
            throw new IllegalStateException("no such unit");
        }
    }

    /** Fails when it is initialised. */
    public static final class Uninitializable extends Provided {
        private static final int LENGTH = Integer.parseInt("none");

        /** Never gets here. */
        public Uninitializable() {
            assertEquals(0, LENGTH);
        }
    }

    /** Finds the service file in the folder, and can't link classes of one package. */
    private final class Loader extends ClassLoader {
        Loader() {
            super(DiscoveredKernelsTest.class.getClassLoader());
        }

        @Override
        public Class<?> loadClass(String name) throws ClassNotFoundException {
            if (name.startsWith("unlinkable.")) {
                throw new NoClassDefFoundError("jdk/incubator/vector/ShortVector");
            }
            return super.loadClass(name);
        }

        @Override
        public Enumeration<URL> getResources(String name) throws IOException {
            return name.equals(SERVICE)
                    ? Collections.enumeration(List.of(folder.resolve("services").toUri().toURL()))
                    : super.getResources(name);
        }
    }

    private DiscoveredKernels discover(String... providers) throws IOException {
        Files.write(folder.resolve("services"), List.of(providers));
        return DiscoveredKernels.ofProviders(new Loader());
    }

    private static List<String> names(DiscoveredKernels found) {
        return found.kernels().stream().map(TernaryKernel::name).toList();
    }

    @Test
    void theKernelsOfTheLibraryComeFirst() throws IOException {
        Files.writeString(folder.resolve("services"), Provided.class.getName());
        DiscoveredKernels found = DiscoveredKernels.in(new Loader());
        assertEquals(List.of("scalar", "plain"), names(found).subList(0, 2));
        assertEquals("provided", names(found).getLast());
        assertEquals(List.of(), found.failed());
    }

    @Test
    void eachFamilyThatIsMissingHasItsReason() {
        VectorPlatform platform = VectorPlatform.current();
        DiscoveredKernels found = DiscoveredKernels.ofLibrary(platform);
        if (platform.isUsable()) {
            assertEquals(List.of(), found.missing());
            assertEquals(7, found.kernels().size(), () -> names(found).toString());
        } else {
            assertEquals(List.of("lookup", "multiply", "wide", "float-lookup"),
                    found.missing().stream().map(KernelReport::kernel).toList());
            found.missing().forEach(report -> assertEquals(platform.reason(), report.reason()));
            assertEquals(List.of("scalar", "plain"), names(found));
        }
    }

    @Test
    void providersAreFound() throws IOException {
        DiscoveredKernels found = discover(Provided.class.getName());
        assertEquals(List.of("provided"), names(found));
        assertEquals(List.of(), found.failed());
    }

    @Test
    void providersThatFailAreLeftOut() throws IOException {
        DiscoveredKernels found = discover(
                "unlinkable.First",
                "missing.Kernel",
                Failing.class.getName(),
                Uninitializable.class.getName(),
                "unlinkable.Second",
                DiscoveredKernelsTest.class.getName(),
                Provided.class.getName());
        assertEquals(List.of("provided"), names(found), "one behind six that fail");
        List<String> reasons = found.failed().stream().map(KernelReport::reason).toList();
        String start = "the service provider failed to load: java.util.ServiceConfigurationError: "
                + "io.bitlab.core.kernel.TernaryKernel: Provider ";
        String unlinkable =
                "the service provider failed to load: java.lang.NoClassDefFoundError: jdk/incubator/vector/ShortVector";
        assertEquals(6, reasons.size(), () -> String.join("\n", reasons));
        assertEquals(unlinkable, reasons.get(0));
        assertEquals(start + "missing.Kernel not found", reasons.get(1));
        assertEquals(start + Failing.class.getName() + " could not be instantiated, caused by "
                + "java.lang.IllegalStateException: no such unit", reasons.get(2));
        assertEquals(start + Uninitializable.class.getName() + " could not be instantiated, caused by "
                + "java.lang.ExceptionInInitializerError, caused by java.lang.NumberFormatException: For input string: "
                + "\"none\"", reasons.get(3));
        assertEquals(unlinkable, reasons.get(4));
        assertTrue(reasons.get(5).endsWith(DiscoveredKernelsTest.class.getName() + " not a subtype"), reasons.get(5));
        for (KernelReport report : found.failed()) {
            assertEquals("(not loaded)", report.kernel());
            assertFalse(report.accepted() || report.chosen());
        }
    }

    @Test
    void aClassPathThatCannotBeReadEndsTheSearch() {
        DiscoveredKernels found = DiscoveredKernels.ofProviders(new ClassLoader(null) {
            @Override
            public Enumeration<URL> getResources(String name) throws IOException {
                throw new IOException("disk on fire");
            }
        });
        assertEquals(List.of(), names(found));
        assertEquals(1, found.failed().size());
        assertTrue(found.failed().getFirst().reason().endsWith("java.io.IOException: disk on fire"),
                found.failed().getFirst().reason());
    }
}
