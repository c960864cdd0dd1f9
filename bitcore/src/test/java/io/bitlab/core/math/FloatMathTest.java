package io.bitlab.core.math;

import static io.bitlab.core.math.Fma.fma;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Exact equality with definitions that are written element by element. */
@Tag("fallback")
@Tag("parity")
class FloatMathTest {

    private static final FloatMath MATH = FloatMath.get();
    private static final int[][] SIZES = { // m, n, k
        {1, 1, 1}, {1, 1, 37}, {1, 17, 5}, {17, 1, 5}, {3, 5, 1}, {2, 3, 4}, {7, 9, 11}, {16, 16, 16}, {5, 33, 65},
        {31, 64, 13}, {33, 31, 101}, {1, 70, 300}, {3, 32, 257}, {4, 40, 9}, {11, 64, 30}, {12, 65, 30}, {13, 31, 600},
        {131, 67, 259}, {600, 20, 300}}; // the last two are large enough for several threads

    /** How an orientation stores A[m,k] and B[k,n]. */
    private enum Orientation {
        PLAIN {
            @Override
            void run(int m, int n, int k, float[] a, int ao, float[] b, int bo, float[] c, int co, boolean accumulate) {
                MATH.gemm(m, n, k, a, ao, b, bo, c, co, accumulate);
            }
        },
        TRANSPOSED_A {
            @Override
            void run(int m, int n, int k, float[] a, int ao, float[] b, int bo, float[] c, int co, boolean accumulate) {
                MATH.gemmTransposedA(m, n, k, a, ao, b, bo, c, co, accumulate);
            }
        },
        TRANSPOSED_B {
            @Override
            void run(int m, int n, int k, float[] a, int ao, float[] b, int bo, float[] c, int co, boolean accumulate) {
                MATH.gemmTransposedB(m, n, k, a, ao, b, bo, c, co, accumulate);
            }
        };

        abstract void run(int m, int n, int k, float[] a, int ao, float[] b, int bo, float[] c, int co,
                boolean accumulate);

        int indexA(int i, int l, int m, int k) {
            return this == TRANSPOSED_A ? l * m + i : i * k + l;
        }

        int indexB(int l, int j, int n, int k) {
            return this == TRANSPOSED_B ? j * k + l : l * n + j;
        }
    }

