package io.bitlab.core.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.QuantizedActivations;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("fallback")
class CheckedKernelTest {

    private static final BitQuantConfig CONFIG = BitQuantConfig.defaults();
    private static final ScalarKernel ORACLE = new ScalarKernel();
    private static final TernaryMatrix MATRIX =
            TernaryMatrix.of(new byte[] {1, 0, -1, 1, 1, 1}, 2, 3, new float[] {2, 0.5f});
    private static final Activations X = new QuantizedActivations(new byte[] {10, 20, 30}, new float[] {0.5f}, 1, 3);
    private static final float[] PRODUCT = {-20, 15};

    private enum Step { PACK, PREPARE, MULTIPLY }

    /** The plain kernel, which from some call on lies or can't be linked. */
    private static final class Faulty implements TernaryKernel {
        private final PlainKernel kernel = new PlainKernel();
        private int calls;
        private int liesFrom = Integer.MAX_VALUE;
        private int unlinkableFrom = Integer.MAX_VALUE;
        private Step unlinkable;

        static Faulty lyingFrom(int call) {
            Faulty kernel = new Faulty();
            kernel.liesFrom = call;
            return kernel;
        }

        static Faulty unlinkable(Step step) {
            return unlinkable(step, 1);
        }

        static Faulty unlinkable(Step step, int call) {
            Faulty kernel = new Faulty();
            kernel.unlinkable = step;
            kernel.unlinkableFrom = call;
            return kernel;
        }

        private void link(Step step) {
            if (step == unlinkable && calls + 1 >= unlinkableFrom) {
                throw new NoSuchMethodError("ShortVector.selectFrom");
            }
        }

        @Override
        public String name() {
            return "faulty";
        }

        @Override
        public boolean isVectorized() {
            return true;
        }

        @Override
        public int priority() {
            return 77;
        }

        @Override
        public int rowAlignment() {
            return kernel.rowAlignment();
        }

        @Override
        public double nanosPerWeight() {
            return 0.25;
        }

        @Override
        public Optional<String> refusal(BitQuantConfig config, int out, int in) {
            return kernel.refusal(config, out, in);
        }

        @Override
        public PackedWeights pack(TernaryMatrix weights) {
            link(Step.PACK);
            return kernel.pack(weights);
        }

        @Override
        public PreparedActivations prepare(Activations activations) {
            link(Step.PREPARE);
            return kernel.prepare(activations);
        }

        @Override
        public void compute(
                PackedWeights weights, PreparedActivations x, float[] bias, float[] y, int fromOut, int toOut) {
            link(Step.MULTIPLY);
            kernel.compute(weights, x, bias, y, fromOut, toOut);
            if (++calls >= liesFrom) {
                y[fromOut] = Math.nextUp(y[fromOut]);
            }
        }
    }

    private static float[] multiply(TernaryKernel kernel, PackedWeights w) {
        float[] y = new float[2];
        kernel.multiply(w, kernel.prepare(X), null, y, 0, 2);
        return y;
    }

    private static void assertDisabled(CheckedKernel checked, String reason) {
        String refusal = checked.refusal(CONFIG, 2, 3).orElseThrow();
        assertTrue(refusal.startsWith("disabled in this process: " + reason), refusal);
        KernelSelection selection = new KernelSelection(
                new DiscoveredKernels(List.of(checked, ORACLE), List.of(), List.of()), null, false);
        assertSame(ORACLE, selection.choose(CONFIG, 2, 3));
        assertEquals("faulty: refused; " + refusal, selection.explain(CONFIG, 2, 3).getLast().toString());
    }

    // ---------------------------------------------------------------- a kernel that is right

    @ParameterizedTest
    @MethodSource("io.bitlab.core.kernel.KernelParity#sizes")
    void aRightKernelIsUntouched(KernelParity.Size size) {
        KernelParity.check(new CheckedKernel(new PlainKernel(), ORACLE), ActivationDtype.INT8, size);
    }

    @Test
    void itLooksLikeTheKernelItChecks() {
        CheckedKernel checked = new CheckedKernel(new Faulty(), ORACLE);
        assertEquals("faulty", checked.name());
        assertTrue(checked.isVectorized());
        assertEquals(77, checked.priority());
        assertEquals(8, checked.rowAlignment());
        assertEquals(0.25, checked.nanosPerWeight());
        assertEquals(Optional.empty(), checked.refusal(CONFIG, 2, 3));
        assertTrue(checked.refusal(CONFIG.withActivationDtype(ActivationDtype.FLOAT32), 2, 3).isPresent());
    }

