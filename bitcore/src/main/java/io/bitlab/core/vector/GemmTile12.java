package io.bitlab.core.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loop of {@link VectorGemm} for vectors of 512 bits, of which there are 32 registers: twelve rows of C times
 * one panel of B. It needs fewer loads and checks for a multiply-add than {@link GemmTiles#tile6}.
 */
final class GemmTile12 {

    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final int VL = F.length();

    /** Whether 24 sums, and what they are computed from, fit into the registers. */
    static final boolean FITS = VL >= 16;

    private GemmTile12() {
    }

    /** Twelve rows of C times one panel. */
    static void tile12(float[] a, int aAt, int aRow, int aStep, float[] b, int bAt, int bStep, int k, float[] c,
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
        FloatVector c60 = FloatVector.fromArray(F, c, cAt + 6 * cRow);
        FloatVector c61 = FloatVector.fromArray(F, c, cAt + 6 * cRow + VL);
        FloatVector c70 = FloatVector.fromArray(F, c, cAt + 7 * cRow);
        FloatVector c71 = FloatVector.fromArray(F, c, cAt + 7 * cRow + VL);
        FloatVector c80 = FloatVector.fromArray(F, c, cAt + 8 * cRow);
        FloatVector c81 = FloatVector.fromArray(F, c, cAt + 8 * cRow + VL);
        FloatVector c90 = FloatVector.fromArray(F, c, cAt + 9 * cRow);
        FloatVector c91 = FloatVector.fromArray(F, c, cAt + 9 * cRow + VL);
        FloatVector ca0 = FloatVector.fromArray(F, c, cAt + 10 * cRow);
        FloatVector ca1 = FloatVector.fromArray(F, c, cAt + 10 * cRow + VL);
        FloatVector cb0 = FloatVector.fromArray(F, c, cAt + 11 * cRow);
        FloatVector cb1 = FloatVector.fromArray(F, c, cAt + 11 * cRow + VL);
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
            FloatVector a6 = FloatVector.broadcast(F, a[ai + 6 * aRow]);
            c60 = a6.fma(b0, c60);
            c61 = a6.fma(b1, c61);
            FloatVector a7 = FloatVector.broadcast(F, a[ai + 7 * aRow]);
            c70 = a7.fma(b0, c70);
            c71 = a7.fma(b1, c71);
            FloatVector a8 = FloatVector.broadcast(F, a[ai + 8 * aRow]);
            c80 = a8.fma(b0, c80);
            c81 = a8.fma(b1, c81);
            FloatVector a9 = FloatVector.broadcast(F, a[ai + 9 * aRow]);
            c90 = a9.fma(b0, c90);
            c91 = a9.fma(b1, c91);
            FloatVector aa = FloatVector.broadcast(F, a[ai + 10 * aRow]);
            ca0 = aa.fma(b0, ca0);
            ca1 = aa.fma(b1, ca1);
            FloatVector ab = FloatVector.broadcast(F, a[ai + 11 * aRow]);
            cb0 = ab.fma(b0, cb0);
            cb1 = ab.fma(b1, cb1);
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
        c60.intoArray(c, cAt + 6 * cRow);
        c61.intoArray(c, cAt + 6 * cRow + VL);
        c70.intoArray(c, cAt + 7 * cRow);
        c71.intoArray(c, cAt + 7 * cRow + VL);
        c80.intoArray(c, cAt + 8 * cRow);
        c81.intoArray(c, cAt + 8 * cRow + VL);
        c90.intoArray(c, cAt + 9 * cRow);
        c91.intoArray(c, cAt + 9 * cRow + VL);
        ca0.intoArray(c, cAt + 10 * cRow);
        ca1.intoArray(c, cAt + 10 * cRow + VL);
        cb0.intoArray(c, cAt + 11 * cRow);
        cb1.intoArray(c, cAt + 11 * cRow + VL);
    }
}
