package io.bitlab.core.quant;

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
        byte[] packed = new byte[packedLength(title, rows, columns)];
        int at = 0;
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column += TRITS_PER_BYTE) {
                int code = 0;
                for (int c = column + TRITS_PER_BYTE - 1; c >= column; c--) {
                    int trit = c < columns ? trits[row * columns + c] : 0;
                    if (trit < -1 || trit > 1) {
                        throw new IllegalArgumentException(title + ": the trit in row " + row + ", column " + c + " is "
                                + trit + ", expected -1, 0 or 1");
                    }
                    code = 3 * code + trit + 1;
                }
                packed[at++] = (byte) code;
            }
        }
        return packed;
    }

    /** Unpacks the bytes from {@code at} on into the trits from {@code to} on. */
    static void unpackRow(byte[] packed, int at, byte[] trits, int to, int columns) {
        int code = 0;
        for (int column = 0; column < columns; column++) {
            if (column % TRITS_PER_BYTE == 0) {
                code = packed[at++] & 0xff;
            }
            trits[to + column] = (byte) (code % 3 - 1);
            code /= 3;
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
