package io.bitlab.core.quant;

import java.util.Arrays;

/**
 * Five trits a byte, as digits of base 3: {@code t0 + 3 t1 + 9 t2 + 27 t3 + 81 t4} with {@code t = trit + 1}.
 *
 * <p>A row is padded to whole bytes with the trit 0, so rows begin at bytes and a byte is at most 242.
 */
final class Base3 {
    /** The longest array that every JVM can allocate. */
    static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

    private static final int TRITS_PER_BYTE = 5;
    private static final int CODES = 243;
    private static final int ALL_ZEROS = 1 + 3 + 9 + 27 + 81;

    /** The five trits of each code. */
    private static final byte[] TRITS = new byte[CODES * TRITS_PER_BYTE];

    static {
        for (int i = 0, rest = 0; i < TRITS.length; i++, rest /= 3) {
            if (i % TRITS_PER_BYTE == 0) {
                rest = i / TRITS_PER_BYTE;
            }
            TRITS[i] = (byte) (rest % 3 - 1);
        }
    }

    private Base3() {
    }

    /** How many bytes a row of so many trits takes. */
    static int rowBytes(int columns) {
        return (columns + TRITS_PER_BYTE - 1) / TRITS_PER_BYTE;
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
        int at = 0;
        byte[] last = new byte[TRITS_PER_BYTE];
        for (int row = 0; row < rows; row++) {
            int end = (row + 1) * columns;
            int i = row * columns;
            for (; i + TRITS_PER_BYTE <= end; i += TRITS_PER_BYTE) {
                packed[at++] = code(trits, i);
            }
            if (i < end) {
                Arrays.fill(last, (byte) 0);
                System.arraycopy(trits, i, last, 0, end - i);
                packed[at++] = code(last, 0);
            }
        }
        return packed;
    }

    private static byte code(byte[] trits, int i) {
        return (byte) (ALL_ZEROS + trits[i] + 3 * trits[i + 1] + 9 * trits[i + 2] + 27 * trits[i + 3]
                + 81 * trits[i + 4]);
    }

    private static void checkTrits(String title, byte[] trits, int columns) {
        int largest = 0; // the loop without exits is the one that C2 makes vectors of
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
        for (; i + TRITS_PER_BYTE <= end; i += TRITS_PER_BYTE) {
            int code = TRITS_PER_BYTE * (packed[at++] & 0xff);
            trits[i] = TRITS[code];
            trits[i + 1] = TRITS[code + 1];
            trits[i + 2] = TRITS[code + 2];
            trits[i + 3] = TRITS[code + 3];
            trits[i + 4] = TRITS[code + 4];
        }
        if (i < end) {
            System.arraycopy(TRITS, TRITS_PER_BYTE * (packed[at] & 0xff), trits, i, end - i);
        }
    }

    /**
     * Copies and checks bytes that come from elsewhere.
     *
     * @param title opens every message
     * @param packed {@code [rows, rowBytes(columns)]}
     * @throws IllegalArgumentException if the length is wrong, at the first byte of 243 or more, or at the first
     *     padding trit other than 0
     */
    static byte[] checkedCopy(String title, byte[] packed, int rows, int columns) {
        int rowBytes = rowBytes(columns);
        int length = packedLength(title, rows, columns);
        if (packed.length != length) {
            throw new IllegalArgumentException(title + ": got " + packed.length + " packed bytes, expected " + length
                    + " (" + rows + " rows of " + rowBytes + ")");
        }
        byte[] copy = packed.clone(); // before the check, so that nobody can change what was checked
        int padding = rowBytes * TRITS_PER_BYTE - columns;
        for (int at = 0; at < length; at++) {
            int code = copy[at] & 0xff;
            int row = at / rowBytes;
            if (code >= CODES) {
                throw new IllegalArgumentException(title + ": packed byte " + at + " (byte " + at % rowBytes
                        + " of row " + row + ") is " + code + ", expected 0 to 242: the data is corrupt or packed in "
                        + "another way");
            }
            if (at % rowBytes == rowBytes - 1 && !endsInZeros(code, padding)) {
                throw new IllegalArgumentException(title + ": packed byte " + at + " (the last of row " + row + ") is "
                        + code + ", but the last " + padding + " of its 5 trits are padding and must be 0: the data is "
                        + "corrupt, or its rows do not have " + columns + " columns");
            }
        }
        return copy;
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
