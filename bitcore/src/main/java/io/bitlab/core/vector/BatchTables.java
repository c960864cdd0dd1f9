package io.bitlab.core.vector;

import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The inner loops of a {@link BatchProduct}: tables of sums, the positions of the weights' entries in them, and adding
 * up these entries.
 *
 * <p>Four adjacent trits of a weight row, a quartet, form an index from 0 to 80: {@code d0 + 3 d1 + 9 d2 + 27 d3} with
 * {@code d = trit + 1}. An entry of a table has the sums of four activations with these signs for each of 16 rows
 * of activations. So a load and an addition of 256 bits, or two of 128, do 64 multiply-adds; no instruction has to look
 * anything up.
 *
 * <p>Each method that adds up is one loop and stores its accumulators itself, see {@link LookupTiles}.
 */
final class BatchTables {

    /** Columns of a quartet. */
    static final int QUARTET_COLUMNS = 4;

    /** Quartets whose tables are in use at the same time: 20 KB, which leaves room for sums in a cache of 32 KB. */
    static final int QUARTETS = 8;

    /** Columns of all tables in use. */
    static final int COLUMNS = QUARTETS * QUARTET_COLUMNS;

    /** Sums of 16 bits that are no larger have room for another product with all tables in use. */
    static final int LARGEST_BEFORE = Short.MAX_VALUE - COLUMNS * 127;

    private static final int ROWS = TransposedActivations.TILE_ROWS;
    private static final int TABLE = 81 * ROWS;

    /** Elements of all tables. */
    static final int SIZE = QUARTETS * TABLE;

    /** Position, in the table of a quartet, of the sum of no activations. */
    private static final int NOTHING = 40 * ROWS;

    /** The most weight rows that share tables. */
    static final int MOST_ROWS = 1280;

    private static final VectorSpecies<Short> S =
            MultiplyLoops.BITS >= 256 ? ShortVector.SPECIES_256 : ShortVector.SPECIES_128;
    private static final int LANES = S.length();
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;

    private static final VectorSpecies<Short> WEIGHTS = ShortVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Short> PAIR_WEIGHTS = ShortVector.SPECIES_128; // those of ByteLookupKernel
    /** A code of each pair of codes, once the other is shifted out. */
    private static final short CODES = 0x3333;
    /** A pair of each quartet, once the other is shifted out. */
    private static final short PAIRS = 0x0f0f;
    private static final short POSITION = 0xff * ROWS;
    private static final int POSITION_BITS = Integer.numberOfTrailingZeros(ROWS);

    private BatchTables() {
    }

    // ---------------------------------------------------------------- tables

    /**
     * Makes the tables of all quartets for a tile of activations.
     *
     * @param x transposed activations; those of the first column begin at {@code at}
     * @param tables filled
     * @param magnitudes of each row of the tile: increased by the absolute values, from {@code first} on
     */
    static void fill(short[] x, int at, short[] tables, short[] magnitudes, int first) {
        for (int i = 0; i < ROWS; i += LANES) {
            ShortVector sum = ShortVector.fromArray(S, magnitudes, first + i);
            for (int c = at + i; c < at + i + COLUMNS * ROWS; c += ROWS) {
                sum = sum.add(ShortVector.fromArray(S, x, c).abs());
            }
            sum.intoArray(magnitudes, first + i);
        }
        for (int q = 0; q < QUARTETS; q++) {
            for (int i = 0; i < ROWS; i += LANES) {
                fillTable(x, at + q * QUARTET_COLUMNS * ROWS + i, tables, q * TABLE + i);
            }
        }
    }

    private static void fillTable(short[] x, int at, short[] tables, int o) {
        ShortVector x0 = ShortVector.fromArray(S, x, at);
        ShortVector x1 = ShortVector.fromArray(S, x, at + ROWS);
        ShortVector x2 = ShortVector.fromArray(S, x, at + 2 * ROWS);
        ShortVector x3 = ShortVector.fromArray(S, x, at + 3 * ROWS);
        for (int d3 = 0; d3 < 3; d3++) {
            ShortVector s3 = x3.mul((short) (d3 - 1));
            for (int d2 = 0; d2 < 3; d2++) {
                ShortVector s2 = s3.add(x2.mul((short) (d2 - 1)));
                for (int d1 = 0; d1 < 3; d1++) {
                    ShortVector s1 = s2.add(x1.mul((short) (d1 - 1)));
                    int entry = o + (27 * d3 + 9 * d2 + 3 * d1) * ROWS;
                    s1.sub(x0).intoArray(tables, entry);
                    s1.intoArray(tables, entry + ROWS);
                    s1.add(x0).intoArray(tables, entry + 2 * ROWS);
                }
            }
        }
    }

