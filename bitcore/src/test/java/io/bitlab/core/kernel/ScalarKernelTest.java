package io.bitlab.core.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.quant.FloatActivations;
import io.bitlab.core.quant.QuantizedActivations;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("fallback")
class ScalarKernelTest {

    private static final ScalarKernel KERNEL = new ScalarKernel();

    private static final PackedWeights W = KERNEL.pack(
            TernaryMatrix.of(new byte[] {1, 0, -1, 1, 1, 1}, 2, 3, new float[] {2, 0.5f}));

    private static PreparedActivations prepared(int rows, int columns) {
        return KERNEL.prepare(new FloatActivations(new float[rows * columns], rows, columns));
    }

    @ParameterizedTest
    @MethodSource("io.bitlab.core.kernel.KernelParity#sizes")
    void int8(KernelParity.Size size) {
        KernelParity.check(KERNEL, ActivationDtype.INT8, size);
    }

    @ParameterizedTest
    @MethodSource("io.bitlab.core.kernel.KernelParity#sizes")
    void float32(KernelParity.Size size) {
        KernelParity.check(KERNEL, ActivationDtype.FLOAT32, size);
    }

    @Test
    void anExampleByHand() {
        float[] y = new float[4];
        PreparedActivations int8 = KERNEL.prepare(
                new QuantizedActivations(new byte[] {10, 20, 30, -1, -2, -4}, new float[] {0.5f, 4}, 2, 3));
        KERNEL.multiply(W, int8, new float[] {100, 200}, y, 0, 2);
        assertArrayEquals(new float[] {80, 215, 124, 186}, y);
        PreparedActivations float32 = KERNEL.prepare(new FloatActivations(new float[] {1, 2, 3.5f, 0, 0, 1}, 2, 3));
        KERNEL.multiply(W, float32, null, y, 0, 2);
        assertArrayEquals(new float[] {-5, 3.25f, -2, 0.5f}, y);
    }

    /** Next to 1e8 a 1 is lost: from both pairs of the first row, not from those of the second. Exact are 5 and 5. */
    @Test
    void floatsAreAddedInPairs() {
        PackedWeights w = KERNEL.pack(TernaryMatrix.of(new byte[] {1, 1, 1, 1, 1}, 1, 5, new float[] {1}));
        float[] x = {1, 1e8f, -1e8f, 1, 3, 1e8f, -1e8f, 1, 1, 3};
        float[] y = new float[2];
        KERNEL.multiply(w, KERNEL.prepare(new FloatActivations(x, 2, 5)), null, y, 0, 1);
        assertArrayEquals(new float[] {3, 5}, y, "column by column it would be 4 and 5");
    }

    @Test
    void theExtremesOfLongRowsAreExact() {
        int in = TernaryMatrix.MAX_IN_FEATURES;
        byte[] ones = new byte[in];
        Arrays.fill(ones, (byte) 1);
        byte[] values = new byte[in];
        Arrays.fill(values, (byte) -127);
        PackedWeights w = KERNEL.pack(TernaryMatrix.of(ones, 1, in, new float[] {1}));
        float[] y = new float[1];
        KERNEL.multiply(w, KERNEL.prepare(new QuantizedActivations(values, new float[] {1}, 1, in)), null, y, 0, 1);
        assertEquals(-127f * in, y[0]);
    }

    @Test
    void noBiasIsABiasOfPlusZero() {
        PackedWeights w = KERNEL.pack(TernaryMatrix.of(new byte[] {0}, 1, 1, new float[] {-1}));
        float[] y = {1};
        KERNEL.multiply(w, KERNEL.prepare(new QuantizedActivations(new byte[1], new float[] {1}, 1, 1)), null, y, 0, 1);
        assertEquals(Float.floatToIntBits(0f), Float.floatToIntBits(y[0]));
    }

    @Test
    void itAcceptsEverything() {
        assertEquals(Optional.empty(), KERNEL.refusal(BitQuantConfig.defaults(), 1, 1));
        assertEquals("scalar", KERNEL.name());
        assertEquals(0, KERNEL.priority());
        assertEquals(1, KERNEL.rowAlignment());
        assertFalse(KERNEL.isVectorized());
        TernaryMatrix matrix = TernaryMatrix.of(new byte[10], 2, 5, new float[2]);
        assertSame(matrix, KERNEL.pack(matrix).unpack());
        assertEquals(2 + 8, KERNEL.pack(matrix).bytes());
    }

