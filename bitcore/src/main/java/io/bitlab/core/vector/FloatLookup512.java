package io.bitlab.core.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Float activations at 512 bits, by lookup: a vector of sixteen holds the nine sums of a pair of activations, and the
 * four bits of a pair of weights select one of them for each of sixteen rows ({@code vpermd}).
 */
final class FloatLookup512 extends FloatKernel {

    private static final VectorSpecies<Integer> I = IntVector.SPECIES_512;
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_512;
    private static final int LANES = 16;
    private static final int PAIRS = PairWeights.SLOT_PAIRS;
    private static final int BITS = PairWeights.PAIR_BITS;

    /** The code of a pair (v, w) is (v + 1) + 3 * (w + 1). */
    private static final int[] CODES = {0, 1, 2, 3, 4, 5, 6, 7, 8};

    private static final FloatVector FIRST =
            FloatVector.fromArray(F, new float[] {-1, 0, 1, -1, 0, 1, -1, 0, 1, 0, 0, 0, 0, 0, 0, 0}, 0);
    private static final FloatVector SECOND =
            FloatVector.fromArray(F, new float[] {-1, -1, -1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0}, 0);

    FloatLookup512() {
        super("float-lookup-512", 120, LANES, LANES, CODES, 1 / 45.0);
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
                s0 = s0.add(w0.lanewise(VectorOperators.LSHR, BITS * j).selectFrom(t).reinterpretAsFloats());
                s1 = s1.add(w1.lanewise(VectorOperators.LSHR, BITS * j).selectFrom(t).reinterpretAsFloats());
                s2 = s2.add(w2.lanewise(VectorOperators.LSHR, BITS * j).selectFrom(t).reinterpretAsFloats());
                s3 = s3.add(w3.lanewise(VectorOperators.LSHR, BITS * j).selectFrom(t).reinterpretAsFloats());
            }
        }
        s0.intoArray(sums, 0);
        s1.intoArray(sums, LANES);
        s2.intoArray(sums, 2 * LANES);
        s3.intoArray(sums, 3 * LANES);
    }

    @Override
    void sumVector(int[] codes, int from, int slots, int[] tables, int table, float[] sums) {
        FloatVector s = FloatVector.zero(F);
        for (int slot = 0; slot < slots; slot++) {
            IntVector w = IntVector.fromArray(I, codes, from + slot * LANES);
            for (int j = 0; j < PAIRS; j++) {
                IntVector t = IntVector.fromArray(I, tables, table + (slot * PAIRS + j) * LANES);
                s = s.add(w.lanewise(VectorOperators.LSHR, BITS * j).selectFrom(t).reinterpretAsFloats());
            }
        }
        s.intoArray(sums, 0);
    }

    @Override
    boolean sumTokens(int[] codes, int from, int slots, int[] tables, int table, int stride, float[] sums, int to) {
        FloatVector s00 = FloatVector.zero(F);
        FloatVector s01 = FloatVector.zero(F);
        FloatVector s10 = FloatVector.zero(F);
        FloatVector s11 = FloatVector.zero(F);
        FloatVector s20 = FloatVector.zero(F);
        FloatVector s21 = FloatVector.zero(F);
        FloatVector s30 = FloatVector.zero(F);
        FloatVector s31 = FloatVector.zero(F);
        for (int slot = 0; slot < slots; slot++) {
            int at = from + slot * 4 * LANES;
            IntVector w0 = IntVector.fromArray(I, codes, at);
            IntVector w1 = IntVector.fromArray(I, codes, at + LANES);
            for (int j = 0; j < PAIRS; j++) {
                int t = table + (slot * PAIRS + j) * LANES;
                IntVector i0 = w0.lanewise(VectorOperators.LSHR, BITS * j);
                IntVector i1 = w1.lanewise(VectorOperators.LSHR, BITS * j);
                IntVector t0 = IntVector.fromArray(I, tables, t);
                s00 = s00.add(i0.selectFrom(t0).reinterpretAsFloats());
                s01 = s01.add(i1.selectFrom(t0).reinterpretAsFloats());
                IntVector t1 = IntVector.fromArray(I, tables, t + stride);
                s10 = s10.add(i0.selectFrom(t1).reinterpretAsFloats());
                s11 = s11.add(i1.selectFrom(t1).reinterpretAsFloats());
                IntVector t2 = IntVector.fromArray(I, tables, t + 2 * stride);
                s20 = s20.add(i0.selectFrom(t2).reinterpretAsFloats());
                s21 = s21.add(i1.selectFrom(t2).reinterpretAsFloats());
                IntVector t3 = IntVector.fromArray(I, tables, t + 3 * stride);
                s30 = s30.add(i0.selectFrom(t3).reinterpretAsFloats());
                s31 = s31.add(i1.selectFrom(t3).reinterpretAsFloats());
            }
        }
        s00.intoArray(sums, to);
        s01.intoArray(sums, to + LANES);
        s10.intoArray(sums, to + 4 * LANES);
        s11.intoArray(sums, to + 5 * LANES);
        s20.intoArray(sums, to + 8 * LANES);
        s21.intoArray(sums, to + 9 * LANES);
        s30.intoArray(sums, to + 12 * LANES);
        s31.intoArray(sums, to + 13 * LANES);
        return true;
    }

    @Override
    void addPairs(int[] codes, int from, int pairs, int[] tables, int table, float[] sums, int to) {
        IntVector w = IntVector.fromArray(I, codes, from);
        FloatVector s = FloatVector.fromArray(F, sums, to);
        for (int j = 0; j < pairs; j++) {
            IntVector t = IntVector.fromArray(I, tables, table + j * LANES);
            s = s.add(w.selectFrom(t).reinterpretAsFloats());
            w = w.lanewise(VectorOperators.LSHR, BITS);
        }
        s.intoArray(sums, to);
    }
}
