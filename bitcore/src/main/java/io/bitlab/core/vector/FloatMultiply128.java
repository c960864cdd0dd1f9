package io.bitlab.core.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Float activations at 128 bits, by multiplication: a vector of four is too short for a table of sums. The two bits of
 * a weight, a signed number, become a float by a left shift, an arithmetic right shift and a conversion.
 */
final class FloatMultiply128 extends UnpackingFloatKernel {

    private static final VectorSpecies<Integer> I = IntVector.SPECIES_128;
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_128;
    private static final int LANES = 4;
    private static final int PAIRS = PairWeights.SLOT_PAIRS;
    private static final int BITS = PairWeights.PAIR_BITS;
    private static final int TOP = Integer.SIZE - BITS / 2;

    /** The two weights of a pair, each modulo 4, the first one lower: (-1, -1), (0, -1), (1, -1), (-1, 0), ... */
    private static final int[] CODES = {15, 12, 13, 3, 0, 1, 7, 4, 5};

    FloatMultiply128() {
        super("float-multiply-128", 100, 2, CODES, 1 / 9.0);
    }

    /** The activations themselves. */
    @Override
    void tables(float[] x, int from, int pairs, int[] tables, int to) {
        for (int i = 0; i < 2 * pairs; i++) {
            tables[to + i] = Float.floatToRawIntBits(x[from + i]);
        }
    }

    /** An activation in all lanes. */
    private static FloatVector activation(int[] tables, int at) {
        return IntVector.broadcast(I, tables[at]).reinterpretAsFloats();
    }

    /** The weight of each lane that ends {@code up} bits below the top, as a float. */
    private static FloatVector weight(IntVector w, int up) {
        IntVector signed = w.lanewise(VectorOperators.LSHL, up).lanewise(VectorOperators.ASHR, TOP);
        return (FloatVector) signed.convertShape(VectorOperators.I2F, F, 0);
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
                FloatVector a = activation(tables, table + (slot * PAIRS + j) * 2);
                FloatVector b = activation(tables, table + (slot * PAIRS + j) * 2 + 1);
                s0 = s0.add(pairSum(w0, a, b, j));
                s1 = s1.add(pairSum(w1, a, b, j));
                s2 = s2.add(pairSum(w2, a, b, j));
                s3 = s3.add(pairSum(w3, a, b, j));
            }
        }
        s0.intoArray(sums, 0);
        s1.intoArray(sums, LANES);
        s2.intoArray(sums, 2 * LANES);
        s3.intoArray(sums, 3 * LANES);
    }

    /** The pair sums of the pair j of each lane. At most 35 bytecodes, so that C2 always inlines it. */
    private static FloatVector pairSum(IntVector w, FloatVector a, FloatVector b, int j) {
        return weight(w, TOP - BITS * j).mul(a).add(weight(w, TOP - BITS * j - BITS / 2).mul(b));
    }

    @Override
    void sumVector(int[] codes, int from, int slots, int[] tables, int table, float[] sums) {
        FloatVector s = FloatVector.zero(F);
        for (int slot = 0; slot < slots; slot++) {
            IntVector w = IntVector.fromArray(I, codes, from + slot * LANES);
            for (int j = 0; j < PAIRS; j++) {
                FloatVector a = activation(tables, table + (slot * PAIRS + j) * 2);
                FloatVector b = activation(tables, table + (slot * PAIRS + j) * 2 + 1);
                s = s.add(pairSum(w, a, b, j));
            }
        }
        s.intoArray(sums, 0);
    }

    @Override
    void addPairs(int[] codes, int from, int pairs, int[] tables, int table, float[] sums, int to) {
        IntVector w = IntVector.fromArray(I, codes, from);
        FloatVector s = FloatVector.fromArray(F, sums, to);
        for (int j = 0; j < pairs; j++) {
            FloatVector a = activation(tables, table + 2 * j);
            FloatVector b = activation(tables, table + 2 * j + 1);
            s = s.add(pairSum(w, a, b, 0));
            w = w.lanewise(VectorOperators.LSHR, BITS);
        }
        s.intoArray(sums, to);
    }

    @Override
    void unpack(int[] codes, int from, float[] panel, int to, int step) {
        IntVector w = IntVector.fromArray(I, codes, from);
        for (int j = 0, at = to; j < PAIRS; j++, at += step) {
            ((FloatVector) w.lanewise(VectorOperators.LSHL, TOP).lanewise(VectorOperators.ASHR, TOP)
                    .convertShape(VectorOperators.I2F, F, 0)).intoArray(panel, at);
            ((FloatVector) w.lanewise(VectorOperators.LSHL, TOP - BITS / 2).lanewise(VectorOperators.ASHR, TOP)
                    .convertShape(VectorOperators.I2F, F, 0)).intoArray(panel, at + LANES);
            w = w.lanewise(VectorOperators.LSHR, BITS);
        }
    }
}