    // ---------------------------------------------------------------- positions in the tables

    /**
     * The positions of four quartets of some rows, whose trits are codes of two bits in two adjacent lanes. The rows of
     * each pair of vectors, of two streams, alternate: the first of both, the second of both, and so on.
     *
     * @param w packed weights: the first stream from {@code at} on, the second {@code distance} lanes further
     * @param rows number of rows, whole pairs of vectors
     * @param positions {@code [quartet, MOST_ROWS]}; those of the four are filled, from row {@code first} on
     * @param quartet the first of the four
     */
    static void ofTwoBitCodes(short[] w, int at, int distance, int rows, short[] positions, int quartet, int first) {
        int vector = WEIGHTS.length();
        short table0 = (short) (quartet * TABLE);
        short table1 = (short) (table0 + TABLE);
        short table2 = (short) (table0 + 2 * TABLE);
        short table3 = (short) (table0 + 3 * TABLE);
        int o = quartet * MOST_ROWS + first;
        for (int i = 0; i < rows; i += vector) {
            IntVector x = ShortVector.fromArray(WEIGHTS, w, at + i).reinterpretAsInts();
            IntVector y = ShortVector.fromArray(WEIGHTS, w, at + distance + i).reinterpretAsInts();
            ShortVector lower = x.and(0xffff).or(y.lanewise(LSHL, 16)).reinterpretAsShorts();
            ShortVector upper = x.lanewise(LSHR, 16).or(y.and(0xffff0000)).reinterpretAsShorts();
            // c0 + 4 c1 - c1 = c0 + 3 c1, and of two such pairs p0 + 16 p1 - 7 p1 = p0 + 9 p1
            ShortVector pairs = lower.sub(lower.reinterpretAsInts().lanewise(LSHR, 2).reinterpretAsShorts()
                    .and(CODES));
            ShortVector quartets = pairs.sub(pairs.reinterpretAsInts().lanewise(LSHR, 4).reinterpretAsShorts()
                    .and(PAIRS).mul((short) 7));
            quartets.reinterpretAsInts().lanewise(LSHL, POSITION_BITS).reinterpretAsShorts().and(POSITION)
                    .add(table0).intoArray(positions, o + i);
            quartets.reinterpretAsInts().lanewise(LSHR, Byte.SIZE - POSITION_BITS).reinterpretAsShorts().and(POSITION)
                    .add(table1).intoArray(positions, o + MOST_ROWS + i);
            ShortVector morePairs = upper.sub(upper.reinterpretAsInts().lanewise(LSHR, 2).reinterpretAsShorts()
                    .and(CODES));
            ShortVector moreQuartets = morePairs.sub(morePairs.reinterpretAsInts().lanewise(LSHR, 4)
                    .reinterpretAsShorts().and(PAIRS).mul((short) 7));
            moreQuartets.reinterpretAsInts().lanewise(LSHL, POSITION_BITS).reinterpretAsShorts().and(POSITION)
                    .add(table2).intoArray(positions, o + 2 * MOST_ROWS + i);
            moreQuartets.reinterpretAsInts().lanewise(LSHR, Byte.SIZE - POSITION_BITS).reinterpretAsShorts()
                    .and(POSITION).add(table3).intoArray(positions, o + 3 * MOST_ROWS + i);
        }
    }

    /**
     * The positions of a quartet of some rows, whose trits are two pairs of four bits in a byte; a vector has the rows
     * of its first half in the lower bytes and those of its second half in the upper ones.
     *
     * @param w packed weights, from {@code at} on
     * @param step lanes from one vector to the next
     * @param vectors number of vectors
     * @param positions {@code [quartet, MOST_ROWS]}; those of the quartet are filled, from row {@code first} on
     */
    static void ofPairs(short[] w, int at, int step, int vectors, short[] positions, int quartet, int first) {
        int lanes = PAIR_WEIGHTS.length();
        short table = (short) (quartet * TABLE);
        int o = quartet * MOST_ROWS + first;
        for (int i = 0; i < vectors; i++) {
            ShortVector pairs = ShortVector.fromArray(PAIR_WEIGHTS, w, at + i * step);
            ShortVector quartets = pairs.sub(pairs.reinterpretAsInts().lanewise(LSHR, 4).reinterpretAsShorts()
                    .and(PAIRS).mul((short) 7));
            int to = o + 2 * i * lanes;
            quartets.reinterpretAsInts().lanewise(LSHL, POSITION_BITS).reinterpretAsShorts().and(POSITION)
                    .add(table).intoArray(positions, to);
            quartets.reinterpretAsInts().lanewise(LSHR, Byte.SIZE - POSITION_BITS).reinterpretAsShorts().and(POSITION)
                    .add(table).intoArray(positions, to + lanes);
        }
    }

