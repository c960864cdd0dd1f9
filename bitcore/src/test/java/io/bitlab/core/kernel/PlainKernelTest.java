package io.bitlab.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.quant.FloatActivations;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("fallback")
class PlainKernelTest {

    private static final PlainKernel KERNEL = new PlainKernel();

    @ParameterizedTest
    @MethodSource("io.bitlab.core.kernel.KernelParity#sizes")
    void int8(KernelParity.Size size) {
        KernelParity.check(KERNEL, ActivationDtype.INT8, size);
    }

    @Test
    void itTakesTwoBitsAWeight() {
        TernaryMatrix matrix = TernaryMatrix.of(new byte[16 * 100], 16, 100, new float[1]);
        assertEquals(16 * 100 / 4 + 4, KERNEL.pack(matrix).bytes());
    }

    @Test
    void itReadsInt8Only() {
        BitQuantConfig config = BitQuantConfig.defaults();
        assertEquals(Optional.empty(), KERNEL.refusal(config, 1, 1));
        assertEquals(Optional.of("reads int8 activations only: configure them with ActivationDtype.INT8"),
                KERNEL.refusal(config.withActivationDtype(ActivationDtype.FLOAT32), 1, 1));
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> KERNEL.prepare(new FloatActivations(new float[3], 1, 3))).getMessage()
                .startsWith("Kernel 'plain' reads int8 activations, got FloatActivations(1 x 3)"));
    }

    @Test
    void operandsOfAnotherKernelAreRefused() {
        ScalarKernel scalar = new ScalarKernel();
        TernaryMatrix matrix = TernaryMatrix.of(new byte[3], 1, 3, new float[1]);
        FloatActivations x = new FloatActivations(new float[3], 1, 3);
        assertThrows(IllegalArgumentException.class,
                () -> KERNEL.multiply(scalar.pack(matrix), scalar.prepare(x), null, new float[1], 0, 1));
        assertThrows(IllegalArgumentException.class,
                () -> KERNEL.multiply(KERNEL.pack(matrix), scalar.prepare(x), null, new float[1], 0, 1));
    }
}