    @Test
    void checksComeAtTheFirstCallAndAtThreeMore() {
        Faulty faulty = new Faulty();
        CheckedKernel checked = new CheckedKernel(faulty, ORACLE);
        PackedWeights w = checked.pack(MATRIX);
        int extra = 0;
        for (int call = 1; call <= 100_001; call++) {
            multiply(checked, w);
            extra += call == 1 || call == 1_000 || call == 10_000 || call == 100_000 ? 4 : 0;
            if (faulty.calls != call + extra) {
                assertEquals(call + extra, faulty.calls, "after call " + call);
            }
        }
        assertEquals(16, extra);
        assertEquals(Optional.empty(), checked.refusal(CONFIG, 2, 3));
    }

    // ---------------------------------------------------------------- kernels that are not

    @Test
    void aKernelThatLiesAtOnceIsNeverUsed() {
        CheckedKernel checked = new CheckedKernel(Faulty.lyingFrom(1), ORACLE);
        PackedWeights w = checked.pack(MATRIX);
        long bytes = w.bytes();
        assertArrayEquals(PRODUCT, multiply(checked, w));
        assertArrayEquals(PRODUCT, multiply(checked, w));
        assertDisabled(checked, "it computes wrong results: QuantizedActivations(5 x 83, 1 scale) times "
                + "TernaryMatrix(131 x 83");
        assertSame(checked, w.kernel());
        assertEquals(MATRIX, w.unpack());
        assertNotEquals(bytes, w.bytes(), "repacked for the oracle");
    }

    @Test
    void aKernelThatBeginsToLieAtCall5000IsFoundAtCall10000() {
        CheckedKernel checked = new CheckedKernel(Faulty.lyingFrom(5_000), ORACLE);
        PackedWeights w = checked.pack(MATRIX);
        PackedWeights unused = checked.pack(MATRIX);
        PreparedActivations before = checked.prepare(X);
        for (int call = 1; call < 9_999; call++) {
            multiply(checked, w);
        }
        assertArrayEquals(new float[] {Math.nextUp(-20f), 15}, multiply(checked, w), "call 9,999");
        assertFalse(checked.refusal(CONFIG, 2, 3).isPresent());
        float[] y = new float[2];
        checked.multiply(w, before, null, y, 0, 2);
        assertArrayEquals(PRODUCT, y, "call 10,000, with activations that were prepared before it");
        assertDisabled(checked, "it computes wrong results");
        assertArrayEquals(PRODUCT, multiply(checked, w));
        assertArrayEquals(PRODUCT, multiply(checked, unused), "packed before, used after");
        assertArrayEquals(PRODUCT, multiply(checked, checked.pack(MATRIX)), "packed after");
    }

    @ParameterizedTest
    @EnumSource(Step.class)
    void aKernelThatCannotBeLinkedIsReplaced(Step step) {
        CheckedKernel checked = new CheckedKernel(Faulty.unlinkable(step), ORACLE);
        PackedWeights w = checked.pack(MATRIX);
        assertArrayEquals(PRODUCT, multiply(checked, w));
        assertDisabled(checked, "it can't be linked (java.lang.NoSuchMethodError: ShortVector.selectFrom)");
    }

    @Test
    void aLinkageErrorInALaterCallRepeatsThatCall() {
        CheckedKernel checked = new CheckedKernel(Faulty.unlinkable(Step.MULTIPLY, 100), ORACLE);
        PackedWeights w = checked.pack(MATRIX);
        for (int call = 1; call <= 200; call++) {
            assertArrayEquals(PRODUCT, multiply(checked, w), "call " + call);
        }
        assertDisabled(checked, "it can't be linked");
    }

    @Test
    void operandsOfAnotherKernelAreRefused() {
        CheckedKernel checked = new CheckedKernel(new PlainKernel(), ORACLE);
        PackedWeights w = checked.pack(MATRIX);
        PreparedActivations x = checked.prepare(X);
        assertEquals("Kernel 'plain': the weights were packed by kernel 'scalar'; multiply with that, or "
                + "pack(weights.unpack()) with this one",
                assertThrows(IllegalArgumentException.class,
                        () -> checked.multiply(ORACLE.pack(MATRIX), x, null, new float[2], 0, 2)).getMessage());
        assertEquals("Kernel 'plain': the activations were prepared by kernel 'scalar'; prepare them with this one",
                assertThrows(IllegalArgumentException.class,
                        () -> checked.multiply(w, ORACLE.prepare(X), null, new float[2], 0, 2)).getMessage());
    }
}
