package io.bitlab.core.math;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.function.DoubleUnaryOperator;
import org.apache.commons.math3.special.Erf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The bounds are those of the Javadoc of {@link Elementary}; a sweep over every float found errors just below. */
class ElementaryTest {

    private static final int STRIDE = 1009; // prime, so that no bit of the mantissa stays at one value

    private enum Function {
        EXP(Elementary::exp, StrictMath::exp, 1.02),
        LOG(Elementary::log, StrictMath::log, 0.83),
        TANH(Elementary::tanh, StrictMath::tanh, 1.34),
        SIGMOID(Elementary::sigmoid, x -> x >= 0 ? 1 / (1 + StrictMath.exp(-x))
                : StrictMath.exp(x) / (1 + StrictMath.exp(x)), 2.41),
        ERF(Elementary::erf, x -> x == 0 ? x : Erf.erf(x), 1.18);

        private final FloatFunction function;
        private final DoubleUnaryOperator exact;
        private final double bound;

        Function(FloatFunction function, DoubleUnaryOperator exact, double bound) {
            this.function = function;
            this.exact = exact;
            this.bound = bound;
        }

        /** Error in units in the last place of the exact result. */
        double error(float x) {
            float actual = function.of(x);
            double expected = exact.applyAsDouble(x);
            float rounded = (float) expected;
            if (Float.isNaN(rounded) || Float.isInfinite(rounded) || rounded == 0f) {
                return Float.compare(actual, rounded) == 0 ? 0 : Double.POSITIVE_INFINITY;
            }
            return Math.abs(actual - expected) / Math.ulp(rounded);
        }
    }

    private interface FloatFunction {
        float of(float x);
    }

    @ParameterizedTest
    @EnumSource(Function.class)
    void isWithinItsBoundOverTheWholeRange(Function function) {
        for (long bits = Integer.MIN_VALUE; bits <= Integer.MAX_VALUE; bits += STRIDE) {
            check(function, Float.intBitsToFloat((int) bits));
        }
    }

    @ParameterizedTest
    @EnumSource(Function.class)
    void isWithinItsBoundWhereItMatters(Function function) {
        for (int i = -1_100_000; i <= 1_100_000; i++) {
            check(function, i * 1e-4f);
            check(function, 1 + i * 0x1p-23f);
        }
        for (float edge : new float[] {-103.97f, -87.33f, 88.72f, 0.625f, -0.625f, 9.01f, 16.6f, 0.70710678f, 0x1p-126f,
            0x1p-149f, Float.MAX_VALUE}) {
            for (int i = -1000; i <= 1000; i++) {
                check(function, Float.intBitsToFloat(Float.floatToRawIntBits(edge) + i));
            }
        }
    }

    private static void check(Function function, float x) {
        double error = function.error(x);
        if (!(error <= function.bound)) {
            throw new AssertionError(function + "(" + x + ") = " + function.function.of(x) + ", expected "
                    + function.exact.applyAsDouble(x) + ": off by " + error + " ulp, allowed " + function.bound);
        }
    }

    private static void assertBits(float expected, float actual) {
        assertEquals(Float.floatToIntBits(expected), Float.floatToIntBits(actual), expected + " and " + actual);
    }

