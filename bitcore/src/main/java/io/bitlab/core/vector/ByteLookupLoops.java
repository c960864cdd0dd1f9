package io.bitlab.core.vector;

import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.S2F;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops of {@link ByteLookupKernel}. As in {@link MultiplyLoops}, sums stay in a first-level cache while all rows
 * of a band pass by the tables of a slot, and no loop carries a vector, which C2 could turn into an object. There is
 * no loop over slots around the loop over rows: C2 would then check every index in it.
 */
final class ByteLookupLoops {

    private static final VectorSpecies<Byte> B = ByteVector.SPECIES_128;
    private static final VectorSpecies<Short> S = ShortVector.SPECIES_128;
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_128;

    /** 16-bit lanes of a vector; each holds a row's byte and that of the row 8 further. */
    static final int LANES = 8;

    /** Rows of a vector. */
    static final int ROWS = 2 * LANES;

    private static final int T = ByteLookupTables.TABLE_BYTES;
    private static final short RADIX = ByteLookupTables.RADIX;
    private static final short UPPER = (short) 0xff00;

    /** Moves a quotient from the upper byte to the lower, times {@link #RADIX}. */
    private static final int TIMES_RADIX = Byte.SIZE - ByteLookupTables.RADIX_BITS;

    private ByteLookupLoops() {
    }

    /**
     * Adds the products of a slot. Each vector of rows has four vectors of codes there, two in each stream. The eight
     * sums of two activations of a row add up in bytes, quotients and remainders separately.
     *
     * @param w packed weights, from {@code at} on, those of the second stream {@code distance} lanes further
     * @param t tables, see {@link ByteLookupTables}, from {@code p} on
     * @param sums increased, see {@link #flush}
     * @param vectors number of vectors of rows
     */
    static void addSlot(short[] w, int at, int distance, byte[] t, int p, short[] sums, int vectors) {
        for (int v = 0; v < vectors; v++) {
            int i = v * ROWS;
            ByteVector a = ShortVector.fromArray(S, w, at + i).reinterpretAsBytes();
            ByteVector b = a.reinterpretAsInts().lanewise(LSHR, 4).reinterpretAsBytes();
            ByteVector c = ShortVector.fromArray(S, w, at + i + LANES).reinterpretAsBytes();
            ByteVector d = c.reinterpretAsInts().lanewise(LSHR, 4).reinterpretAsBytes();
            ByteVector q0 = a.selectFrom(ByteVector.fromArray(B, t, p))
                    .add(b.selectFrom(ByteVector.fromArray(B, t, p + 2 * T)));
            ByteVector r0 = a.selectFrom(ByteVector.fromArray(B, t, p + T))
                    .add(b.selectFrom(ByteVector.fromArray(B, t, p + 3 * T)));
            ByteVector q1 = c.selectFrom(ByteVector.fromArray(B, t, p + 4 * T))
                    .add(d.selectFrom(ByteVector.fromArray(B, t, p + 6 * T)));
            ByteVector r1 = c.selectFrom(ByteVector.fromArray(B, t, p + 5 * T))
                    .add(d.selectFrom(ByteVector.fromArray(B, t, p + 7 * T)));
            ByteVector e = ShortVector.fromArray(S, w, at + distance + i).reinterpretAsBytes();
            ByteVector f = e.reinterpretAsInts().lanewise(LSHR, 4).reinterpretAsBytes();
            ByteVector g = ShortVector.fromArray(S, w, at + distance + i + LANES).reinterpretAsBytes();
            ByteVector h = g.reinterpretAsInts().lanewise(LSHR, 4).reinterpretAsBytes();
            ByteVector q2 = e.selectFrom(ByteVector.fromArray(B, t, p + 8 * T))
                    .add(f.selectFrom(ByteVector.fromArray(B, t, p + 10 * T)));
            ByteVector r2 = e.selectFrom(ByteVector.fromArray(B, t, p + 9 * T))
                    .add(f.selectFrom(ByteVector.fromArray(B, t, p + 11 * T)));
            ByteVector q3 = g.selectFrom(ByteVector.fromArray(B, t, p + 12 * T))
                    .add(h.selectFrom(ByteVector.fromArray(B, t, p + 14 * T)));
            ByteVector r3 = g.selectFrom(ByteVector.fromArray(B, t, p + 13 * T))
                    .add(h.selectFrom(ByteVector.fromArray(B, t, p + 15 * T)));
            ShortVector q = q0.add(q1).add(q2.add(q3)).reinterpretAsShorts();
            ShortVector r = r0.add(r1).add(r2.add(r3)).reinterpretAsShorts();
            q.mul(RADIX).add(r).add(ShortVector.fromArray(S, sums, i)).intoArray(sums, i);
            q.and(UPPER).reinterpretAsInts().lanewise(LSHR, TIMES_RADIX).reinterpretAsShorts()
                    .add(r.and(UPPER).reinterpretAsInts().lanewise(LSHR, 8).reinterpretAsShorts())
                    .add(ShortVector.fromArray(S, sums, i + LANES)).intoArray(sums, i + LANES);
        }
    }

    /**
     * Adds the sums of some rows to the results.
     *
     * @param sums sums modulo 2^16: for each vector, those of the first 8 rows plus 256 times those of the other 8, and
     *     then those of the other 8
     * @param bias what the tables have added to each sum
     * @param y increased, from {@code o} on
     * @param rows number of rows
     */
    static void flush(short[] sums, short bias, float[] y, int o, int rows) {
        int whole = rows - rows % ROWS;
        for (int r = 0; r < whole; r += ROWS) {
            ShortVector upper = ShortVector.fromArray(S, sums, r + LANES);
            ShortVector lower = ShortVector.fromArray(S, sums, r).sub(upper.mul((short) 256)).sub(bias);
            upper = upper.sub(bias);
            int i = o + r;
            FloatVector.fromArray(F, y, i).add(lower.convertShape(S2F, F, 0)).intoArray(y, i);
            FloatVector.fromArray(F, y, i + 4).add(lower.convertShape(S2F, F, 1)).intoArray(y, i + 4);
            FloatVector.fromArray(F, y, i + 8).add(upper.convertShape(S2F, F, 0)).intoArray(y, i + 8);
            FloatVector.fromArray(F, y, i + 12).add(upper.convertShape(S2F, F, 1)).intoArray(y, i + 12);
        }
        for (int r = whole; r < rows; r++) {
            int sum = r - whole < LANES ? sums[r] - 256 * sums[r + LANES] : sums[r];
            y[o + r] += (short) (sum - bias);
        }
    }
}
