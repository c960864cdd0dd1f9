package io.bitlab.core.kernel.vector;

import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.S2F;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loops of {@link MultiplyKernel}: vectors of rows of weights times 1 or 4 rows of activations. What they
 * compute is said at {@link LaneKernel#add}; {@code p} is where the first factors are.
 *
 * <p>For the reasons given at {@link LookupTiles}, each flushes what it carries in its own body.
 */
final class MultiplyTiles {

    private static final VectorSpecies<Short> S = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;

    /** Width of a vector. */
    static final int BITS = S.vectorBitSize();

    /** Rows in a vector. */
    static final int LANES = S.length();

    private static final int HALF = LANES / 2;

    private MultiplyTiles() {
    }

    static void oneByOne(short[] w, int at, short[] f, int p, int groups, short start, float[] sums, int o) {
        ShortVector a = ShortVector.broadcast(S, start);
        for (int g = 0; g < groups; g++) {
            ShortVector v = ShortVector.fromArray(S, w, at + g * LANES);
            int k = p + g * 8;
            a = a.add(v.mul(f[k]))
                    .add(v.lanewise(LSHR, 2).mul(f[k + 1]))
                    .add(v.lanewise(LSHR, 4).mul(f[k + 2]))
                    .add(v.lanewise(LSHR, 6).mul(f[k + 3]))
                    .add(v.lanewise(LSHR, 8).mul(f[k + 4]))
                    .add(v.lanewise(LSHR, 10).mul(f[k + 5]))
                    .add(v.lanewise(LSHR, 12).mul(f[k + 6]))
                    .add(v.lanewise(LSHR, 14).mul(f[k + 7]));
        }
        FloatVector.fromArray(F, sums, o).add(a.convertShape(S2F, F, 0)).intoArray(sums, o);
        FloatVector.fromArray(F, sums, o + HALF).add(a.convertShape(S2F, F, 1)).intoArray(sums, o + HALF);
    }

    static void twoByOne(short[] w, int at, short[] f, int p, int groups, short start, float[] sums, int o) {
        ShortVector a0 = ShortVector.broadcast(S, start);
        ShortVector a1 = ShortVector.broadcast(S, start);
        for (int g = 0; g < groups; g++) {
            int i = at + g * 2 * LANES;
            int k = p + g * 8;
            ShortVector w0 = ShortVector.fromArray(S, w, i);
            ShortVector w1 = ShortVector.fromArray(S, w, i + LANES);
            ShortVector f0 = ShortVector.broadcast(S, f[k]);
            a0 = a0.add(w0.mul(f0));
            a1 = a1.add(w1.mul(f0));
            ShortVector f1 = ShortVector.broadcast(S, f[k + 1]);
            a0 = a0.add(w0.lanewise(LSHR, 2).mul(f1));
            a1 = a1.add(w1.lanewise(LSHR, 2).mul(f1));
            ShortVector f2 = ShortVector.broadcast(S, f[k + 2]);
            a0 = a0.add(w0.lanewise(LSHR, 4).mul(f2));
            a1 = a1.add(w1.lanewise(LSHR, 4).mul(f2));
            ShortVector f3 = ShortVector.broadcast(S, f[k + 3]);
            a0 = a0.add(w0.lanewise(LSHR, 6).mul(f3));
            a1 = a1.add(w1.lanewise(LSHR, 6).mul(f3));
            ShortVector f4 = ShortVector.broadcast(S, f[k + 4]);
            a0 = a0.add(w0.lanewise(LSHR, 8).mul(f4));
            a1 = a1.add(w1.lanewise(LSHR, 8).mul(f4));
            ShortVector f5 = ShortVector.broadcast(S, f[k + 5]);
            a0 = a0.add(w0.lanewise(LSHR, 10).mul(f5));
            a1 = a1.add(w1.lanewise(LSHR, 10).mul(f5));
            ShortVector f6 = ShortVector.broadcast(S, f[k + 6]);
            a0 = a0.add(w0.lanewise(LSHR, 12).mul(f6));
            a1 = a1.add(w1.lanewise(LSHR, 12).mul(f6));
            ShortVector f7 = ShortVector.broadcast(S, f[k + 7]);
            a0 = a0.add(w0.lanewise(LSHR, 14).mul(f7));
            a1 = a1.add(w1.lanewise(LSHR, 14).mul(f7));
        }
        FloatVector.fromArray(F, sums, o).add(a0.convertShape(S2F, F, 0)).intoArray(sums, o);
        FloatVector.fromArray(F, sums, o + HALF).add(a0.convertShape(S2F, F, 1)).intoArray(sums, o + HALF);
        int o1 = o + LANES;
        FloatVector.fromArray(F, sums, o1).add(a1.convertShape(S2F, F, 0)).intoArray(sums, o1);
        FloatVector.fromArray(F, sums, o1 + HALF).add(a1.convertShape(S2F, F, 1)).intoArray(sums, o1 + HALF);
    }

    static void fourByOne(short[] w, int at, short[] f, int p, int groups, short start, float[] sums, int o) {
        ShortVector a0 = ShortVector.broadcast(S, start);
        ShortVector a1 = ShortVector.broadcast(S, start);
        ShortVector a2 = ShortVector.broadcast(S, start);
        ShortVector a3 = ShortVector.broadcast(S, start);
        for (int g = 0; g < groups; g++) {
            int i = at + g * 4 * LANES;
            int k = p + g * 8;
            ShortVector w0 = ShortVector.fromArray(S, w, i);
            ShortVector w1 = ShortVector.fromArray(S, w, i + LANES);
            ShortVector w2 = ShortVector.fromArray(S, w, i + 2 * LANES);
            ShortVector w3 = ShortVector.fromArray(S, w, i + 3 * LANES);
            ShortVector f0 = ShortVector.broadcast(S, f[k]);
            a0 = a0.add(w0.mul(f0));
            a1 = a1.add(w1.mul(f0));
            a2 = a2.add(w2.mul(f0));
            a3 = a3.add(w3.mul(f0));
            ShortVector f1 = ShortVector.broadcast(S, f[k + 1]);
            a0 = a0.add(w0.lanewise(LSHR, 2).mul(f1));
            a1 = a1.add(w1.lanewise(LSHR, 2).mul(f1));
            a2 = a2.add(w2.lanewise(LSHR, 2).mul(f1));
            a3 = a3.add(w3.lanewise(LSHR, 2).mul(f1));
            ShortVector f2 = ShortVector.broadcast(S, f[k + 2]);
            a0 = a0.add(w0.lanewise(LSHR, 4).mul(f2));
            a1 = a1.add(w1.lanewise(LSHR, 4).mul(f2));
            a2 = a2.add(w2.lanewise(LSHR, 4).mul(f2));
            a3 = a3.add(w3.lanewise(LSHR, 4).mul(f2));
            ShortVector f3 = ShortVector.broadcast(S, f[k + 3]);
            a0 = a0.add(w0.lanewise(LSHR, 6).mul(f3));
            a1 = a1.add(w1.lanewise(LSHR, 6).mul(f3));
            a2 = a2.add(w2.lanewise(LSHR, 6).mul(f3));
            a3 = a3.add(w3.lanewise(LSHR, 6).mul(f3));
            ShortVector f4 = ShortVector.broadcast(S, f[k + 4]);
            a0 = a0.add(w0.lanewise(LSHR, 8).mul(f4));
            a1 = a1.add(w1.lanewise(LSHR, 8).mul(f4));
            a2 = a2.add(w2.lanewise(LSHR, 8).mul(f4));
            a3 = a3.add(w3.lanewise(LSHR, 8).mul(f4));
            ShortVector f5 = ShortVector.broadcast(S, f[k + 5]);
            a0 = a0.add(w0.lanewise(LSHR, 10).mul(f5));
            a1 = a1.add(w1.lanewise(LSHR, 10).mul(f5));
            a2 = a2.add(w2.lanewise(LSHR, 10).mul(f5));
            a3 = a3.add(w3.lanewise(LSHR, 10).mul(f5));
            ShortVector f6 = ShortVector.broadcast(S, f[k + 6]);
            a0 = a0.add(w0.lanewise(LSHR, 12).mul(f6));
            a1 = a1.add(w1.lanewise(LSHR, 12).mul(f6));
            a2 = a2.add(w2.lanewise(LSHR, 12).mul(f6));
            a3 = a3.add(w3.lanewise(LSHR, 12).mul(f6));
            ShortVector f7 = ShortVector.broadcast(S, f[k + 7]);
            a0 = a0.add(w0.lanewise(LSHR, 14).mul(f7));
            a1 = a1.add(w1.lanewise(LSHR, 14).mul(f7));
            a2 = a2.add(w2.lanewise(LSHR, 14).mul(f7));
            a3 = a3.add(w3.lanewise(LSHR, 14).mul(f7));
        }
        FloatVector.fromArray(F, sums, o).add(a0.convertShape(S2F, F, 0)).intoArray(sums, o);
        FloatVector.fromArray(F, sums, o + HALF).add(a0.convertShape(S2F, F, 1)).intoArray(sums, o + HALF);
        int o1 = o + LANES;
        FloatVector.fromArray(F, sums, o1).add(a1.convertShape(S2F, F, 0)).intoArray(sums, o1);
        FloatVector.fromArray(F, sums, o1 + HALF).add(a1.convertShape(S2F, F, 1)).intoArray(sums, o1 + HALF);
        int o2 = o1 + LANES;
        FloatVector.fromArray(F, sums, o2).add(a2.convertShape(S2F, F, 0)).intoArray(sums, o2);
        FloatVector.fromArray(F, sums, o2 + HALF).add(a2.convertShape(S2F, F, 1)).intoArray(sums, o2 + HALF);
        int o3 = o2 + LANES;
        FloatVector.fromArray(F, sums, o3).add(a3.convertShape(S2F, F, 0)).intoArray(sums, o3);
        FloatVector.fromArray(F, sums, o3 + HALF).add(a3.convertShape(S2F, F, 1)).intoArray(sums, o3 + HALF);
    }

    /** One of the vectors of a tile: that of the next group is {@code step} lanes on. */
    static void oneByFour(short[] w, int at, int step, short[] f, int p, int groups,
            short start0, short start1, short start2, short start3, float[] sums, int o, int stride) {
        ShortVector a0 = ShortVector.broadcast(S, start0);
        ShortVector a1 = ShortVector.broadcast(S, start1);
        ShortVector a2 = ShortVector.broadcast(S, start2);
        ShortVector a3 = ShortVector.broadcast(S, start3);
        for (int g = 0; g < groups; g++) {
            ShortVector v = ShortVector.fromArray(S, w, at + g * step);
            int k = p + g * 32;
            ShortVector v1 = v.lanewise(LSHR, 2);
            ShortVector v2 = v.lanewise(LSHR, 4);
            ShortVector v3 = v.lanewise(LSHR, 6);
            ShortVector v4 = v.lanewise(LSHR, 8);
            ShortVector v5 = v.lanewise(LSHR, 10);
            ShortVector v6 = v.lanewise(LSHR, 12);
            ShortVector v7 = v.lanewise(LSHR, 14);
            a0 = a0.add(v.mul(f[k])).add(v1.mul(f[k + 4])).add(v2.mul(f[k + 8])).add(v3.mul(f[k + 12]))
                    .add(v4.mul(f[k + 16])).add(v5.mul(f[k + 20])).add(v6.mul(f[k + 24])).add(v7.mul(f[k + 28]));
            a1 = a1.add(v.mul(f[k + 1])).add(v1.mul(f[k + 5])).add(v2.mul(f[k + 9])).add(v3.mul(f[k + 13]))
                    .add(v4.mul(f[k + 17])).add(v5.mul(f[k + 21])).add(v6.mul(f[k + 25])).add(v7.mul(f[k + 29]));
            a2 = a2.add(v.mul(f[k + 2])).add(v1.mul(f[k + 6])).add(v2.mul(f[k + 10])).add(v3.mul(f[k + 14]))
                    .add(v4.mul(f[k + 18])).add(v5.mul(f[k + 22])).add(v6.mul(f[k + 26])).add(v7.mul(f[k + 30]));
            a3 = a3.add(v.mul(f[k + 3])).add(v1.mul(f[k + 7])).add(v2.mul(f[k + 11])).add(v3.mul(f[k + 15]))
                    .add(v4.mul(f[k + 19])).add(v5.mul(f[k + 23])).add(v6.mul(f[k + 27])).add(v7.mul(f[k + 31]));
        }
        FloatVector.fromArray(F, sums, o).add(a0.convertShape(S2F, F, 0)).intoArray(sums, o);
        FloatVector.fromArray(F, sums, o + HALF).add(a0.convertShape(S2F, F, 1)).intoArray(sums, o + HALF);
        int o1 = o + stride;
        FloatVector.fromArray(F, sums, o1).add(a1.convertShape(S2F, F, 0)).intoArray(sums, o1);
        FloatVector.fromArray(F, sums, o1 + HALF).add(a1.convertShape(S2F, F, 1)).intoArray(sums, o1 + HALF);
        int o2 = o1 + stride;
        FloatVector.fromArray(F, sums, o2).add(a2.convertShape(S2F, F, 0)).intoArray(sums, o2);
        FloatVector.fromArray(F, sums, o2 + HALF).add(a2.convertShape(S2F, F, 1)).intoArray(sums, o2 + HALF);
        int o3 = o2 + stride;
        FloatVector.fromArray(F, sums, o3).add(a3.convertShape(S2F, F, 0)).intoArray(sums, o3);
        FloatVector.fromArray(F, sums, o3 + HALF).add(a3.convertShape(S2F, F, 1)).intoArray(sums, o3 + HALF);
    }
}