    /** Positions of a quartet without weights: those of sums of no activations. */
    static void ofNothing(short[] positions, int quartet) {
        Arrays.fill(positions, quartet * MOST_ROWS, (quartet + 1) * MOST_ROWS, (short) (quartet * TABLE + NOTHING));
    }

    // ---------------------------------------------------------------- sums

    /**
     * Adds the entries of all quartets to the sums of a tile.
     *
     * @param positions {@code [quartet, MOST_ROWS]}
     * @param rows number of weight rows
     * @param sums {@code [weight row][row of the tile]}, from {@code o} on; increased
     */
    static void add(short[] tables, short[] positions, int rows, short[] sums, int o) {
        if (LANES == ROWS) {
            addVectors(tables, positions, rows, sums, o);
        } else {
            addPairs(tables, positions, rows, sums, o);
        }
    }

    private static void addVectors(short[] t, short[] positions, int rows, short[] sums, int o) {
        for (int r = 0; r < rows; r++) {
            int i = o + r * ROWS;
            ShortVector.fromArray(S, sums, i)
                    .add(ShortVector.fromArray(S, t, positions[r]))
                    .add(ShortVector.fromArray(S, t, positions[MOST_ROWS + r]))
                    .add(ShortVector.fromArray(S, t, positions[2 * MOST_ROWS + r]))
                    .add(ShortVector.fromArray(S, t, positions[3 * MOST_ROWS + r]))
                    .add(ShortVector.fromArray(S, t, positions[4 * MOST_ROWS + r]))
                    .add(ShortVector.fromArray(S, t, positions[5 * MOST_ROWS + r]))
                    .add(ShortVector.fromArray(S, t, positions[6 * MOST_ROWS + r]))
                    .add(ShortVector.fromArray(S, t, positions[7 * MOST_ROWS + r]))
                    .intoArray(sums, i);
        }
    }

    private static void addPairs(short[] t, short[] positions, int rows, short[] sums, int o) {
        for (int r = 0; r < rows; r++) {
            int i = o + r * ROWS;
            ShortVector a = ShortVector.fromArray(S, sums, i);
            ShortVector b = ShortVector.fromArray(S, sums, i + LANES);
            int p0 = positions[r];
            a = a.add(ShortVector.fromArray(S, t, p0));
            b = b.add(ShortVector.fromArray(S, t, p0 + LANES));
            int p1 = positions[MOST_ROWS + r];
            a = a.add(ShortVector.fromArray(S, t, p1));
            b = b.add(ShortVector.fromArray(S, t, p1 + LANES));
            int p2 = positions[2 * MOST_ROWS + r];
            a = a.add(ShortVector.fromArray(S, t, p2));
            b = b.add(ShortVector.fromArray(S, t, p2 + LANES));
            int p3 = positions[3 * MOST_ROWS + r];
            a = a.add(ShortVector.fromArray(S, t, p3));
            b = b.add(ShortVector.fromArray(S, t, p3 + LANES));
            int p4 = positions[4 * MOST_ROWS + r];
            a = a.add(ShortVector.fromArray(S, t, p4));
            b = b.add(ShortVector.fromArray(S, t, p4 + LANES));
            int p5 = positions[5 * MOST_ROWS + r];
            a = a.add(ShortVector.fromArray(S, t, p5));
            b = b.add(ShortVector.fromArray(S, t, p5 + LANES));
            int p6 = positions[6 * MOST_ROWS + r];
            a = a.add(ShortVector.fromArray(S, t, p6));
            b = b.add(ShortVector.fromArray(S, t, p6 + LANES));
            int p7 = positions[7 * MOST_ROWS + r];
            a = a.add(ShortVector.fromArray(S, t, p7));
            b = b.add(ShortVector.fromArray(S, t, p7 + LANES));
            a.intoArray(sums, i);
            b.intoArray(sums, i + LANES);
        }
    }

    /** {@code y[at + i] += x[i]}. */
    static void addTo(float[] y, int at, float[] x, int count) {
        int whole = count - count % F.length();
        for (int i = 0; i < whole; i += F.length()) {
            FloatVector.fromArray(F, y, at + i).add(FloatVector.fromArray(F, x, i)).intoArray(y, at + i);
        }
        for (int i = whole; i < count; i++) {
            y[at + i] += x[i];
        }
    }
}
