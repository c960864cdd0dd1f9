package io.bitlab.core.vector;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops of {@link MultiplyKernel}. Sums stay in a first-level cache, not in registers, which hold the factors of a
 * slot while all rows of a band pass by: a sum is loaded and stored once for sixteen columns. So no loop carries a
 * vector, which C2 could turn into an object.
 */
final class MultiplyLoops {

    private static final VectorSpecies<Short> S = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;

    /** Width of a vector. */
    static final int BITS = S.vectorBitSize();

    /** 16-bit lanes of a vector. */
    static final int LANES = S.length();

    /** Rows in such a vector: each takes 32 bits, as a float does. */
    static final int ROWS = F.length();

    /** The upper of two codes, and all above. */
    private static final short UPPER = ~3;

    private MultiplyLoops() {
    }

    /**
     * Adds the products of some slots.
     *
     * @param w packed weights, from {@code at} on; those of the next slot are {@code step} lanes further, those of the
     *     second stream {@code distance}
     * @param f factors, see {@link MultiplyFactors}, from {@code from} to {@code to}
     * @param sums increased: the two lanes of each row
     * @param lanes number of lanes of a stream, whole vectors
     */
    static void addSlots(short[] w, int at, int step, int distance, int[] f, int from, int to, short[] sums,
            int lanes) {
        for (int p = from, slot = at; p < to; p += MultiplyFactors.GROUP_FACTORS, slot += step) {
            ShortVector f0 = IntVector.broadcast(I, f[p]).reinterpretAsShorts();
            ShortVector f1 = IntVector.broadcast(I, f[p + 1]).reinterpretAsShorts();
            ShortVector f2 = IntVector.broadcast(I, f[p + 2]).reinterpretAsShorts();
            ShortVector f3 = IntVector.broadcast(I, f[p + 3]).reinterpretAsShorts();
            ShortVector f4 = IntVector.broadcast(I, f[p + 4]).reinterpretAsShorts();
            ShortVector f5 = IntVector.broadcast(I, f[p + 5]).reinterpretAsShorts();
            ShortVector f6 = IntVector.broadcast(I, f[p + 6]).reinterpretAsShorts();
            ShortVector f7 = IntVector.broadcast(I, f[p + 7]).reinterpretAsShorts();
            for (int i = 0; i < lanes; i += LANES) {
                ShortVector v0 = ShortVector.fromArray(S, w, slot + i);
                ShortVector v2 = v0.reinterpretAsInts().lanewise(LSHR, 4).reinterpretAsShorts();
                ShortVector v4 = v0.reinterpretAsInts().lanewise(LSHR, 8).reinterpretAsShorts();
                ShortVector v6 = v0.reinterpretAsInts().lanewise(LSHR, 12).reinterpretAsShorts();
                ShortVector s0 = v0.mul(f0).add(v0.and(UPPER).mul(f1));
                ShortVector s2 = v2.mul(f2).add(v2.and(UPPER).mul(f3));
                ShortVector s4 = v4.mul(f4).add(v4.and(UPPER).mul(f5));
                ShortVector s6 = v6.mul(f6).add(v6.and(UPPER).mul(f7));
                s0.add(s2).add(s4.add(s6)).add(ShortVector.fromArray(S, sums, 2 * i)).intoArray(sums, 2 * i);
                ShortVector w0 = ShortVector.fromArray(S, w, slot + distance + i);
                ShortVector w2 = w0.reinterpretAsInts().lanewise(LSHR, 4).reinterpretAsShorts();
                ShortVector w4 = w0.reinterpretAsInts().lanewise(LSHR, 8).reinterpretAsShorts();
                ShortVector w6 = w0.reinterpretAsInts().lanewise(LSHR, 12).reinterpretAsShorts();
                ShortVector t0 = w0.mul(f0).add(w0.and(UPPER).mul(f1));
                ShortVector t2 = w2.mul(f2).add(w2.and(UPPER).mul(f3));
                ShortVector t4 = w4.mul(f4).add(w4.and(UPPER).mul(f5));
                ShortVector t6 = w6.mul(f6).add(w6.and(UPPER).mul(f7));
                t0.add(t2).add(t4.add(t6)).add(ShortVector.fromArray(S, sums, 2 * i + LANES))
                        .intoArray(sums, 2 * i + LANES);
            }
        }
    }

    /**
     * Adds the sums of some rows to the results.
     *
     * @param sums 4 times the sum of a row, less {@code start}, in the sum of its two lanes modulo 2^16
     * @param y increased, from {@code o} on
     * @param rows number of rows
     */
    static void flush(short[] sums, int start, float[] y, int o, int rows) {
        int whole = rows - rows % ROWS;
        for (int r = 0; r < whole; r += ROWS) {
            IntVector lanes = ShortVector.fromArray(S, sums, 2 * r).reinterpretAsInts();
            FloatVector.fromArray(F, y, o + r)
                    .add(lanes.add(lanes.lanewise(LSHL, 16)).add(start << 16).lanewise(ASHR, 18)
                            .convertShape(I2F, F, 0))
                    .intoArray(y, o + r);
        }
        for (int r = whole; r < rows; r++) {
            y[o + r] += (short) (sums[2 * r] + sums[2 * r + 1] + start) >> 2;
        }
    }
}
