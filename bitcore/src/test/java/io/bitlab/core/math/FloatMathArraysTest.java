package io.bitlab.core.math;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Functions, norms and rotations of arrays: the same bits as definitions that are written element by element. */
@Tag("fallback")
@Tag("parity")
class FloatMathArraysTest {

    private static final FloatMath MATH = FloatMath.get();

    private static final float[] EDGES = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0f, -0f,
        Float.MIN_VALUE, -Float.MIN_VALUE, Float.MIN_NORMAL, -1e-40f, Float.MAX_VALUE, -Float.MAX_VALUE, 1f, -1f,
        0.625f,
        -0.625f, Math.nextDown(0.625f), 0.875f, -0.875f, Math.nextDown(0.875f), 4f, -4f, 88.7f, 88.8f, 89.5f, 90f,
        -87.4f, -103.9f, -104f, -105f, -110f, 1e30f, -1e30f};

    static IntStream lengths() {
        return IntStream.concat(IntStream.rangeClosed(1, 70), IntStream.of(127, 1000, 4099));
    }

    /** Numbers of every size, with an edge here and there. */
    private static float[] values(long seed, int length) {
        CounterRandom random = new CounterRandom(seed, 1);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            float size = 0.01f * (1 << (int) (random.nextFloat() * 14));
            values[i] = random.nextFloat() < 0.1f ? EDGES[(int) (random.nextFloat() * EDGES.length)]
                    : (float) random.nextGaussian() * size;
        }
        return values;
    }

    private static float[] ordinary(long seed, int length) {
        CounterRandom random = new CounterRandom(seed, 2);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    /** Arrays' equality of floats is that of their bits, but for kinds of NaN. */
    private static void assertSameBits(float[] expected, float[] actual, String what) {
        assertArrayEquals(expected, actual, what);
    }

    @ParameterizedTest
    @EnumSource
    void activationFunctions(ActivationFunction f) {
        lengths().forEach(length -> {
            float[] x = values(length, length + 3);
            float[] y = new float[length + 2];
            Arrays.fill(y, 7f);
            float[] expected = y.clone();
            for (int i = 0; i < length; i++) {
                expected[1 + i] = f.apply(x[2 + i]);
            }
            MATH.apply(f, x, 2, y, 1, length);
            assertSameBits(expected, y, f + ", length " + length);
            float[] same = Arrays.copyOfRange(x, 1, length + 3);
            MATH.apply(f, same, 1, same, 1, length);
            assertSameBits(Arrays.copyOfRange(expected, 1, length + 1), Arrays.copyOfRange(same, 1, length + 1),
                    f + " in place, length " + length);

            float[] g = ordinary(length, length);
            float[] dx = ordinary(-length, length + 3);
            float[] expectedGradient = dx.clone();
            for (int i = 0; i < length; i++) {
                expectedGradient[3 + i] += g[i] * f.derivative(x[2 + i], y[1 + i]);
            }
            MATH.applyGradient(f, g, 0, x, 2, y, 1, dx, 3, length);
            assertSameBits(expectedGradient, dx, "gradient of " + f + ", length " + length);
        });
    }

    @Test
    void activationFunctionsOfEveryEdge() {
        for (ActivationFunction f : ActivationFunction.values()) {
            float[] y = new float[EDGES.length];
            MATH.apply(f, EDGES, 0, y, 0, EDGES.length);
            for (int i = 0; i < EDGES.length; i++) {
                assertEquals(f.apply(EDGES[i]), y[i], f + " of " + EDGES[i]);
            }
        }
    }

    /** The derivative is the limit of difference quotients; checked where f is smooth. */
    @ParameterizedTest
    @EnumSource
    void derivatives(ActivationFunction f) {
        for (float x : new float[] {-3.1f, -1.2f, -0.4f, 0.3f, 0.9f, 2.2f}) {
            double h = 1e-2;
            double difference = (f.apply((float) (x + h)) - f.apply((float) (x - h)))
                    / ((float) (x + h) - (float) (x - h));
            assertEquals(difference, f.derivative(x, f.apply(x)), 2e-3 * Math.max(1, Math.abs(difference)),
                    f + " at " + x);
        }
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void axpy(int length) {
        float[] x = values(1, length + 1);
        float[] y = values(2, length + 2);
        float[] expected = y.clone();
        for (int i = 0; i < length; i++) {
            expected[2 + i] = Fma.fma(-0.7f, x[1 + i], expected[2 + i]);
        }
        MATH.axpy(-0.7f, x, 1, y, 2, length);
        assertSameBits(expected, y, "length " + length);
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void softmax(int length) {
        float[] x = ordinary(3, length + 1);
        float[] y = new float[length];
        MATH.softmax(x, 1, y, 0, length);
        double[] exact = new double[length];
        double sum = 0;
        for (int i = 0; i < length; i++) {
            exact[i] = StrictMath.exp(x[1 + i]);
            sum += exact[i];
        }
        float[] expected = new float[length];
        float max = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < length; i++) {
            max = Math.max(max, x[1 + i]);
        }
        for (int i = 0; i < length; i++) {
            expected[i] = Elementary.exp(x[1 + i] - max);
        }
        float floatSum = sumInOrder(expected);
        for (int i = 0; i < length; i++) {
            expected[i] /= floatSum;
            assertEquals(exact[i] / sum, y[i], 1e-6 * exact[i] / sum);
        }
        assertSameBits(expected, y, "length " + length);
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void norms(int length) {
        float[] x = ordinary(5, length + 2);
        float[] w = ordinary(6, length);
        float[] y = new float[length];
        float inverse = MATH.rmsNorm(x, 2, w, 1e-5f, y, 0, length);
        float[] squares = new float[16];
        for (int i = 0; i < length; i++) {
            squares[i % 16] = Fma.fma(x[2 + i], x[2 + i], squares[i % 16]);
        }
        assertEquals(1f / (float) Math.sqrt(SumTree.add(squares) / length + 1e-5f), inverse);
        for (int i = 0; i < length; i++) {
            assertEquals(x[2 + i] * inverse * w[i], y[i]);
        }

        float[] z = new float[length];
        MATH.standardize(x, 2, 1e-5f, z, 0, length);
        double mean = IntStream.range(0, length).mapToDouble(i -> x[2 + i]).average().orElseThrow();
        double variance = IntStream.range(0, length).mapToDouble(i -> Math.pow(x[2 + i] - mean, 2)).average()
                .orElseThrow();
        for (int i = 0; i < length; i++) {
            assertEquals((x[2 + i] - mean) / Math.sqrt(variance + 1e-5), z[i], 1e-4);
        }
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void products(int length) {
        float[] a = values(7, length + 1);
        float[] b = values(8, length + 2);
        float[] y = values(9, length + 3);
        float[] expected = y.clone();
        for (int i = 0; i < length; i++) {
            expected[3 + i] += a[1 + i] * b[2 + i] * 0.7f;
        }
        MATH.addProducts(0.7f, a, 1, b, 2, y, 3, length);
        assertSameBits(expected, y, "length " + length);
    }

    @ParameterizedTest
    @MethodSource("lengths")
    void keepsTheLargerOfTwo(int length) {
        float[] special = {-0f, 0f, Float.NaN, Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, 1f, -1f};
        float[] x = values(10, length + 1);
        float[] y = values(11, length + 2);
        for (int i = 0; i < length; i++) {
            x[1 + i] = i % 3 == 0 ? special[i % 7] : x[1 + i];
            y[2 + i] = i % 2 == 0 ? special[i / 7 % 7] : y[2 + i];
        }
        float[] expected = y.clone();
        for (int i = 0; i < length; i++) {
            expected[2 + i] = Math.max(x[1 + i], y[2 + i]);
        }
        MATH.max(x, 1, y, 2, length);
        assertSameBits(expected, y, "length " + length);
    }

    private static float sumInOrder(float[] values) {
        float[] partials = new float[16];
        for (int i = 0; i < values.length; i++) {
            partials[i % 16] += values[i];
        }
        return SumTree.add(partials);
    }

    @Test
    void rotationsTurnPairsByTheirAngles() {
        for (int pairs : new int[] {1, 3, 8, 16, 37, 64}) {
            for (boolean adjacent : new boolean[] {true, false}) {
                float[] x = ordinary(pairs, 2 * pairs + 1);
                float[] before = x.clone();
                float[] cos = new float[pairs + 1];
                float[] sin = new float[pairs + 1];
                for (int i = 0; i < pairs; i++) {
                    cos[1 + i] = (float) StrictMath.cos(0.3 * i - 1);
                    sin[1 + i] = (float) StrictMath.sin(0.3 * i - 1);
                }
                MATH.rotate(x, 1, cos, sin, 1, pairs, adjacent);
                assertEquals(before[0], x[0]);
                for (int i = 0; i < pairs; i++) {
                    int first = 1 + (adjacent ? 2 * i : i);
                    int second = first + (adjacent ? 1 : pairs);
                    float a = before[first];
                    float b = before[second];
                    assertEquals(a * cos[1 + i] - b * sin[1 + i], x[first]);
                    assertEquals(b * cos[1 + i] + a * sin[1 + i], x[second]);
                    assertEquals(a * a + b * b, x[first] * x[first] + x[second] * x[second], 1e-5);
                }
                for (int i = 0; i < sin.length; i++) {
                    sin[i] = -sin[i];
                }
                MATH.rotate(x, 1, cos, sin, 1, pairs, adjacent);
                for (int i = 0; i < x.length; i++) {
                    assertEquals(before[i], x[i], 1e-6, "turned back");
                }
            }
        }
    }

    @Test
    void rowsAreAddedInOrder() {
        float[] g = {1e8f, 1f, 1f, 2f, -1e8f, 3f};
        float[] sums = {0.5f, 0.25f};
        MATH.addRowsTo(g, sums, 2);
        assertArrayEquals(new float[] {((0.5f + 1e8f) + 1f) + -1e8f, 6.25f}, sums);
        MATH.addToRows(new float[] {1f, 2f}, g, 2);
        assertArrayEquals(new float[] {1e8f + 1f, 3f, 2f, 4f, -1e8f + 1f, 5f}, g);
        assertTrue(Float.isNaN(MATH.max(new float[] {1f, Float.NaN, 3f}, 0, 3)));
        assertEquals(3f, MATH.max(new float[] {9f, 1f, 3f, 9f}, 1, 2));
    }
}
