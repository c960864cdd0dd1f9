package io.bitlab.core.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loops of {@link VectorGemm}: some rows of C times one panel of B, or half of one.
 *
 * <p>One loop per method, one variable per accumulator, stored in the same method. Anything shorter (arrays of vectors,
 * methods that take vectors) makes C2 allocate vectors in every iteration.
 */
final class GemmTiles {

    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final int VL = F.length();

    private GemmTiles() {
    }

    /** Six rows of C times one panel. */
    static void tile6(float[] a, int aAt, int aRow, int aStep, float[] b, int bAt, int bStep, int k, float[] c,
            int cAt, int cRow) {
        FloatVector c00 = FloatVector.fromArray(F, c, cAt);
        FloatVector c01 = FloatVector.fromArray(F, c, cAt + VL);
        FloatVector c10 = FloatVector.fromArray(F, c, cAt + cRow);
        FloatVector c11 = FloatVector.fromArray(F, c, cAt + cRow + VL);
        FloatVector c20 = FloatVector.fromArray(F, c, cAt + 2 * cRow);
        FloatVector c21 = FloatVector.fromArray(F, c, cAt + 2 * cRow + VL);
        FloatVector c30 = FloatVector.fromArray(F, c, cAt + 3 * cRow);
        FloatVector c31 = FloatVector.fromArray(F, c, cAt + 3 * cRow + VL);
        FloatVector c40 = FloatVector.fromArray(F, c, cAt + 4 * cRow);
        FloatVector c41 = FloatVector.fromArray(F, c, cAt + 4 * cRow + VL);
        FloatVector c50 = FloatVector.fromArray(F, c, cAt + 5 * cRow);
        FloatVector c51 = FloatVector.fromArray(F, c, cAt + 5 * cRow + VL);
        int ai = aAt;
        int bi = bAt;
        for (int l = 0; l < k; l++, ai += aStep, bi += bStep) {
            FloatVector b0 = FloatVector.fromArray(F, b, bi);
            FloatVector b1 = FloatVector.fromArray(F, b, bi + VL);
            FloatVector a0 = FloatVector.broadcast(F, a[ai]);
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            FloatVector a1 = FloatVector.broadcast(F, a[ai + aRow]);
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            FloatVector a2 = FloatVector.broadcast(F, a[ai + 2 * aRow]);
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            FloatVector a3 = FloatVector.broadcast(F, a[ai + 3 * aRow]);
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            FloatVector a4 = FloatVector.broadcast(F, a[ai + 4 * aRow]);
            c40 = a4.fma(b0, c40);
            c41 = a4.fma(b1, c41);
            FloatVector a5 = FloatVector.broadcast(F, a[ai + 5 * aRow]);
            c50 = a5.fma(b0, c50);
            c51 = a5.fma(b1, c51);
        }
        c00.intoArray(c, cAt);
        c01.intoArray(c, cAt + VL);
        c10.intoArray(c, cAt + cRow);
        c11.intoArray(c, cAt + cRow + VL);
        c20.intoArray(c, cAt + 2 * cRow);
        c21.intoArray(c, cAt + 2 * cRow + VL);
        c30.intoArray(c, cAt + 3 * cRow);
        c31.intoArray(c, cAt + 3 * cRow + VL);
        c40.intoArray(c, cAt + 4 * cRow);
        c41.intoArray(c, cAt + 4 * cRow + VL);
        c50.intoArray(c, cAt + 5 * cRow);
        c51.intoArray(c, cAt + 5 * cRow + VL);
    }

    /** Four rows of C times one panel. */
    static void tile4(float[] a, int aAt, int aRow, int aStep, float[] b, int bAt, int bStep, int k, float[] c,
            int cAt, int cRow) {
        FloatVector c00 = FloatVector.fromArray(F, c, cAt);
        FloatVector c01 = FloatVector.fromArray(F, c, cAt + VL);
        FloatVector c10 = FloatVector.fromArray(F, c, cAt + cRow);
        FloatVector c11 = FloatVector.fromArray(F, c, cAt + cRow + VL);
        FloatVector c20 = FloatVector.fromArray(F, c, cAt + 2 * cRow);
        FloatVector c21 = FloatVector.fromArray(F, c, cAt + 2 * cRow + VL);
        FloatVector c30 = FloatVector.fromArray(F, c, cAt + 3 * cRow);
        FloatVector c31 = FloatVector.fromArray(F, c, cAt + 3 * cRow + VL);
        int ai = aAt;
        int bi = bAt;
        for (int l = 0; l < k; l++, ai += aStep, bi += bStep) {
            FloatVector b0 = FloatVector.fromArray(F, b, bi);
            FloatVector b1 = FloatVector.fromArray(F, b, bi + VL);
            FloatVector a0 = FloatVector.broadcast(F, a[ai]);
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            FloatVector a1 = FloatVector.broadcast(F, a[ai + aRow]);
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            FloatVector a2 = FloatVector.broadcast(F, a[ai + 2 * aRow]);
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            FloatVector a3 = FloatVector.broadcast(F, a[ai + 3 * aRow]);
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
        }
        c00.intoArray(c, cAt);
        c01.intoArray(c, cAt + VL);
        c10.intoArray(c, cAt + cRow);
        c11.intoArray(c, cAt + cRow + VL);
        c20.intoArray(c, cAt + 2 * cRow);
        c21.intoArray(c, cAt + 2 * cRow + VL);
        c30.intoArray(c, cAt + 3 * cRow);
        c31.intoArray(c, cAt + 3 * cRow + VL);
    }