    private static float[] random(long seed, int length) {
        CounterRandom random = new CounterRandom(seed, 1);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    @Test
    void theVectorFormRunsWhereItCan() {
        boolean expected = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent() && Fma.isHardware();
        assertEquals(expected ? "VectorFloatMath" : "ScalarFloatMath", MATH.getClass().getSimpleName());
    }

    @ParameterizedTest
    @EnumSource(Orientation.class)
    void gemmIsOneChainAnElement(Orientation orientation) {
        long seed = 1;
        for (int[] size : SIZES) {
            for (int offset : new int[] {0, 3}) {
                check(orientation, size[0], size[1], size[2], offset, false, seed);
                check(orientation, size[0], size[1], size[2], offset, true, seed++);
            }
        }
    }

    private static void check(Orientation orientation, int m, int n, int k, int offset, boolean accumulate, long seed) {
        int ao = offset;
        int bo = 2 * offset;
        int co = 3 * offset;
        float[] a = random(seed, ao + m * k + 2);
        float[] b = random(seed + 100, bo + k * n + 2);
        float[] c = random(seed + 200, co + m * n + 2); // what surrounds the matrix must stay as it is
        float[] expected = c.clone();
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                float acc = accumulate ? c[co + i * n + j] : 0f;
                for (int l = 0; l < k; l++) {
                    acc = fma(a[ao + orientation.indexA(i, l, m, k)], b[bo + orientation.indexB(l, j, n, k)], acc);
                }
                expected[co + i * n + j] = acc;
            }
        }
        float[] aBefore = a.clone();
        float[] bBefore = b.clone();
        orientation.run(m, n, k, a, ao, b, bo, c, co, accumulate);
        String label = orientation + ", m " + m + ", n " + n + ", k " + k + ", offset " + offset + ", accumulate "
                + accumulate + ", seed " + seed;
        assertArrayEquals(expected, c, label);
        assertArrayEquals(aBefore, a, label + ": A");
        assertArrayEquals(bBefore, b, label + ": B");
    }

    @ParameterizedTest
    @EnumSource(Orientation.class)
    void gemmOverwritesNaNUnlessItAccumulates(Orientation orientation) {
        float[] c = {Float.NaN};
        orientation.run(1, 1, 1, new float[] {2}, 0, new float[] {3}, 0, c, 0, false);
        assertEquals(6f, c[0]);
        float[] zeroTimesInfinity = {0};
        orientation.run(1, 1, 1, new float[] {0}, 0, new float[] {Float.POSITIVE_INFINITY}, 0, zeroTimesInfinity, 0,
                true);
        assertEquals(Float.NaN, zeroTimesInfinity[0], "no product is skipped");
    }

    @ParameterizedTest
    @EnumSource(Orientation.class)
    void gemmIsTheSameInAWorkspace(Orientation orientation) {
        Workspace workspace = new Workspace();
        for (int round = 0; round < 3; round++) {
            workspace.run(() -> check(orientation, 7, 9, 11, 3, true, 50));
            workspace.reset();
        }
    }

    /** The documented tree, written out: partial i takes elements i, i + 16, i + 32, ... */
    private static float tree(float... p) {
        float[] eight = new float[8];
        for (int i = 0; i < 8; i++) {
            eight[i] = p[i] + p[i + 8];
        }
        float[] four = {eight[0] + eight[4], eight[1] + eight[5], eight[2] + eight[6], eight[3] + eight[7]};
        float[] two = {four[0] + four[2], four[1] + four[3]};
        return two[0] + two[1];
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3})
    void sumsAndDotsAreTheDocumentedTree(int offset) {
        for (int length = 0; length <= 130; length++) {
            checkSumAndDot(offset, length);
        }
        for (int length : List.of(1000, 1009, 4096, 10_007)) {
            checkSumAndDot(offset, length);
        }
    }

    private static void checkSumAndDot(int offset, int length) {
        float[] a = random(length, offset + length + 1);
        float[] b = random(length + 10_000, 2 * offset + length + 1);
        float[] sums = new float[16];
        float[] dots = new float[16];
        for (int partial = 0; partial < 16; partial++) {
            for (int i = partial; i < length; i += 16) {
                sums[partial] += a[offset + i];
                dots[partial] = fma(a[offset + i], b[2 * offset + i], dots[partial]);
            }
        }
        String label = "length and seed " + length + ", offset " + offset;
        assertEquals(tree(sums), MATH.sum(a, offset, length), label);
        assertEquals(tree(dots), MATH.dot(a, offset, b, 2 * offset, length), label);
        float[] longerA = followedByNaN(a, offset + length);
        float[] longerB = followedByNaN(b, 2 * offset + length);
        assertEquals(tree(sums), MATH.sum(longerA, offset, length), label + ", more follows");
        assertEquals(tree(dots), MATH.dot(longerA, offset, longerB, 2 * offset, length), label + ", more follows");
        assertEquals(tree(dots), MATH.dot(longerA, offset, b, 2 * offset, length), label + ", more follows one");
    }

    private static float[] followedByNaN(float[] values, int length) {
        float[] longer = Arrays.copyOf(values, length + 40);
        Arrays.fill(longer, length, longer.length, Float.NaN);
        return longer;
    }

    @Test
    void theSignOfZeroIsThatOfTheTree() {
        float[] tiny = new float[40];
        Arrays.fill(tiny, 1e-30f);
        float[] negative = new float[40];
        Arrays.fill(negative, -1e-30f);
        for (int length = 16; length < 24; length++) { // the partial sums are -0, as +0 + -1e-60 is
            assertEquals(-0f, MATH.dot(tiny, 0, negative, 0, length), "length " + length);
        }
    }

    @Test
    void theTreeIsNotASimpleLoop() {
        float[] values = random(3, 1000);
        float loop = 0;
        for (float value : values) {
            loop += value;
        }
        float backwards = 0;
        for (int i = values.length - 1; i >= 0; i--) {
            backwards += values[i];
        }
        float sum = MATH.sum(values, 0, values.length);
        double exact = 0;
        for (float value : values) {
            exact += value;
        }
        assertEquals(exact, sum, 1e-4);
        assertTrue(sum != loop || sum != backwards,
                "otherwise the tests above could not tell an order from another");
    }

    @Test
    void sumsOfNothingAreZero() {
        assertEquals(0f, MATH.sum(new float[0], 0, 0));
        assertEquals(0f, MATH.dot(new float[0], 0, new float[0], 0, 0));
    }

    @Test
    void isOneSharedImplementation() {
        assertSame(FloatMath.get(), MATH);
        float[] c = new float[4];
        Arrays.fill(c, 1f);
        MATH.gemm(2, 2, 0, new float[0], 0, new float[0], 0, c, 0, false);
        assertArrayEquals(new float[4], c, "an empty chain is 0");
    }

    /** Parts of larger matrices, A both ways round; what lies between the rows of C is left alone. */
    @Test
    void gemmOfPartsIsOneChainAnElement() {
        for (int[] size : SIZES) {
            int m = size[0];
            int n = size[1];
            int k = size[2];
            int bRow = n + 3;
            int cRow = n + 5;
            float[] a = random(1, m * k + 2);
            float[] b = random(2, k * bRow + 1);
            float[] before = random(3, m * cRow + 4);
            for (boolean transposed : new boolean[] {false, true}) {
                for (boolean accumulate : new boolean[] {false, true}) {
                    int aRow = transposed ? 1 : k;
                    int aColumn = transposed ? m : 1;
                    float[] expected = before.clone();
                    for (int i = 0; i < m; i++) {
                        for (int j = 0; j < n; j++) {
                            float sum = accumulate ? before[4 + i * cRow + j] : 0f;
                            for (int l = 0; l < k; l++) {
                                sum = fma(a[2 + i * aRow + l * aColumn], b[1 + l * bRow + j], sum);
                            }
                            expected[4 + i * cRow + j] = sum;
                        }
                    }
                    float[] c = before.clone();
                    MATH.gemmPart(m, n, k, a, 2, aRow, aColumn, b, 1, bRow, c, 4, cRow, accumulate);
                    assertArrayEquals(expected, c, Arrays.toString(size) + (transposed ? " transposed" : "")
                            + (accumulate ? " added" : ""));
                }
            }
        }
    }

    @Test
    void theMaximumIsFoundWhereverItStands() {
        for (int length = 1; length < 70; length++) {
            for (int at = 0; at < length; at++) {
                float[] x = random(length, length + 3);
                x[3 + at] = 100f;
                assertEquals(100f, MATH.max(x, 3, length), length + ", " + at);
                x[3 + at] = Float.NaN;
                assertEquals(Float.NaN, MATH.max(x, 3, length), length + ", NaN at " + at);
            }
        }
    }

    @Test
    void halvesWidenExactly() {
        short[] halves = new short[1 << 16];
        for (int i = 0; i < halves.length; i++) {
            halves[i] = (short) i;
        }
        for (int length : new int[] {0, 1, 3, 15, 16, 17, 100, halves.length - 5}) {
            float[] wide = new float[length + 2];
            MATH.widen(halves, 5, wide, 1, length);
            for (int i = 0; i < length; i++) {
                assertEquals((i + 5) << 16, Float.floatToRawIntBits(wide[1 + i]) & 0xFFFF0000, "half " + i);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 8, 15, 16, 17, 32, 48, 128})
    void int8IsWidenedByTheScalesOfRowsOrColumns(int columns) {
        int rows = 5;
        byte[] x = new byte[3 + rows * columns]; // up to the last byte
        new Random(columns).nextBytes(x);
        float[] scales = Tensor.randn(columns, 2 + Math.max(rows, columns)).toArray();
        for (boolean ofRows : new boolean[] {false, true}) {
            float[] y = new float[rows * columns + 2];
            MATH.widen(x, 3, scales, 2, ofRows, rows, columns, y, 1);
            for (int i = 0; i < rows * columns; i++) {
                assertEquals(x[3 + i] * scales[2 + (ofRows ? i / columns : i % columns)], y[1 + i], "element " + i);
            }
            assertEquals(0f, y[0] + y[rows * columns + 1]);
        }
    }
}
