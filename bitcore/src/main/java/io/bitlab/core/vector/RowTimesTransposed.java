package io.bitlab.core.vector;

import io.bitlab.core.parallel.Parallel;

/**
 * A row times a transposed matrix, {@code c[j] = sum_l(a[l] * B[j, l])}: the forward pass of a float layer for one
 * sample.
 *
 * <p>Each result is one chain of multiply-adds, so the lanes of a vector would need elements of different rows of B,
 * which are far apart in memory. Eight parallel chains of single floats already read B as fast as memory delivers it.
 */
final class RowTimesTransposed {

    private static final int CHAINS = 8;
    private static final double MULTIPLY_ADDS_PER_NANO = 5;

    private RowTimesTransposed() {
    }

    static void multiply(int m, int n, int k, float[] a, int aOffset, float[] b, int bOffset, float[] c, int cOffset,
            boolean accumulate) {
        long nanos = (long) ((double) m * n * k / MULTIPLY_ADDS_PER_NANO);
        Parallel.current().forRange(n, CHAINS, nanos, (from, to) -> {
            for (int i = 0; i < m; i++) {
                int j = from;
                for (; j + CHAINS <= to; j += CHAINS) {
                    eight(k, a, aOffset + i * k, b, bOffset + j * k, c, cOffset + i * n + j, accumulate);
                }
                for (; j < to; j++) {
                    one(k, a, aOffset + i * k, b, bOffset + j * k, c, cOffset + i * n + j, accumulate);
                }
            }
        });
    }

    private static void eight(int k, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt, boolean accumulate) {
        float s0 = accumulate ? c[cAt] : 0f;
        float s1 = accumulate ? c[cAt + 1] : 0f;
        float s2 = accumulate ? c[cAt + 2] : 0f;
        float s3 = accumulate ? c[cAt + 3] : 0f;
        float s4 = accumulate ? c[cAt + 4] : 0f;
        float s5 = accumulate ? c[cAt + 5] : 0f;
        float s6 = accumulate ? c[cAt + 6] : 0f;
        float s7 = accumulate ? c[cAt + 7] : 0f;
        for (int l = 0; l < k; l++) {
            float x = a[aAt + l];
            int bl = bAt + l;
            s0 = Math.fma(x, b[bl], s0);
            s1 = Math.fma(x, b[bl + k], s1);
            s2 = Math.fma(x, b[bl + 2 * k], s2);
            s3 = Math.fma(x, b[bl + 3 * k], s3);
            s4 = Math.fma(x, b[bl + 4 * k], s4);
            s5 = Math.fma(x, b[bl + 5 * k], s5);
            s6 = Math.fma(x, b[bl + 6 * k], s6);
            s7 = Math.fma(x, b[bl + 7 * k], s7);
        }
        c[cAt] = s0;
        c[cAt + 1] = s1;
        c[cAt + 2] = s2;
        c[cAt + 3] = s3;
        c[cAt + 4] = s4;
        c[cAt + 5] = s5;
        c[cAt + 6] = s6;
        c[cAt + 7] = s7;
    }

    private static void one(int k, float[] a, int aAt, float[] b, int bAt, float[] c, int cAt, boolean accumulate) {
        float s = accumulate ? c[cAt] : 0f;
        for (int l = 0; l < k; l++) {
            s = Math.fma(a[aAt + l], b[bAt + l], s);
        }
        c[cAt] = s;
    }
}
