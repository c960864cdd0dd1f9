package io.bitlab.core.quant;

import io.bitlab.core.internal.MatrixShape;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Packs five trits into a byte, as digits of base 3: {@code t0 + 3 t1 + 9 t2 + 27 t3 + 81 t4}, where {@code t} is the
 * trit plus 1.
 *
 * <p>Each row is padded to whole bytes with the trit 0, so every row begins at a byte. A byte is at most 242.
 */
final class PackedTrits {
    /** The longest array that every JVM can allocate. */
    static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

    private static final int TRITS_PER_BYTE = 5;
    private static final int CODES = 243;
    private static final int ALL_ZEROS = 1 + 3 + 9 + 27 + 81;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long HIGH_BITS = 0x8080808080808080L;

    /** Byte 4 of a product with this is the sum of the first five bytes times powers of 3; no byte overflows. */
    private static final long PLACES_OF_FIVE = 81 + (27 << 8) + (9 << 16) + (3 << 24) + (1L << 32);

    /** The five trits of each code, the first in the lowest byte. */
    private static final long[] TRITS = new long[CODES];

    static {
        for (int code = 0; code < CODES; code++) {
            for (int i = 0, rest = code; i < TRITS_PER_BYTE; i++, rest /= 3) {
                TRITS[code] |= (rest % 3 - 1 & 0xffL) << 8 * i;
            }
        }
    }

    private PackedTrits() {
    }

    /** Bytes of a row of so many trits. */
    static int rowBytes(int columns) {
        return Math.ceilDiv(columns, TRITS_PER_BYTE);
    }

    /**
     * Packs a matrix.
     *
     * @param title opens every message
     * @param trits {@code [rows, columns]}, row-major
     * @throws IllegalArgumentException at the first trit outside -1..1, or if a size is wrong
     */
    static byte[] pack(String title, byte[] trits, int rows, int columns) {
        MatrixShape.check(title, rows, columns, trits.length);
        checkTrits(title, trits, columns);
        byte[] packed = new byte[packedLength(title, rows, columns)];
        for (int row = 0; row < rows; row++) {
            packRow(trits, row * columns, packed, row * rowBytes(columns), columns);
        }
        return packed;
    }

    /** Packs the trits from {@code from} on into the bytes from {@code at} on. */
    static void packRow(byte[] trits, int from, byte[] packed, int at, int columns) {
        int end = from + columns;
        int i = from;
        for (; i + Long.BYTES <= end; i += TRITS_PER_BYTE) {
            packed[at++] = (byte) (digits((long) LONGS.get(trits, i)) * PLACES_OF_FIVE >>> 32);
        }
        for (; i < end; at++) {
            int code = ALL_ZEROS;
            for (int last = Math.min(end, i + TRITS_PER_BYTE), place = 1; i < last; i++, place *= 3) {
                code += place * trits[i];
            }
            packed[at] = (byte) code;
        }
    }

    /** Trits plus 1, in each byte. */
    private static long digits(long trits) {
        return (trits & ~HIGH_BITS) + (HIGH_BITS >>> 7) ^ trits & HIGH_BITS;
    }

    private static void checkTrits(String title, byte[] trits, int columns) {
        int largest = 0; // C2 vectorises only a loop without exits
        for (byte trit : trits) {
            largest = Math.max(largest, Math.abs(trit));
        }
        if (largest > 1) {
            int i = 0;
            while (Math.abs(trits[i]) <= 1) {
                i++;
            }
            throw new IllegalArgumentException(title + ": the trit in row " + i / columns + ", column " + i % columns
                    + " is " + trits[i] + ", expected -1, 0 or 1");
        }
    }

    /** Unpacks the bytes from {@code at} on into the trits from {@code to} on. */
    static void unpackRow(byte[] packed, int at, byte[] trits, int to, int columns) {
        int end = to + columns;
        int i = to;
        for (; i + Long.BYTES <= end; i += TRITS_PER_BYTE) { // the last three bytes are overwritten by the next five
            LONGS.set(trits, i, TRITS[packed[at++] & 0xff]);
        }
        for (; i < end; at++) {
            long five = TRITS[packed[at] & 0xff];
            for (int last = Math.min(end, i + TRITS_PER_BYTE); i < last; i++, five >>>= 8) {
                trits[i] = (byte) five;
            }
        }
    }

    /**
     * Copies and checks packed bytes from outside.
     *
     * @param title opens every message
     * @param packed {@code [rows, rowBytes(columns)]}
     * @throws IllegalArgumentException if the length is wrong, a byte is 243 or more, or a padding trit is not 0; the
     *     message names the first such byte
     */
    static byte[] checkedCopy(String title, byte[] packed, int rows, int columns) {
        int rowBytes = rowBytes(columns);
        int length = packedLength(title, rows, columns);
        if (packed.length != length) {
            throw new IllegalArgumentException(title + ": got " + packed.length + " packed bytes, expected " + length
                    + " (" + rows + " rows of " + rowBytes + ")");
        }
        byte[] copy = packed.clone(); // before the check, so that the checked bytes can't change
        if (!areCodes(copy)) {
            int at = 0;
            while ((copy[at] & 0xff) < CODES) {
                at++;
            }
            throw new IllegalArgumentException(title + ": packed byte " + at + " (byte " + at % rowBytes + " of row "
                    + at / rowBytes + ") is " + (copy[at] & 0xff)
                    + ", expected 0 to 242: the data is corrupt or packed in another way");
        }
        int padding = rowBytes * TRITS_PER_BYTE - columns;
        for (int at = rowBytes - 1; padding > 0 && at < length; at += rowBytes) {
            if (!endsInZeros(copy[at] & 0xff, padding)) {
                throw new IllegalArgumentException(title + ": packed byte " + at + " (the last of row " + at / rowBytes
                        + ") is " + (copy[at] & 0xff) + ", but the last " + padding
                        + " of its 5 trits are padding and must be 0: the data is corrupt, or its rows do not have "
                        + columns + " columns");
            }
        }
        return copy;
    }

    /** Whether every byte is below 243, eight at a time: 0xF3 has bit 7 set, and its other bits are 0x73. */
    private static boolean areCodes(byte[] packed) {
        long above = 0;
        int i = 0;
        for (; i + Long.BYTES <= packed.length; i += Long.BYTES) {
            long eight = (long) LONGS.get(packed, i);
            above |= (eight & ~HIGH_BITS) + 0x0D0D0D0D0D0D0D0DL & eight;
        }
        for (; i < packed.length; i++) {
            above |= (packed[i] & 0xff) >= CODES ? 0x80 : 0;
        }
        return (above & HIGH_BITS) == 0;
    }

    private static int packedLength(String title, int rows, int columns) {
        long bytes = (long) rows * rowBytes(columns);
        if (bytes > MAX_ARRAY) {
            throw new IllegalArgumentException(title + ": it takes " + bytes + " packed bytes, more than the "
                    + MAX_ARRAY + " that fit one array; split it into matrices of fewer rows");
        }
        return (int) bytes;
    }

    /** Whether the last {@code count} of the five trits are 0. */
    private static boolean endsInZeros(int code, int count) {
        int place = CODES / 3;
        for (int i = 0; i < count; i++) {
            if (code / place % 3 != 1) {
                return false;
            }
            place /= 3;
        }
        return true;
    }
}
