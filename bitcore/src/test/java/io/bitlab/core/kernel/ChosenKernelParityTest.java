package io.bitlab.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** All kernels that accept in this JVM, under whatever options it was started with; see the Surefire executions. */
@Tag("parity")
class ChosenKernelParityTest {

    private static final BitQuantConfig INT8 = BitQuantConfig.defaults();
    private static final BitQuantConfig FLOAT32 = INT8.withActivationDtype(ActivationDtype.FLOAT32);

    /**
     * Beyond the parity sizes: several tiles and a rest at each width, whole and broken fours of rows, long rows, many.
     */
    private static final List<KernelParity.Size> LARGER = List.of(
            new KernelParity.Size(128, 64, 4, 1), new KernelParity.Size(293, 784, 5, 2),
            new KernelParity.Size(160, 512, 11, 3), new KernelParity.Size(64, 2560, 4, 4),
            new KernelParity.Size(33, 14336, 6, 5), new KernelParity.Size(40, 301, 71, 6));

    private static void assertRuns(Optional<String> expected, BitQuantConfig config) {
        assumeTrue(expected.isPresent(), "nothing is known about the vectors of this machine");
        assertEquals(expected.get(), KernelRegistry.kernelFor(config).name(),
                () -> KernelRegistry.explain(config).toString());
        assertEquals(expected.get(), KernelRegistry.explain(config).getFirst().kernel());
    }

    @Test
    void theWidestKernelRuns() {
        assertRuns(ExpectedKernel.int8(), INT8);
        assertRuns(ExpectedKernel.float32(), FLOAT32);
    }

    @TestFactory
    Stream<DynamicTest> everyKernelEqualsTheProduct() {
        return Stream.of(INT8, FLOAT32).flatMap(config -> KernelRegistry.kernels().stream()
                .filter(kernel -> kernel.refusal(config, 2560, 2560).isEmpty())
                .map(kernel -> DynamicTest.dynamicTest(kernel.name() + ", " + config.activationDtype().jsonName(),
                        () -> checkAll(kernel, config.activationDtype()))));
    }

    private static void checkAll(TernaryKernel kernel, ActivationDtype dtype) {
        // The scalar kernel's own test has the rest; it takes long on these.
        Stream<KernelParity.Size> larger = kernel instanceof ScalarKernel ? Stream.empty() : LARGER.stream();
        Stream.concat(KernelParity.sizes(), larger).forEach(size -> KernelParity.check(kernel, dtype, size));
        assertTrue(kernel.refusal(INT8.withActivationDtype(dtype), 2560, 2560).isEmpty(), "disabled by its self-check");
    }
}
