package io.bitlab.core.math;

import static io.bitlab.core.math.Fma.fma;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import java.util.Arrays;

/** {@link FloatMath} in plain Java: the reference that every other implementation must equal to the bit. */
final class ScalarFloatMath implements FloatMath {

    static final ScalarFloatMath INSTANCE = new ScalarFloatMath();

    private static final int PARTIALS = SumTree.PARTIALS;
    private static final double MULTIPLY_ADDS_PER_NANO = 8; // measured, C2 with 512-bit vectors
    private static final double MULTIPLY_ADDS_OF_A_CHAIN_PER_NANO = 0.8;
    private static final int WORTH_TRANSPOSING = 4; // rows

    private ScalarFloatMath() {
    }

    @Override
    public void gemm(int m, int n, int k, float[] a, int aOffset, float[] b, int bOffset, float[] c, int cOffset,
            boolean accumulate) {
        multiply(m, n, k, a, aOffset, k, 1, b, bOffset, c, cOffset, accumulate);
    }

    @Override
    public void gemmTransposedA(int m, int n, int k, float[] a, int aOffset, float[] b, int bOffset, float[] c,
            int cOffset, boolean accumulate) {
        multiply(m, n, k, a, aOffset, 1, m, b, bOffset, c, cOffset, accumulate);
    }

    @Override
    public void gemmTransposedB(int m, int n, int k, float[] a, int aOffset, float[] b, int bOffset, float[] c,
            int cOffset, boolean accumulate) {
        if (m < WORTH_TRANSPOSING) {
            chains(m, n, k, a, aOffset, b, bOffset, c, cOffset, accumulate);
            return;
        }
        float[] transposed = Workspace.floats(Math.multiplyExact(k, n));
        for (int j = 0; j < n; j++) {
            for (int l = 0; l < k; l++) {
                transposed[l * n + j] = b[bOffset + j * k + l];
            }
        }
        multiply(m, n, k, a, aOffset, k, 1, transposed, 0, c, cOffset, accumulate);
        Workspace.giveBack(transposed);
    }

    /** For few rows, such as a token's before an output head, transposing B takes longer than the product. */
    private static void chains(int m, int n, int k, float[] a, int aOffset, float[] b, int bOffset, float[] c,
            int cOffset, boolean accumulate) {
        long nanos = (long) (m * (double) n * k / MULTIPLY_ADDS_OF_A_CHAIN_PER_NANO);
        Parallel.current().forRange(n, 1, nanos, (from, to) -> {
            for (int i = 0; i < m; i++) {
                for (int j = from; j < to; j++) {
                    float sum = accumulate ? c[cOffset + i * n + j] : 0f;
                    for (int l = 0; l < k; l++) {
                        sum = fma(a[aOffset + i * k + l], b[bOffset + j * k + l], sum);
                    }
                    c[cOffset + i * n + j] = sum;
                }
            }
        });
    }

    @Override
    public void gemmPart(int m, int n, int k, float[] a, int aOffset, int aRow, int aColumn, float[] b, int bOffset,
            int bRow, float[] c, int cOffset, int cRow, boolean accumulate) {
        for (int i = 0; i < m; i++) {
            int row = cOffset + i * cRow;
            if (!accumulate) {
                Arrays.fill(c, row, row + n, 0f);
            }
            for (int l = 0; l < k; l++) {
                addProduct(a[aOffset + i * aRow + l * aColumn], b, bOffset + l * bRow, c, row, n);
            }
        }
    }

    /** One row of C at a time; the inner loop runs along the row, so that the JIT compiler can vectorise it. */
    private static void multiply(int m, int n, int k, float[] a, int aOffset, int aRowStride, int aColumnStride,
            float[] b, int bOffset, float[] c, int cOffset, boolean accumulate) {
        long nanos = (long) (m * (double) n * k / MULTIPLY_ADDS_PER_NANO);
        Parallel.current().forRange(m, 1, nanos, (from, to) -> {
            for (int i = from; i < to; i++) {
                int row = cOffset + i * n;
                if (!accumulate) {
                    Arrays.fill(c, row, row + n, 0f);
                }
                for (int l = 0; l < k; l++) {
                    addProduct(a[aOffset + i * aRowStride + l * aColumnStride], b, bOffset + l * n, c, row, n);
                }
            }
        });
    }

    /** {@code y += factor * x}. */
    private static void addProduct(float factor, float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int j = 0; j < length; j++) {
            y[yOffset + j] = fma(factor, x[xOffset + j], y[yOffset + j]);
        }
    }

    @Override
    public float sum(float[] x, int offset, int length) {
        float[] partials = new float[PARTIALS];
        for (int i = 0; i < length; i++) {
            partials[i % PARTIALS] += x[offset + i];
        }
        return SumTree.add(partials);
    }

    @Override
    public float dot(float[] a, int aOffset, float[] b, int bOffset, int length) {
        float[] partials = new float[PARTIALS];
        for (int i = 0; i < length; i++) {
            partials[i % PARTIALS] = fma(a[aOffset + i], b[bOffset + i], partials[i % PARTIALS]);
        }
        return SumTree.add(partials);
    }

    @Override
    public void apply(ActivationFunction f, float[] x, int xOffset, float[] y, int yOffset, int length) {
        for (int i = 0; i < length; i++) {
            y[yOffset + i] = f.apply(x[xOffset + i]);
        }
    }

    @Override
    public void applyGradient(ActivationFunction f, float[] g, int gOffset, float[] x, int xOffset, float[] y,
            int yOffset, float[] dx, int dxOffset, int length) {
        for (int i = 0; i < length; i++) {
            dx[dxOffset + i] += g[gOffset + i] * f.derivative(x[xOffset + i], y[yOffset + i]);
        }
    }

    @Override
    public void axpy(float factor, float[] x, int xOffset, float[] y, int yOffset, int length) {
        addProduct(factor, x, xOffset, y, yOffset, length);
    }
}
