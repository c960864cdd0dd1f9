package io.bitlab.core.quant;

import io.bitlab.core.internal.MatrixShape;
import java.util.Arrays;

/**
 * The trits of a matrix {@code [rows, columns]}, packed, or unpacked until the packed form is first read.
 *
 * <p><b>Thread safety:</b> immutable to its readers; two threads may pack at once, with the same result.
 */
final class TritRows {

    private final int rows;
    private final int columns;
    private volatile byte[] packed; // null until it is read, if made from trits...
    private volatile byte[] unpacked; // ...which are kept until then

    /**
     * Keeps the arrays.
     *
     * @param packed as {@link PackedTrits} packs them; null if {@code unpacked} is given
     * @param unpacked row-major; null if {@code packed} is given
     */
    private TritRows(byte[] packed, byte[] unpacked, int rows, int columns) {
        this.packed = packed;
        this.unpacked = unpacked;
        this.rows = rows;
        this.columns = columns;
    }

    /** Names a matrix in messages. */
    private static String title(int rows, int columns) {
        return "TernaryMatrix(" + rows + " x " + columns + ")";
    }

    /** The title of messages about a matrix of this shape, which is checked. */
    static String checkedTitle(int rows, int columns) {
        String title = title(rows, columns);
        MatrixShape.checkPositive(title, rows, columns);
        if (columns > TernaryMatrix.MAX_IN_FEATURES) {
            throw new IllegalArgumentException(title + ": at most " + TernaryMatrix.MAX_IN_FEATURES
                    + " input features are supported; with more, 32-bit sums could overflow");
        }
        return title;
    }

    /** Keeps packed trits. */
    static TritRows ofPacked(byte[] packed, int rows, int columns) {
        return new TritRows(packed, null, rows, columns);
    }

    /** Keeps trits, which are packed when the packed form is first read. */
    static TritRows ofUnpacked(byte[] trits, int rows, int columns) {
        return new TritRows(null, trits, rows, columns);
    }

    /** The packed trits, not copied. */
    byte[] packed() {
        byte[] trits = unpacked;
        if (trits != null) {
            packed = PackedTrits.pack(title(rows, columns), trits, rows, columns);
            unpacked = null;
        }
        return packed;
    }

    /** A copy of some packed rows. */
    byte[] packedRows(int from, int to) {
        int rowBytes = PackedTrits.rowBytes(columns);
        return Arrays.copyOfRange(packed(), from * rowBytes, to * rowBytes);
    }

    /**
     * The number of trits.
     *
     * @throws IllegalStateException if they don't fit one array
     */
    int unpackedLength() {
        long length = (long) rows * columns;
        if (length > PackedTrits.MAX_ARRAY) {
            throw new IllegalStateException(title(rows, columns) + ": its " + length
                    + " weights don't fit one array of at most " + PackedTrits.MAX_ARRAY
                    + "; read it row by row with unpackRow");
        }
        return (int) length;
    }

    /** All trits, row-major. */
    byte[] unpack() {
        byte[] trits = new byte[unpackedLength()];
        for (int row = 0; row < rows; row++) {
            unpackRow(row, trits, row * columns);
        }
        return trits;
    }

    /** Writes the trits of a row, from {@code offset} on. */
    void unpackRow(int row, byte[] trits, int offset) {
        byte[] kept = unpacked;
        if (kept != null) {
            System.arraycopy(kept, row * columns, trits, offset, columns);
        } else {
            PackedTrits.unpackRow(packed, row * PackedTrits.rowBytes(columns), trits, offset, columns);
        }
    }

    /** How often -1, 0 and +1 occur. */
    long[] counts() {
        long[] counts = new long[3];
        byte[] trits = new byte[columns];
        for (int row = 0; row < rows; row++) {
            unpackRow(row, trits, 0);
            for (byte trit : trits) {
                counts[trit + 1]++;
            }
        }
        return counts;
    }
}
