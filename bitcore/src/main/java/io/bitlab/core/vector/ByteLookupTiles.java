package io.bitlab.core.vector;

import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.S2F;

import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loops of {@link ByteLookupKernel}: 1 or 2 vectors of 16 rows of weights, times 1 or 2 rows of activations.
 * They add the products of a stripe, whose weights begin at {@code at} and tables at {@code p}, to the sums that begin
 * at {@code o}, and {@code stride} further for the second row. The next group of weights is {@code step} lanes further.
 *
 * <p>Quotients and remainders add up in bytes; after five groups, before they can overflow, the even and the odd bytes
 * are joined to sums of 16 bits in {@code partial}, which is an array because a vector that is updated so rarely
 * becomes an object. For the other rules of these loops see {@link LookupTiles}.
 */
final class ByteLookupTiles {

    private static final VectorSpecies<Byte> B = ByteVector.SPECIES_128;
    private static final VectorSpecies<Short> S = ShortVector.SPECIES_128;
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_128;

    /** 16-bit lanes of a vector; each holds a row's byte and that of the row 8 further. */
    static final int LANES = 8;

    /** Rows of a vector. */
    static final int ROWS = 2 * LANES;

    /** Elements of {@code partial}. */
    static final int PARTIAL_SUMS = 2 * ROWS;

    /** Ten lookups of up to 22 fit into a byte. */
    private static final int GROUPS_OF_BYTES = 5;

    private static final short RADIX = ByteLookupTables.RADIX;
    private static final short LOW = 0xff;

    private ByteLookupTiles() {
    }

    static void oneByOne(short[] w, int at, int step, byte[] t, int p, int groups, short[] partial, float[] sums,
            int o) {
        Arrays.fill(partial, 0, ROWS, (short) 0);
        for (int g = 0; g < groups;) {
            int end = Math.min(groups, g + GROUPS_OF_BYTES);
            ByteVector u0 = ByteVector.zero(B);
            ByteVector v0 = ByteVector.zero(B);
            for (; g < end; g++) {
                ByteVector w0 = ShortVector.fromArray(S, w, at + g * step).reinterpretAsBytes();
                ByteVector h0 = w0.reinterpretAsInts().lanewise(LSHR, 4).reinterpretAsBytes();
                int j = p + g * 64;
                u0 = u0.add(w0.selectFrom(ByteVector.fromArray(B, t, j)))
                        .add(h0.selectFrom(ByteVector.fromArray(B, t, j + 32)));
                v0 = v0.add(w0.selectFrom(ByteVector.fromArray(B, t, j + 16)))
                        .add(h0.selectFrom(ByteVector.fromArray(B, t, j + 48)));
            }
            ShortVector x0 = u0.reinterpretAsShorts();
            ShortVector y0 = v0.reinterpretAsShorts();
            ShortVector.fromArray(S, partial, 0).add(x0.and(LOW).mul(RADIX)).add(y0.and(LOW)).intoArray(partial, 0);
            ShortVector.fromArray(S, partial, 8).add(x0.lanewise(LSHR, 8).mul(RADIX)).add(y0.lanewise(LSHR, 8))
                    .intoArray(partial, 8);
        }
        addTo(sums, o, partial, 0, groups);
    }

    static void twoByOne(short[] w, int at, int step, byte[] t, int p, int groups, short[] partial, float[] sums,
            int o) {
        Arrays.fill(partial, (short) 0);
        for (int g = 0; g < groups;) {
            int end = Math.min(groups, g + GROUPS_OF_BYTES);
            ByteVector u0 = ByteVector.zero(B);
            ByteVector v0 = ByteVector.zero(B);
            ByteVector u1 = ByteVector.zero(B);
            ByteVector v1 = ByteVector.zero(B);
            for (; g < end; g++) {
                ByteVector w0 = ShortVector.fromArray(S, w, at + g * step).reinterpretAsBytes();
                ByteVector w1 = ShortVector.fromArray(S, w, at + g * step + LANES).reinterpretAsBytes();
                ByteVector h0 = w0.reinterpretAsInts().lanewise(LSHR, 4).reinterpretAsBytes();
                ByteVector h1 = w1.reinterpretAsInts().lanewise(LSHR, 4).reinterpretAsBytes();
                int j = p + g * 64;
                ByteVector tu = ByteVector.fromArray(B, t, j);
                ByteVector tv = ByteVector.fromArray(B, t, j + 16);
                ByteVector su = ByteVector.fromArray(B, t, j + 32);
                ByteVector sv = ByteVector.fromArray(B, t, j + 48);
                u0 = u0.add(w0.selectFrom(tu)).add(h0.selectFrom(su));
                v0 = v0.add(w0.selectFrom(tv)).add(h0.selectFrom(sv));
                u1 = u1.add(w1.selectFrom(tu)).add(h1.selectFrom(su));
                v1 = v1.add(w1.selectFrom(tv)).add(h1.selectFrom(sv));
            }
            ShortVector x0 = u0.reinterpretAsShorts();
            ShortVector y0 = v0.reinterpretAsShorts();
            ShortVector.fromArray(S, partial, 0).add(x0.and(LOW).mul(RADIX)).add(y0.and(LOW)).intoArray(partial, 0);
            ShortVector.fromArray(S, partial, 8).add(x0.lanewise(LSHR, 8).mul(RADIX)).add(y0.lanewise(LSHR, 8))
                    .intoArray(partial, 8);
            ShortVector x1 = u1.reinterpretAsShorts();
            ShortVector y1 = v1.reinterpretAsShorts();
            ShortVector.fromArray(S, partial, 16).add(x1.and(LOW).mul(RADIX)).add(y1.and(LOW)).intoArray(partial, 16);
            ShortVector.fromArray(S, partial, 24).add(x1.lanewise(LSHR, 8).mul(RADIX)).add(y1.lanewise(LSHR, 8))
                    .intoArray(partial, 24);
        }
        addTo(sums, o, partial, 0, groups);
        addTo(sums, o + ROWS, partial, ROWS, groups);
    }

