package io.bitlab.core.vector;

import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.S2F;

import io.bitlab.core.embedding.loops.EmbeddingLoops;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * NF4 in vectors of 128 bits, also on machines of 256 bits, whose byte permutations stay within 128-bit halves. One
 * vector holds the lower bytes of an activation's 16 products and another the upper bytes, so two lookups select the
 * products of 16 rows.
 *
 * <p>All sums are needed modulo 2^16 only. The sums of the upper bytes are needed modulo 2^8, so these bytes may wrap.
 * The lower bytes are added twice in short lanes. Let b0 to b3 be the sums of the four bytes of a 32-bit lane: {@code
 * all} accumulates {@code (b0 + 256 b1, b2 + 256 b3)} and {@code later}, shifted by one byte, accumulates {@code (b1 +
 * 256 b2, b3)}. Since 256 * 256 is 0 modulo 2^16, {@code all - 256 later} is {@code (b0, b2)}; with b2 known, {@code
 * later} gives {@code (b1, b3)}.
 */
final class Nf4ByteLookup {

    /** Rows that {@link #sums} computes: those of two vectors of codes. */
    static final int ROWS = 32;

    private static final VectorSpecies<Byte> B = ByteVector.SPECIES_128;
    private static final VectorSpecies<Short> S = ShortVector.SPECIES_128;
    private static final VectorSpecies<Float> FOUR = FloatVector.SPECIES_128;
    private static final VectorSpecies<Float> F =
            FloatVector.SPECIES_PREFERRED.length() < 8 ? FOUR : FloatVector.SPECIES_256;
    private static final VectorSpecies<Short> HALF = F.length() < 8 ? ShortVector.SPECIES_64 : S;
    private static final int CODES_PER_SHORT = EmbeddingLoops.CODES_PER_SHORT;
    private static final int PRODUCTS = EmbeddingLoops.PRODUCTS;
    /** Where a column's products end, and how many unused shorts follow. */
    private static final int SPARE = PRODUCTS / 2;
    /** Shorts that hold a pair of columns of these rows. */
    private static final int PAIR = ROWS / 2;
    private static final short HIGH = (short) 0xFF00;

    /** Index of product i's byte when byte k of int lane l belongs to product 4k + l. */
    private static final byte[] ORDER = {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};

    private Nf4ByteLookup() {
    }

    /**
     * {@link EmbeddingLoops#nf4Place}: a byte holds two columns of a row, and a vector 16 rows, the first eight of them
     * in the even bytes. The rows that {@link #sums} computes are adjacent, so that it reads memory in order.
     */
    static int place(int row, int column, int shorts) {
        int lane = row % ROWS / 16 * 16 + row % 8 * 2 + row % 16 / 8;
        return CODES_PER_SHORT * (row / ROWS * ROWS * shorts + column / 2 * PAIR) + 2 * lane + column % 2;
    }

    /** {@link EmbeddingLoops#nf4Products}: per column 16 lower bytes, then 16 upper ones; the rest is unused. */
    static void products(float[] levels, float[] x, int xAt, int columns, float factor, short[] products, int at) {
        FloatVector l0 = FloatVector.fromArray(FOUR, levels, 0);
        FloatVector l1 = FloatVector.fromArray(FOUR, levels, 4);
        FloatVector l2 = FloatVector.fromArray(FOUR, levels, 8);
        FloatVector l3 = FloatVector.fromArray(FOUR, levels, 12);
        FloatVector toInteger = FloatVector.broadcast(FOUR, EmbeddingLoops.TO_INTEGER);
        ByteVector order = ByteVector.fromArray(B, ORDER, 0);
        int c = 0;
        for (int o = at; c < columns; c++, o += PRODUCTS) {
            FloatVector a = FloatVector.broadcast(FOUR, x[xAt + c] * factor);
            IntVector p0 = l0.fma(a, toInteger).reinterpretAsInts();
            IntVector p1 = l1.fma(a, toInteger).reinterpretAsInts();
            IntVector p2 = l2.fma(a, toInteger).reinterpretAsInts();
            IntVector p3 = l3.fma(a, toInteger).reinterpretAsInts();
            IntVector lower = p0.and(0xFF).or(p1.and(0xFF).lanewise(LSHL, 8)).or(p2.and(0xFF).lanewise(LSHL, 16))
                    .or(p3.lanewise(LSHL, 24));
            IntVector upper = p0.and(0xFF00).lanewise(LSHR, 8).or(p1.and(0xFF00)).or(p2.and(0xFF00).lanewise(LSHL, 8))
                    .or(p3.and(0xFF00).lanewise(LSHL, 16));
            order.selectFrom(lower.reinterpretAsBytes()).reinterpretAsShorts().intoArray(products, o);
            order.selectFrom(upper.reinterpretAsBytes()).reinterpretAsShorts().intoArray(products, o + 8);
        }
        Arrays.fill(products, at + c * PRODUCTS, at + Math.ceilDiv(c, CODES_PER_SHORT) * CODES_PER_SHORT * PRODUCTS,
                (short) 0);
    }