    @Test
    void anEmptyPartWritesNothing() {
        float[] y = {7, 8};
        KERNEL.multiply(W, prepared(1, 3), null, y, 1, 1);
        assertArrayEquals(new float[] {7, 8}, y);
    }

    private static void assertRefused(String message, PackedWeights w, PreparedActivations x, int biasLength,
            int yLength, int from, int to) {
        float[] bias = biasLength < 0 ? null : new float[biasLength];
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                () -> KERNEL.multiply(w, x, bias, new float[yLength], from, to));
        assertEquals(message, e.getMessage());
    }

    @Test
    void operandsThatDoNotFitAreRefused() {
        assertRefused("Kernel 'scalar' (3 -> 2): activations have 4 columns, expected 3",
                W, prepared(5, 4), -1, 10, 0, 2);
        assertRefused("Kernel 'scalar' (3 -> 2): bias has 3 values, expected 2 or no bias",
                W, prepared(5, 3), 3, 10, 0, 2);
        assertRefused("Kernel 'scalar' (3 -> 2): the output array has 9 values, expected 5 rows x 2 = 10",
                W, prepared(5, 3), 2, 9, 0, 2);
    }

    @ParameterizedTest
    @CsvSource({"-1, 2", "0, 3", "2, 1", "3, 3"})
    void partsOutsideTheOutputAreRefused(int from, int to) {
        assertRefused("Kernel 'scalar' (3 -> 2): output features " + from + " to " + to + " are not a part of 0 to 2",
                W, prepared(5, 3), -1, 10, from, to);
    }

    @Test
    void operandsOfAnotherKernelAreRefused() {
        FakeKernel other = FakeKernel.named("other");
        assertRefused("Kernel 'scalar': the weights were packed by kernel 'other'; multiply with that, or "
                + "pack(weights.unpack()) with this one", other.pack(W.unpack()), prepared(5, 3), -1, 10, 0, 2);
        assertRefused("Kernel 'scalar': the activations were prepared by kernel 'other'; prepare them with this one",
                W, other.prepare(new FloatActivations(new float[3], 1, 3)), -1, 2, 0, 2);
    }

    /** A kernel of an application implements compute only, and is never called with operands that don't fit. */
    @Test
    void theOperandsOfEveryKernelAreChecked() {
        FakeKernel foreign = FakeKernel.named("foreign");
        PackedWeights w = foreign.pack(W.unpack());
        PreparedActivations x = foreign.prepare(new FloatActivations(new float[3], 1, 3));
        assertEquals("Kernel 'foreign': the weights were packed by kernel 'scalar'; multiply with that, or "
                + "pack(weights.unpack()) with this one", refusal(foreign, W, x, new float[2]));
        assertEquals("Kernel 'foreign': the activations were prepared by kernel 'scalar'; prepare them with this one",
                refusal(foreign, w, prepared(1, 3), new float[2]));
        assertEquals("Kernel 'foreign' (3 -> 2): the output array has 3 values, expected 1 rows x 2 = 2",
                refusal(foreign, w, x, new float[3]));
        assertThrows(UnsupportedOperationException.class, () -> foreign.multiply(w, x, null, new float[2], 0, 2));
    }

    private static String refusal(TernaryKernel kernel, PackedWeights w, PreparedActivations x, float[] y) {
        return assertThrows(IllegalArgumentException.class, () -> kernel.multiply(w, x, null, y, 0, 2)).getMessage();
    }

    @Test
    void partsMustBeAligned() {
        FakeKernel aligned = FakeKernel.named("aligned").withRowAlignment(4);
        PackedWeights w = aligned.pack(TernaryMatrix.of(new byte[10], 10, 1, new float[1]));
        PreparedActivations x = aligned.prepare(new FloatActivations(new float[1], 1, 1));
        Operands.check(aligned, w, x, null, new float[10], 4, 8);
        Operands.check(aligned, w, x, null, new float[10], 8, 10);
        for (int[] part : new int[][] {{2, 4}, {4, 6}}) {
            IllegalArgumentException e = assertThrows(IllegalArgumentException.class,
                    () -> Operands.check(aligned, w, x, null, new float[10], part[0], part[1]));
            assertEquals("Kernel 'aligned' (1 -> 10): output features " + part[0] + " to " + part[1]
                    + " do not begin and end at multiples of 4", e.getMessage());
        }
    }
}
