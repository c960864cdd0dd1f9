package io.bitlab.core.internal;

/** Checks of the operands of operations on row-major matrices in arrays. */
public final class MatrixShape {
    private MatrixShape() {
    }

    /**
     * Checks that an array holds exactly {@code rows * columns} values.
     *
     * @param operation the operation or layer; opens the message
     * @param rows number of rows
     * @param columns number of columns
     * @param length length of the array
     * @throws IllegalArgumentException if a size is not positive, or the length differs
     */
    public static void check(String operation, int rows, int columns, int length) {
        checkPositive(operation, rows, columns);
        if ((long) rows * columns != length) {
            throw new IllegalArgumentException(operation + ": shape " + rows + " x " + columns + " needs "
                    + (long) rows * columns + " values, the array has " + length);
        }
    }

    /**
     * Checks that a matrix has at least one row and one column.
     *
     * @param operation the operation or layer; opens the message
     * @param rows number of rows
     * @param columns number of columns
     * @throws IllegalArgumentException if a size is not positive
     */
    public static void checkPositive(String operation, int rows, int columns) {
        if (rows < 1 || columns < 1) {
            throw new IllegalArgumentException(
                    operation + ": shape " + rows + " x " + columns + ", expected at least 1 row and 1 column");
        }
    }

    /**
     * Checks that a row exists.
     *
     * @param operation the operation or layer; opens the message
     * @param row index of the row
     * @param rows number of rows
     * @throws IndexOutOfBoundsException if there is no such row
     */
    public static void checkRow(String operation, int row, int rows) {
        if (row < 0 || row >= rows) {
            throw new IndexOutOfBoundsException(
                    operation + ": there is no row " + row + ", expected 0 to " + (rows - 1));
        }
    }

    /**
     * Checks that an array has enough values from an index on.
     *
     * @param operation the operation or layer; opens the message
     * @param at the index
     * @param values number of values
     * @param length length of the array
     * @throws IndexOutOfBoundsException if the values exceed the array
     */
    public static void checkRoom(String operation, int at, long values, int length) {
        if (at < 0 || values < 0 || at > length - values) {
            throw new IndexOutOfBoundsException(operation + ": " + values + " values from index " + at
                    + " on, but the array has " + length);
        }
    }

    /**
     * Checks that every scale is finite. Negative and zero scales occur in files and are allowed.
     *
     * @param operation the operation or layer; opens the message
     * @param scales the scales; not modified
     * @throws IllegalArgumentException if a scale is NaN or infinite
     */
    public static void checkScales(String operation, float[] scales) {
        for (int i = 0; i < scales.length; i++) {
            if (!Float.isFinite(scales[i])) {
                throw new IllegalArgumentException(operation + ": scale " + i + " of " + scales.length + " is "
                        + scales[i] + "; scales must be finite");
            }
        }
    }
}
