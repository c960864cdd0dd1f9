package io.bitlab.core.internal;

/** The check that opens every operation on a row-major matrix in an array. */
public final class MatrixShape {
    private MatrixShape() {
    }

    /**
     * Checks that an array holds exactly {@code rows * columns} values.
     *
     * @param operation what is done, or the layer it is done for; opens the message
     * @throws IllegalArgumentException if a size is zero or negative, or the length is another
     */
    public static void check(String operation, int rows, int columns, int length) {
        checkPositive(operation, rows, columns);
        if ((long) rows * columns != length) {
            throw new IllegalArgumentException(operation + ": shape " + rows + " x " + columns + " needs "
                    + (long) rows * columns + " values, the array has " + length);
        }
    }

    public static void checkPositive(String operation, int rows, int columns) {
        if (rows < 1 || columns < 1) {
            throw new IllegalArgumentException(
                    operation + ": shape " + rows + " x " + columns + ", expected at least 1 row and 1 column");
        }
    }

    /** Checks that there is such a row. */
    public static void checkRow(String operation, int row, int rows) {
        if (row < 0 || row >= rows) {
            throw new IndexOutOfBoundsException(
                    operation + ": there is no row " + row + ", expected 0 to " + (rows - 1));
        }
    }

    /** Checks that an array has so many values from an index on. */
    public static void checkRoom(String operation, int at, long values, int length) {
        if (at < 0 || values < 0 || at > length - values) {
            throw new IndexOutOfBoundsException(operation + ": " + values + " values from index " + at
                    + " on, but the array has " + length);
        }
    }

    /** Checks that every scale is a finite number. Negative and zero scales occur in files and are fine. */
    public static void checkScales(String operation, float[] scales) {
        for (int i = 0; i < scales.length; i++) {
            if (!Float.isFinite(scales[i])) {
                throw new IllegalArgumentException(operation + ": scale " + i + " of " + scales.length + " is "
                        + scales[i] + "; scales must be finite");
            }
        }
    }
}