    /**
     * The sums of {@link EmbeddingLoops#nf4} for {@value #ROWS} rows, before they are scaled. It shifts 32-bit lanes,
     * because their shifts take the distance as an operand. Everything is in one method for the reason given at
     * {@link LookupTiles}.
     *
     * @param pairs number of pairs of columns
     * @param t the products, from {@code p} on; the unused shorts of the first two columns receive the sums
     */
    static void sums(short[] w, int at, int pairs, short[] t, int p) {
        ShortVector all0 = ShortVector.zero(S);
        ShortVector later0 = ShortVector.zero(S);
        ByteVector upper0 = ByteVector.zero(B);
        ShortVector all1 = ShortVector.zero(S);
        ShortVector later1 = ShortVector.zero(S);
        ByteVector upper1 = ByteVector.zero(B);
        for (int q = 0; q < pairs; q++) {
            int k = p + q * 2 * PRODUCTS;
            IntVector w0 = ShortVector.fromArray(S, w, at + q * PAIR).reinterpretAsInts();
            IntVector w1 = ShortVector.fromArray(S, w, at + q * PAIR + 8).reinterpretAsInts();
            ByteVector low = ShortVector.fromArray(S, t, k).reinterpretAsBytes();
            ByteVector high = ShortVector.fromArray(S, t, k + 8).reinterpretAsBytes();
            ByteVector found0 = w0.reinterpretAsBytes().selectFrom(low);
            ByteVector found1 = w1.reinterpretAsBytes().selectFrom(low);
            all0 = all0.add(found0.reinterpretAsShorts());
            all1 = all1.add(found1.reinterpretAsShorts());
            later0 = later0.add(found0.reinterpretAsInts().lanewise(LSHR, 8).reinterpretAsShorts());
            later1 = later1.add(found1.reinterpretAsInts().lanewise(LSHR, 8).reinterpretAsShorts());
            upper0 = upper0.add(w0.reinterpretAsBytes().selectFrom(high));
            upper1 = upper1.add(w1.reinterpretAsBytes().selectFrom(high));

            low = ShortVector.fromArray(S, t, k + PRODUCTS).reinterpretAsBytes();
            high = ShortVector.fromArray(S, t, k + PRODUCTS + 8).reinterpretAsBytes();
            w0 = w0.lanewise(LSHR, 4);
            w1 = w1.lanewise(LSHR, 4);
            found0 = w0.reinterpretAsBytes().selectFrom(low);
            found1 = w1.reinterpretAsBytes().selectFrom(low);
            all0 = all0.add(found0.reinterpretAsShorts());
            all1 = all1.add(found1.reinterpretAsShorts());
            later0 = later0.add(found0.reinterpretAsInts().lanewise(LSHR, 8).reinterpretAsShorts());
            later1 = later1.add(found1.reinterpretAsInts().lanewise(LSHR, 8).reinterpretAsShorts());
            upper0 = upper0.add(w0.reinterpretAsBytes().selectFrom(high));
            upper1 = upper1.add(w1.reinterpretAsBytes().selectFrom(high));
        }
        ShortVector even0 = all0.sub(later0.lanewise(LSHL, 8));
        ShortVector even1 = all1.sub(later1.lanewise(LSHL, 8));
        ShortVector odd0 =
                later0.sub(even0.reinterpretAsInts().lanewise(LSHR, 16).reinterpretAsShorts().lanewise(LSHL, 8));
        ShortVector odd1 =
                later1.sub(even1.reinterpretAsInts().lanewise(LSHR, 16).reinterpretAsShorts().lanewise(LSHL, 8));
        ShortVector first = even0.add(upper0.reinterpretAsShorts().lanewise(LSHL, 8));
        ShortVector second = odd0.add(upper0.reinterpretAsShorts().and(HIGH));
        ShortVector third = even1.add(upper1.reinterpretAsShorts().lanewise(LSHL, 8));
        ShortVector fourth = odd1.add(upper1.reinterpretAsShorts().and(HIGH));
        first.intoArray(t, p + SPARE);
        second.intoArray(t, p + SPARE + 8);
        third.intoArray(t, p + PRODUCTS + SPARE);
        fourth.intoArray(t, p + PRODUCTS + SPARE + 8);
    }

    /** Adds what {@link #sums} has left, scaled. In that method, C2 did not inline the last of so many operations. */
    static void addScaled(short[] t, int p, float[] scales, int scalesAt, float unit, float[] sums, int o) {
        for (int r = 0; r < ROWS; r += F.length()) {
            int found = p + SPARE + r + r / SPARE * (PRODUCTS - SPARE);
            FloatVector.fromArray(F, scales, scalesAt + r).mul(unit)
                    .lanewise(FMA, ShortVector.fromArray(HALF, t, found).convertShape(S2F, F, 0),
                            FloatVector.fromArray(F, sums, o + r))
                    .intoArray(sums, o + r);
        }
    }
}
