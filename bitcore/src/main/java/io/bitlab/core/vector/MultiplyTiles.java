package io.bitlab.core.vector;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loops of {@link MultiplyKernel}: 1, 2 or 4 vectors of weights times 1 or 4 rows of activations. {@link
 * Int8Kernel#add} defines what they compute; {@code p} is the index of the first factors.
 *
 * <p>As in {@link LookupTiles}, each method is one loop and stores its accumulators itself. The loop over the nine
 * factors of a group is not unrolled here: C2 unrolls it, and keeps more in registers than with unrolled source.
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
        ShortVector a0 = ShortVector.broadcast(S, start);
        for (int g = 0; g < groups; g++) {
            int i = at + g * LANES;
            ShortVector w0 = ShortVector.fromArray(S, w, i);
            for (int k = p + g * 9; k < p + g * 9 + 9; k++) {
                ShortVector x = ShortVector.broadcast(S, f[k]);
                a0 = a0.add(w0.mul(x));
                w0 = w0.reinterpretAsInts().lanewise(LSHR, 2).reinterpretAsShorts();
            }
        }
        FloatVector.fromArray(F, sums, o).add(a0.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o);
        FloatVector.fromArray(F, sums, o + HALF).add(a0.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o + HALF);
    }

    static void twoByOne(short[] w, int at, short[] f, int p, int groups, short start, float[] sums, int o) {
        ShortVector a0 = ShortVector.broadcast(S, start);
        ShortVector a1 = ShortVector.broadcast(S, start);
        for (int g = 0; g < groups; g++) {
            int i = at + g * 2 * LANES;
            ShortVector w0 = ShortVector.fromArray(S, w, i);
            ShortVector w1 = ShortVector.fromArray(S, w, i + LANES);
            for (int k = p + g * 9; k < p + g * 9 + 9; k++) {
                ShortVector x = ShortVector.broadcast(S, f[k]);
                a0 = a0.add(w0.mul(x));
                a1 = a1.add(w1.mul(x));
                w0 = w0.reinterpretAsInts().lanewise(LSHR, 2).reinterpretAsShorts();
                w1 = w1.reinterpretAsInts().lanewise(LSHR, 2).reinterpretAsShorts();
            }
        }
        FloatVector.fromArray(F, sums, o).add(a0.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o);
        FloatVector.fromArray(F, sums, o + HALF).add(a0.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o + HALF);
        int o1 = o + LANES;
        FloatVector.fromArray(F, sums, o1).add(a1.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o1);
        FloatVector.fromArray(F, sums, o1 + HALF).add(a1.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o1 + HALF);
    }

    static void fourByOne(short[] w, int at, short[] f, int p, int groups, short start, float[] sums, int o) {
        ShortVector a0 = ShortVector.broadcast(S, start);
        ShortVector a1 = ShortVector.broadcast(S, start);
        ShortVector a2 = ShortVector.broadcast(S, start);
        ShortVector a3 = ShortVector.broadcast(S, start);
        for (int g = 0; g < groups; g++) {
            int i = at + g * 4 * LANES;
            ShortVector w0 = ShortVector.fromArray(S, w, i);
            ShortVector w1 = ShortVector.fromArray(S, w, i + LANES);
            ShortVector w2 = ShortVector.fromArray(S, w, i + 2 * LANES);
            ShortVector w3 = ShortVector.fromArray(S, w, i + 3 * LANES);
            for (int k = p + g * 9; k < p + g * 9 + 9; k++) {
                ShortVector x = ShortVector.broadcast(S, f[k]);
                a0 = a0.add(w0.mul(x));
                a1 = a1.add(w1.mul(x));
                a2 = a2.add(w2.mul(x));
                a3 = a3.add(w3.mul(x));
                w0 = w0.reinterpretAsInts().lanewise(LSHR, 2).reinterpretAsShorts();
                w1 = w1.reinterpretAsInts().lanewise(LSHR, 2).reinterpretAsShorts();
                w2 = w2.reinterpretAsInts().lanewise(LSHR, 2).reinterpretAsShorts();
                w3 = w3.reinterpretAsInts().lanewise(LSHR, 2).reinterpretAsShorts();
            }
        }
        FloatVector.fromArray(F, sums, o).add(a0.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o);
        FloatVector.fromArray(F, sums, o + HALF).add(a0.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o + HALF);
        int o1 = o + LANES;
        FloatVector.fromArray(F, sums, o1).add(a1.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o1);
        FloatVector.fromArray(F, sums, o1 + HALF).add(a1.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o1 + HALF);
        int o2 = o1 + LANES;
        FloatVector.fromArray(F, sums, o2).add(a2.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o2);
        FloatVector.fromArray(F, sums, o2 + HALF).add(a2.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o2 + HALF);
        int o3 = o2 + LANES;
        FloatVector.fromArray(F, sums, o3).add(a3.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o3);
        FloatVector.fromArray(F, sums, o3 + HALF).add(a3.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o3 + HALF);
    }

    static void oneByFour(short[] w, int at, short[] f, int p, int groups,
            short start0, short start1, short start2, short start3, float[] sums, int o, int stride) {
        ShortVector a0 = ShortVector.broadcast(S, start0);
        ShortVector a1 = ShortVector.broadcast(S, start1);
        ShortVector a2 = ShortVector.broadcast(S, start2);
        ShortVector a3 = ShortVector.broadcast(S, start3);
        for (int g = 0; g < groups; g++) {
            ShortVector v = ShortVector.fromArray(S, w, at + g * LANES);
            for (int k = p + g * 36; k < p + g * 36 + 36; k += 4) {
                ShortVector f0 = ShortVector.broadcast(S, f[k]);
                a0 = a0.add(v.mul(f0));
                ShortVector f1 = ShortVector.broadcast(S, f[k + 1]);
                a1 = a1.add(v.mul(f1));
                ShortVector f2 = ShortVector.broadcast(S, f[k + 2]);
                a2 = a2.add(v.mul(f2));
                ShortVector f3 = ShortVector.broadcast(S, f[k + 3]);
                a3 = a3.add(v.mul(f3));
                v = v.reinterpretAsInts().lanewise(LSHR, 2).reinterpretAsShorts();
            }
        }
        FloatVector.fromArray(F, sums, o).add(a0.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o);
        FloatVector.fromArray(F, sums, o + HALF).add(a0.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o + HALF);
        int o1 = o + stride;
        FloatVector.fromArray(F, sums, o1).add(a1.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o1);
        FloatVector.fromArray(F, sums, o1 + HALF).add(a1.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o1 + HALF);
        int o2 = o1 + stride;
        FloatVector.fromArray(F, sums, o2).add(a2.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o2);
        FloatVector.fromArray(F, sums, o2 + HALF).add(a2.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o2 + HALF);
        int o3 = o2 + stride;
        FloatVector.fromArray(F, sums, o3).add(a3.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o3);
        FloatVector.fromArray(F, sums, o3 + HALF).add(a3.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o3 + HALF);
    }

    /** Two of the vectors of a tile; the next group is {@code step} lanes further. */
    static void twoByFour(short[] w, int at, int step, short[] f, int p, int groups,
            short start0, short start1, short start2, short start3, float[] sums, int o, int stride) {
        ShortVector a0 = ShortVector.broadcast(S, start0);
        ShortVector a1 = ShortVector.broadcast(S, start1);
        ShortVector a2 = ShortVector.broadcast(S, start2);
        ShortVector a3 = ShortVector.broadcast(S, start3);
        ShortVector b0 = ShortVector.broadcast(S, start0);
        ShortVector b1 = ShortVector.broadcast(S, start1);
        ShortVector b2 = ShortVector.broadcast(S, start2);
        ShortVector b3 = ShortVector.broadcast(S, start3);
        for (int g = 0; g < groups; g++) {
            ShortVector v = ShortVector.fromArray(S, w, at + g * step);
            ShortVector u = ShortVector.fromArray(S, w, at + g * step + LANES);
            for (int k = p + g * 36; k < p + g * 36 + 36; k += 4) {
                ShortVector f0 = ShortVector.broadcast(S, f[k]);
                a0 = a0.add(v.mul(f0));
                b0 = b0.add(u.mul(f0));
                ShortVector f1 = ShortVector.broadcast(S, f[k + 1]);
                a1 = a1.add(v.mul(f1));
                b1 = b1.add(u.mul(f1));
                ShortVector f2 = ShortVector.broadcast(S, f[k + 2]);
                a2 = a2.add(v.mul(f2));
                b2 = b2.add(u.mul(f2));
                ShortVector f3 = ShortVector.broadcast(S, f[k + 3]);
                a3 = a3.add(v.mul(f3));
                b3 = b3.add(u.mul(f3));
                v = v.reinterpretAsInts().lanewise(LSHR, 2).reinterpretAsShorts();
                u = u.reinterpretAsInts().lanewise(LSHR, 2).reinterpretAsShorts();
            }
        }
        FloatVector.fromArray(F, sums, o).add(a0.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o);
        FloatVector.fromArray(F, sums, o + HALF).add(a0.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o + HALF);
        FloatVector.fromArray(F, sums, o + LANES).add(b0.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o + LANES);
        FloatVector.fromArray(F, sums, o + LANES + HALF).add(b0.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o + LANES + HALF);
        int o1 = o + stride;
        FloatVector.fromArray(F, sums, o1).add(a1.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o1);
        FloatVector.fromArray(F, sums, o1 + HALF).add(a1.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o1 + HALF);
        FloatVector.fromArray(F, sums, o1 + LANES).add(b1.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o1 + LANES);
        FloatVector.fromArray(F, sums, o1 + LANES + HALF).add(b1.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o1 + LANES + HALF);
        int o2 = o1 + stride;
        FloatVector.fromArray(F, sums, o2).add(a2.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o2);
        FloatVector.fromArray(F, sums, o2 + HALF).add(a2.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o2 + HALF);
        FloatVector.fromArray(F, sums, o2 + LANES).add(b2.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o2 + LANES);
        FloatVector.fromArray(F, sums, o2 + LANES + HALF).add(b2.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o2 + LANES + HALF);
        int o3 = o2 + stride;
        FloatVector.fromArray(F, sums, o3).add(a3.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o3);
        FloatVector.fromArray(F, sums, o3 + HALF).add(a3.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o3 + HALF);
        FloatVector.fromArray(F, sums, o3 + LANES).add(b3.reinterpretAsInts().lanewise(LSHL, 16).lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o3 + LANES);
        FloatVector.fromArray(F, sums, o3 + LANES + HALF).add(b3.reinterpretAsInts().lanewise(ASHR, 16)
                .convertShape(I2F, F, 0)).intoArray(sums, o3 + LANES + HALF);
    }
}
