package io.bitlab.core.vector;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loops of {@link WideKernel}: 1 or 2 vectors of weights times 1 or 4 patches.
 *
 * <p>An int holds two activations, which one broadcast spreads over a vector; a vector holds the two weights of as many
 * output features as it has ints. The even and the odd lanes add up in 16 bits each, so a call takes at most
 * {@link #MOST_PAIRS} pairs, and adds their sums to floats.
 *
 * <p>As in {@link LookupTiles}, each method is one loop and stores its accumulators itself.
 */
final class WideTiles {

    private static final VectorSpecies<Short> S = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;

    /** Width of a vector. */
    static final int BITS = S.vectorBitSize();

    /** 16-bit lanes in a vector. */
    static final int LANES = S.length();

    /** Output features in a vector. */
    static final int FEATURES = I.length();

    /** With more, a sum of products of up to 127 could leave 16 bits; 192 fill most of a first-level cache. */
    static final int MOST_PAIRS = 192;

    private WideTiles() {
    }

    /**
     * Adds to {@code sums[o + i]} the products of a patch that begins at {@code p0} with one vector of weights.
     *
     * @param runs runs of pairs of the patch
     * @param pairs pairs of a run
     * @param next distance of the runs
     */
    static void oneByOne(short[] w, int at, int[] x, int p0, int runs, int pairs, int next, float[] sums, int o) {
        ShortVector a0 = ShortVector.zero(S);
        int wi = at;
        int xi = 0;
        for (int run = 0; run < runs; run++, wi += pairs * LANES, xi += next) {
            for (int i = 0; i < pairs; i++) {
                ShortVector u = ShortVector.fromArray(S, w, wi + i * LANES);
                a0 = a0.add(u.mul(IntVector.broadcast(I, x[p0 + xi + i]).reinterpretAsShorts()));
            }
        }
        IntVector i0 = a0.reinterpretAsInts();
        IntVector s0 = i0.lanewise(LSHL, 16).lanewise(ASHR, 16).add(i0.lanewise(ASHR, 16));
        FloatVector.fromArray(F, sums, o).add(s0.convertShape(I2F, F, 0)).intoArray(sums, o);
    }

    /** As {@link #oneByOne} for two vectors of weights. */
    static void twoByOne(short[] w, int at, int[] x, int p0, int runs, int pairs, int next, float[] sums, int o) {
        ShortVector a0 = ShortVector.zero(S);
        ShortVector b0 = ShortVector.zero(S);
        int wi = at;
        int xi = 0;
        for (int run = 0; run < runs; run++, wi += pairs * 2 * LANES, xi += next) {
            for (int i = 0; i < pairs; i++) {
                ShortVector u = ShortVector.fromArray(S, w, wi + i * 2 * LANES);
                ShortVector v = ShortVector.fromArray(S, w, wi + i * 2 * LANES + LANES);
                ShortVector x0 = IntVector.broadcast(I, x[p0 + xi + i]).reinterpretAsShorts();
                a0 = a0.add(u.mul(x0));
                b0 = b0.add(v.mul(x0));
            }
        }
        IntVector i0 = a0.reinterpretAsInts();
        IntVector s0 = i0.lanewise(LSHL, 16).lanewise(ASHR, 16).add(i0.lanewise(ASHR, 16));
        FloatVector.fromArray(F, sums, o).add(s0.convertShape(I2F, F, 0)).intoArray(sums, o);
        IntVector j0 = b0.reinterpretAsInts();
        IntVector t0 = j0.lanewise(LSHL, 16).lanewise(ASHR, 16).add(j0.lanewise(ASHR, 16));
        FloatVector.fromArray(F, sums, o + FEATURES).add(t0.convertShape(I2F, F, 0)).intoArray(sums, o + FEATURES);
    }

    /** As {@link #oneByOne} for four patches, whose sums are {@code stride} apart. */
    static void oneByFour(short[] w, int at, int[] x, int p0, int p1, int p2, int p3, int runs, int pairs, int next,
            float[] sums, int o,
            int stride) {
        ShortVector a0 = ShortVector.zero(S);
        ShortVector a1 = ShortVector.zero(S);
        ShortVector a2 = ShortVector.zero(S);
        ShortVector a3 = ShortVector.zero(S);
        int wi = at;
        int xi = 0;
        for (int run = 0; run < runs; run++, wi += pairs * LANES, xi += next) {
            for (int i = 0; i < pairs; i++) {
                ShortVector u = ShortVector.fromArray(S, w, wi + i * LANES);
                a0 = a0.add(u.mul(IntVector.broadcast(I, x[p0 + xi + i]).reinterpretAsShorts()));
                a1 = a1.add(u.mul(IntVector.broadcast(I, x[p1 + xi + i]).reinterpretAsShorts()));
                a2 = a2.add(u.mul(IntVector.broadcast(I, x[p2 + xi + i]).reinterpretAsShorts()));
                a3 = a3.add(u.mul(IntVector.broadcast(I, x[p3 + xi + i]).reinterpretAsShorts()));
            }
        }
        IntVector i0 = a0.reinterpretAsInts();
        IntVector s0 = i0.lanewise(LSHL, 16).lanewise(ASHR, 16).add(i0.lanewise(ASHR, 16));
        FloatVector.fromArray(F, sums, o).add(s0.convertShape(I2F, F, 0)).intoArray(sums, o);
        int o1 = o + stride;
        IntVector i1 = a1.reinterpretAsInts();
        IntVector s1 = i1.lanewise(LSHL, 16).lanewise(ASHR, 16).add(i1.lanewise(ASHR, 16));
        FloatVector.fromArray(F, sums, o1).add(s1.convertShape(I2F, F, 0)).intoArray(sums, o1);
        int o2 = o1 + stride;
        IntVector i2 = a2.reinterpretAsInts();
        IntVector s2 = i2.lanewise(LSHL, 16).lanewise(ASHR, 16).add(i2.lanewise(ASHR, 16));
        FloatVector.fromArray(F, sums, o2).add(s2.convertShape(I2F, F, 0)).intoArray(sums, o2);
        int o3 = o2 + stride;
        IntVector i3 = a3.reinterpretAsInts();
        IntVector s3 = i3.lanewise(LSHL, 16).lanewise(ASHR, 16).add(i3.lanewise(ASHR, 16));
        FloatVector.fromArray(F, sums, o3).add(s3.convertShape(I2F, F, 0)).intoArray(sums, o3);
    }

    /** As {@link #oneByFour} for two vectors of weights: the most that sixteen registers hold. */
    static void twoByFour(short[] w, int at, int[] x, int p0, int p1, int p2, int p3, int runs, int pairs, int next,
            float[] sums, int o,
            int stride) {
        ShortVector a0 = ShortVector.zero(S);
        ShortVector a1 = ShortVector.zero(S);
        ShortVector a2 = ShortVector.zero(S);
        ShortVector a3 = ShortVector.zero(S);
        ShortVector b0 = ShortVector.zero(S);
        ShortVector b1 = ShortVector.zero(S);
        ShortVector b2 = ShortVector.zero(S);
        ShortVector b3 = ShortVector.zero(S);
        int wi = at;
        int xi = 0;
        for (int run = 0; run < runs; run++, wi += pairs * 2 * LANES, xi += next) {
            for (int i = 0; i < pairs; i++) {
                ShortVector u = ShortVector.fromArray(S, w, wi + i * 2 * LANES);
                ShortVector v = ShortVector.fromArray(S, w, wi + i * 2 * LANES + LANES);
                ShortVector x0 = IntVector.broadcast(I, x[p0 + xi + i]).reinterpretAsShorts();
                a0 = a0.add(u.mul(x0));
                b0 = b0.add(v.mul(x0));
                ShortVector x1 = IntVector.broadcast(I, x[p1 + xi + i]).reinterpretAsShorts();
                a1 = a1.add(u.mul(x1));
                b1 = b1.add(v.mul(x1));
                ShortVector x2 = IntVector.broadcast(I, x[p2 + xi + i]).reinterpretAsShorts();
                a2 = a2.add(u.mul(x2));
                b2 = b2.add(v.mul(x2));
                ShortVector x3 = IntVector.broadcast(I, x[p3 + xi + i]).reinterpretAsShorts();
                a3 = a3.add(u.mul(x3));
                b3 = b3.add(v.mul(x3));
            }
        }
        IntVector i0 = a0.reinterpretAsInts();
        IntVector s0 = i0.lanewise(LSHL, 16).lanewise(ASHR, 16).add(i0.lanewise(ASHR, 16));
        FloatVector.fromArray(F, sums, o).add(s0.convertShape(I2F, F, 0)).intoArray(sums, o);
        IntVector j0 = b0.reinterpretAsInts();
        IntVector t0 = j0.lanewise(LSHL, 16).lanewise(ASHR, 16).add(j0.lanewise(ASHR, 16));
        FloatVector.fromArray(F, sums, o + FEATURES).add(t0.convertShape(I2F, F, 0)).intoArray(sums, o + FEATURES);
        int o1 = o + stride;
        IntVector i1 = a1.reinterpretAsInts();
        IntVector s1 = i1.lanewise(LSHL, 16).lanewise(ASHR, 16).add(i1.lanewise(ASHR, 16));
        FloatVector.fromArray(F, sums, o1).add(s1.convertShape(I2F, F, 0)).intoArray(sums, o1);
        IntVector j1 = b1.reinterpretAsInts();
        IntVector t1 = j1.lanewise(LSHL, 16).lanewise(ASHR, 16).add(j1.lanewise(ASHR, 16));
        FloatVector.fromArray(F, sums, o1 + FEATURES).add(t1.convertShape(I2F, F, 0)).intoArray(sums, o1 + FEATURES);
        int o2 = o1 + stride;
        IntVector i2 = a2.reinterpretAsInts();
        IntVector s2 = i2.lanewise(LSHL, 16).lanewise(ASHR, 16).add(i2.lanewise(ASHR, 16));
        FloatVector.fromArray(F, sums, o2).add(s2.convertShape(I2F, F, 0)).intoArray(sums, o2);
        IntVector j2 = b2.reinterpretAsInts();
        IntVector t2 = j2.lanewise(LSHL, 16).lanewise(ASHR, 16).add(j2.lanewise(ASHR, 16));
        FloatVector.fromArray(F, sums, o2 + FEATURES).add(t2.convertShape(I2F, F, 0)).intoArray(sums, o2 + FEATURES);
        int o3 = o2 + stride;
        IntVector i3 = a3.reinterpretAsInts();
        IntVector s3 = i3.lanewise(LSHL, 16).lanewise(ASHR, 16).add(i3.lanewise(ASHR, 16));
        FloatVector.fromArray(F, sums, o3).add(s3.convertShape(I2F, F, 0)).intoArray(sums, o3);
        IntVector j3 = b3.reinterpretAsInts();
        IntVector t3 = j3.lanewise(LSHL, 16).lanewise(ASHR, 16).add(j3.lanewise(ASHR, 16));
        FloatVector.fromArray(F, sums, o3 + FEATURES).add(t3.convertShape(I2F, F, 0)).intoArray(sums, o3 + FEATURES);
    }
}