    static void oneByTwo(short[] w, int at, int step, byte[] t, int p, int groups, short[] partial, float[] sums, int o,
            int stride) {
        Arrays.fill(partial, (short) 0);
        for (int g = 0; g < groups;) {
            int end = Math.min(groups, g + GROUPS_OF_BYTES);
            ByteVector u0 = ByteVector.zero(B);
            ByteVector v0 = ByteVector.zero(B);
            ByteVector u1 = ByteVector.zero(B);
            ByteVector v1 = ByteVector.zero(B);
            for (; g < end; g++) {
                ByteVector w0 = ShortVector.fromArray(S, w, at + g * step).reinterpretAsBytes();
                ByteVector h0 = w0.reinterpretAsInts().lanewise(LSHR, 4).reinterpretAsBytes();
                int j = p + g * 128;
                u0 = u0.add(w0.selectFrom(ByteVector.fromArray(B, t, j)))
                        .add(h0.selectFrom(ByteVector.fromArray(B, t, j + 32)));
                v0 = v0.add(w0.selectFrom(ByteVector.fromArray(B, t, j + 16)))
                        .add(h0.selectFrom(ByteVector.fromArray(B, t, j + 48)));
                u1 = u1.add(w0.selectFrom(ByteVector.fromArray(B, t, j + 64)))
                        .add(h0.selectFrom(ByteVector.fromArray(B, t, j + 96)));
                v1 = v1.add(w0.selectFrom(ByteVector.fromArray(B, t, j + 80)))
                        .add(h0.selectFrom(ByteVector.fromArray(B, t, j + 112)));
            }
            ShortVector x0 = u0.reinterpretAsShorts();
            ShortVector y0 = v0.reinterpretAsShorts();
            ShortVector.fromArray(S, partial, 0).add(x0.and(LOW).mul(RADIX)).add(y0.and(LOW)).intoArray(partial, 0);
            ShortVector.fromArray(S, partial, 8).add(x0.lanewise(LSHR, 8).mul(RADIX)).add(y0.lanewise(LSHR, 8))
                    .intoArray(partial, 8);
            ShortVector x1 = u1.reinterpretAsShorts();
            ShortVector y1 = v1.reinterpretAsShorts();
            ShortVector.fromArray(S, partial, 16).add(x1.and(LOW).mul(RADIX)).add(y1.and(LOW)).intoArray(partial, 16);
            ShortVector.fromArray(S, partial, 24).add(x1.lanewise(LSHR, 8).mul(RADIX)).add(y1.lanewise(LSHR, 8))
                    .intoArray(partial, 24);
        }
        addTo(sums, o, partial, 0, groups);
        addTo(sums, o + stride, partial, ROWS, groups);
    }

    /** Adds the sums of a vector of rows, which count modulo 2^16, less what the tables of so many groups add. */
    private static void addTo(float[] sums, int o, short[] partial, int at, int groups) {
        short bias = (short) (groups * ByteLookupTables.GROUP_BIAS);
        ShortVector a0 = ShortVector.fromArray(S, partial, at).sub(bias);
        ShortVector a1 = ShortVector.fromArray(S, partial, at + 8).sub(bias);
        FloatVector.fromArray(F, sums, o).add(a0.convertShape(S2F, F, 0)).intoArray(sums, o);
        FloatVector.fromArray(F, sums, o + 4).add(a0.convertShape(S2F, F, 1)).intoArray(sums, o + 4);
        FloatVector.fromArray(F, sums, o + 8).add(a1.convertShape(S2F, F, 0)).intoArray(sums, o + 8);
        FloatVector.fromArray(F, sums, o + 12).add(a1.convertShape(S2F, F, 1)).intoArray(sums, o + 12);
    }
}
