package io.bitlab.core.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Float activations at 256 bits, by lookup: a vector of eight holds five of the nine sums of a pair of activations; the
 * others are their negatives. Three bits of a pair of weights select a sum, the fourth flips its sign bit.
 */
final class FloatLookup256 extends UnpackingFloatKernel {

    private static final VectorSpecies<Integer> I = IntVector.SPECIES_256;
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_256;
    private static final int LANES = 8;
    private static final int PAIRS = PairWeights.SLOT_PAIRS;
    private static final int BITS = PairWeights.PAIR_BITS;
    private static final int TOP = Integer.SIZE - BITS;

    /** The sums in a table: 0, a0, a1, a0 + a1, a0 - a1; eight more is the negative. */
    private static final FloatVector FIRST = FloatVector.fromArray(F, new float[] {0, 1, 0, 1, 1, 0, 0, 0}, 0);
    private static final FloatVector SECOND = FloatVector.fromArray(F, new float[] {0, 0, 1, 1, -1, 0, 0, 0}, 0);

    /** The pairs (-1, -1), (0, -1), (1, -1), (-1, 0), ... */
    private static final int[] CODES = {11, 10, 4, 9, 0, 1, 12, 2, 3};

    private static final IntVector SIGN = IntVector.broadcast(I, Integer.MIN_VALUE);

    FloatLookup256() {
        super("float-lookup-256", 110, LANES, CODES, 1 / 25.0);
    }

    @Override
    void tables(float[] x, int from, int pairs, int[] tables, int to) {
        for (int i = 0; i < pairs; i++) {
            FloatVector first = FIRST.mul(FloatVector.broadcast(F, x[from + 2 * i]));
            FloatVector second = SECOND.mul(FloatVector.broadcast(F, x[from + 2 * i + 1]));
            first.add(second).reinterpretAsInts().intoArray(tables, to + i * LANES);
        }
    }

    @Override
    void sumTile(int[] codes, int from, int slots, int[] tables, int table, float[] sums) {
        FloatVector s0 = FloatVector.zero(F);
        FloatVector s1 = FloatVector.zero(F);
        FloatVector s2 = FloatVector.zero(F);
        FloatVector s3 = FloatVector.zero(F);
        for (int slot = 0; slot < slots; slot++) {
            int at = from + slot * 4 * LANES;
            IntVector w0 = IntVector.fromArray(I, codes, at);
            IntVector w1 = IntVector.fromArray(I, codes, at + LANES);
            IntVector w2 = IntVector.fromArray(I, codes, at + 2 * LANES);
            IntVector w3 = IntVector.fromArray(I, codes, at + 3 * LANES);
            for (int j = 0; j < PAIRS; j++) {
                IntVector t = IntVector.fromArray(I, tables, table + (slot * PAIRS + j) * LANES);
                s0 = s0.add(pairSum(w0, t, j));
                s1 = s1.add(pairSum(w1, t, j));
                s2 = s2.add(pairSum(w2, t, j));
                s3 = s3.add(pairSum(w3, t, j));
            }
        }
        s0.intoArray(sums, 0);
        s1.intoArray(sums, LANES);
        s2.intoArray(sums, 2 * LANES);
        s3.intoArray(sums, 3 * LANES);
    }

    /** The sums that the pair j of each lane selects. At most 35 bytecodes, so that C2 always inlines it. */
    private static FloatVector pairSum(IntVector w, IntVector t, int j) {
        return w.lanewise(VectorOperators.LSHR, BITS * j).selectFrom(t)
                .lanewise(VectorOperators.XOR, sign(w, j)).reinterpretAsFloats();
    }

    private static IntVector sign(IntVector w, int j) {
        return w.lanewise(VectorOperators.LSHL, TOP - BITS * j).and(SIGN);
    }

    @Override
    void sumVector(int[] codes, int from, int slots, int[] tables, int table, float[] sums) {
        FloatVector s = FloatVector.zero(F);
        for (int slot = 0; slot < slots; slot++) {
            IntVector w = IntVector.fromArray(I, codes, from + slot * LANES);
            for (int j = 0; j < PAIRS; j++) {
                IntVector t = IntVector.fromArray(I, tables, table + (slot * PAIRS + j) * LANES);
                s = s.add(pairSum(w, t, j));
            }
        }
        s.intoArray(sums, 0);
    }

    @Override
    void addPairs(int[] codes, int from, int pairs, int[] tables, int table, float[] sums, int to) {
        IntVector w = IntVector.fromArray(I, codes, from);
        FloatVector s = FloatVector.fromArray(F, sums, to);
        for (int j = 0; j < pairs; j++) {
            IntVector t = IntVector.fromArray(I, tables, table + j * LANES);
            s = s.add(pairSum(w, t, 0));
            w = w.lanewise(VectorOperators.LSHR, BITS);
        }
        s.intoArray(sums, to);
    }

    /** Looks up a pair's code in the tables of the activations (1, 0) and (0, 1): these sums are its weights. */
    @Override
    void unpack(int[] codes, int from, float[] panel, int to, int step) {
        IntVector w = IntVector.fromArray(I, codes, from);
        IntVector first = FIRST.reinterpretAsInts();
        IntVector second = SECOND.reinterpretAsInts();
        for (int j = 0, at = to; j < PAIRS; j++, at += step) {
            IntVector sign = w.lanewise(VectorOperators.LSHL, TOP).and(SIGN);
            w.selectFrom(first).lanewise(VectorOperators.XOR, sign).reinterpretAsFloats().intoArray(panel, at);
            w.selectFrom(second).lanewise(VectorOperators.XOR, sign).reinterpretAsFloats()
                    .intoArray(panel, at + LANES);
            w = w.lanewise(VectorOperators.LSHR, BITS);
        }
    }
}