    /** Two rows of C times one panel. */
    static void tile2(float[] a, int aAt, int aRow, int aStep, float[] b, int bAt, int bStep, int k, float[] c,
            int cAt, int cRow) {
        FloatVector c00 = FloatVector.fromArray(F, c, cAt);
        FloatVector c01 = FloatVector.fromArray(F, c, cAt + VL);
        FloatVector c10 = FloatVector.fromArray(F, c, cAt + cRow);
        FloatVector c11 = FloatVector.fromArray(F, c, cAt + cRow + VL);
        int ai = aAt;
        int bi = bAt;
        for (int l = 0; l < k; l++, ai += aStep, bi += bStep) {
            FloatVector b0 = FloatVector.fromArray(F, b, bi);
            FloatVector b1 = FloatVector.fromArray(F, b, bi + VL);
            FloatVector a0 = FloatVector.broadcast(F, a[ai]);
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            FloatVector a1 = FloatVector.broadcast(F, a[ai + aRow]);
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
        }
        c00.intoArray(c, cAt);
        c01.intoArray(c, cAt + VL);
        c10.intoArray(c, cAt + cRow);
        c11.intoArray(c, cAt + cRow + VL);
    }

    /** One row of C times one panel. */
    static void tile1(float[] a, int aAt, int aStep, float[] b, int bAt, int bStep, int k, float[] c,
            int cAt) {
        FloatVector c00 = FloatVector.fromArray(F, c, cAt);
        FloatVector c01 = FloatVector.fromArray(F, c, cAt + VL);
        int ai = aAt;
        int bi = bAt;
        for (int l = 0; l < k; l++, ai += aStep, bi += bStep) {
            FloatVector b0 = FloatVector.fromArray(F, b, bi);
            FloatVector b1 = FloatVector.fromArray(F, b, bi + VL);
            FloatVector a0 = FloatVector.broadcast(F, a[ai]);
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
        }
        c00.intoArray(c, cAt);
        c01.intoArray(c, cAt + VL);
    }

    /** Eight rows of C times half a panel. */
    static void narrow8(float[] a, int aAt, int aRow, int aStep, float[] b, int bAt, int bStep, int k, float[] c,
            int cAt, int cRow) {
        FloatVector c0 = FloatVector.fromArray(F, c, cAt);
        FloatVector c1 = FloatVector.fromArray(F, c, cAt + cRow);
        FloatVector c2 = FloatVector.fromArray(F, c, cAt + 2 * cRow);
        FloatVector c3 = FloatVector.fromArray(F, c, cAt + 3 * cRow);
        FloatVector c4 = FloatVector.fromArray(F, c, cAt + 4 * cRow);
        FloatVector c5 = FloatVector.fromArray(F, c, cAt + 5 * cRow);
        FloatVector c6 = FloatVector.fromArray(F, c, cAt + 6 * cRow);
        FloatVector c7 = FloatVector.fromArray(F, c, cAt + 7 * cRow);
        int ai = aAt;
        int bi = bAt;
        for (int l = 0; l < k; l++, ai += aStep, bi += bStep) {
            FloatVector b0 = FloatVector.fromArray(F, b, bi);
            c0 = FloatVector.broadcast(F, a[ai]).fma(b0, c0);
            c1 = FloatVector.broadcast(F, a[ai + aRow]).fma(b0, c1);
            c2 = FloatVector.broadcast(F, a[ai + 2 * aRow]).fma(b0, c2);
            c3 = FloatVector.broadcast(F, a[ai + 3 * aRow]).fma(b0, c3);
            c4 = FloatVector.broadcast(F, a[ai + 4 * aRow]).fma(b0, c4);
            c5 = FloatVector.broadcast(F, a[ai + 5 * aRow]).fma(b0, c5);
            c6 = FloatVector.broadcast(F, a[ai + 6 * aRow]).fma(b0, c6);
            c7 = FloatVector.broadcast(F, a[ai + 7 * aRow]).fma(b0, c7);
        }
        c0.intoArray(c, cAt);
        c1.intoArray(c, cAt + cRow);
        c2.intoArray(c, cAt + 2 * cRow);
        c3.intoArray(c, cAt + 3 * cRow);
        c4.intoArray(c, cAt + 4 * cRow);
        c5.intoArray(c, cAt + 5 * cRow);
        c6.intoArray(c, cAt + 6 * cRow);
        c7.intoArray(c, cAt + 7 * cRow);
    }

    /** One row of C times half a panel. */
    static void narrow1(float[] a, int aAt, int aStep, float[] b, int bAt, int bStep, int k, float[] c, int cAt) {
        FloatVector c0 = FloatVector.fromArray(F, c, cAt);
        int ai = aAt;
        int bi = bAt;
        for (int l = 0; l < k; l++, ai += aStep, bi += bStep) {
            c0 = FloatVector.broadcast(F, a[ai]).fma(FloatVector.fromArray(F, b, bi), c0);
        }
        c0.intoArray(c, cAt);
    }
}