    @Test
    void specialValues() {
        float infinity = Float.POSITIVE_INFINITY;
        for (Function function : Function.values()) {
            assertBits(Float.NaN, function.function.of(Float.NaN));
        }
        assertBits(1f, Elementary.exp(0f));
        assertBits(1f, Elementary.exp(-0f));
        assertBits(infinity, Elementary.exp(infinity));
        assertBits(0f, Elementary.exp(-infinity));
        assertBits(0f, Elementary.log(1f));
        assertBits(-infinity, Elementary.log(0f));
        assertBits(-infinity, Elementary.log(-0f));
        assertBits(infinity, Elementary.log(infinity));
        assertBits(Float.NaN, Elementary.log(-Float.MIN_VALUE));
        assertBits(Float.NaN, Elementary.log(-infinity));
        assertBits(0f, Elementary.tanh(0f));
        assertBits(-0f, Elementary.tanh(-0f));
        assertBits(1f, Elementary.tanh(infinity));
        assertBits(-1f, Elementary.tanh(-infinity));
        assertBits(0.5f, Elementary.sigmoid(0f));
        assertBits(0.5f, Elementary.sigmoid(-0f));
        assertBits(1f, Elementary.sigmoid(infinity));
        assertBits(0f, Elementary.sigmoid(-infinity));
        assertBits(0f, Elementary.erf(0f));
        assertBits(-0f, Elementary.erf(-0f));
        assertBits(1f, Elementary.erf(infinity));
        assertBits(-1f, Elementary.erf(-infinity));
    }

    @Test
    void saturatesAndStaysThere() {
        for (int bits = Float.floatToRawIntBits(110f); bits < 0x7f800000; bits += STRIDE) {
            float x = Float.intBitsToFloat(bits);
            assertEquals(Float.POSITIVE_INFINITY, Elementary.exp(x));
            assertEquals(0f, Elementary.exp(-x));
            assertEquals(1f, Elementary.tanh(x));
            assertEquals(-1f, Elementary.tanh(-x));
            assertEquals(1f, Elementary.erf(x));
            assertEquals(-1f, Elementary.erf(-x));
            assertEquals(1f, Elementary.sigmoid(x));
            assertEquals(0f, Elementary.sigmoid(-x));
        }
        assertEquals(Float.MAX_VALUE, Elementary.exp(88.72283f), 1e34f);
        assertEquals(Float.POSITIVE_INFINITY, Elementary.exp(88.72284f));
        assertEquals(Float.MIN_VALUE, Elementary.exp(-103.97f));
        assertEquals(0f, Elementary.exp(-103.98f));
    }

    @Test
    void neverLeavesItsRange() {
        for (long bits = Integer.MIN_VALUE; bits <= Integer.MAX_VALUE; bits += 7 * STRIDE) {
            float x = Float.intBitsToFloat((int) bits);
            if (!Float.isNaN(x)) {
                assertTrue(Elementary.exp(x) >= 0f, () -> "exp " + x);
                assertTrue(Math.abs(Elementary.tanh(x)) <= 1f, () -> "tanh " + x);
                assertTrue(Math.abs(Elementary.erf(x)) <= 1f, () -> "erf " + x);
                assertTrue(Elementary.sigmoid(x) >= 0f && Elementary.sigmoid(x) <= 1f, () -> "sigmoid " + x);
            }
        }
    }

    @Test
    void tanhAndErfAreOdd() {
        for (int i = 0; i < 100_000; i++) {
            float x = i * 1e-4f;
            assertBits(-Elementary.tanh(x), Elementary.tanh(-x));
            assertBits(-Elementary.erf(x), Elementary.erf(-x));
        }
    }

    /** A changed result is a broken promise: models must give the same bits with every release. */
    @Test
    void theBitsNeverChange() {
        assumeTrue(Fma.isHardware(), "without FMA the bits are others");
        assertEquals(331480642, bitsOf(Function.EXP));
        assertEquals(-1650272059, bitsOf(Function.LOG));
        assertEquals(-248609112, bitsOf(Function.TANH));
        assertEquals(-533180590, bitsOf(Function.SIGMOID));
        assertEquals(494948868, bitsOf(Function.ERF));
    }

    private static int bitsOf(Function function) {
        int hash = 0;
        for (int i = 0; i < 200_000; i++) {
            float x = function == Function.LOG ? i * 0x1p-12f : (i - 100_000) * 0x1p-11f;
            hash = 31 * hash + Float.floatToRawIntBits(function.function.of(x));
        }
        return hash;
    }
}
