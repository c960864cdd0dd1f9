package io.bitlab.core.ops;

import java.util.Arrays;

/**
 * Two shapes broadcast as in NumPy: aligned at the last axis, with lengths of 1 stretched.
 *
 * <p>The result is visited row by row along its last axis; within a row, each operand advances by its step, 1 or 0.
 */
final class Broadcast {

    /** Receives the offset of a row in the result and in both operands. */
    @FunctionalInterface
    interface Row {
        void accept(int out, int a, int b);
    }

    final int[] shape;
    final int rowLength;
    final int aStep;
    final int bStep;
    private final int[] aStrides;
    private final int[] bStrides;

    private Broadcast(int[] shape, int[] aStrides, int[] bStrides) {
        int last = shape.length - 1;
        this.shape = shape;
        this.aStrides = aStrides;
        this.bStrides = bStrides;
        this.rowLength = last < 0 ? 1 : shape[last];
        this.aStep = last < 0 ? 0 : aStrides[last];
        this.bStep = last < 0 ? 0 : bStrides[last];
    }

    static Broadcast of(String operation, int[] a, int[] b) {
        return of(operation, a, b, a, b);
    }

    /** As above, but the message shows other shapes: those that the user passed. */
    static Broadcast of(String operation, int[] a, int[] b, int[] shownA, int[] shownB) {
        int rank = Math.max(a.length, b.length);
        int[] shape = new int[rank];
        for (int i = 0; i < rank; i++) {
            int lengthA = lengthAt(a, rank, i);
            int lengthB = lengthAt(b, rank, i);
            if (lengthA != lengthB && lengthA != 1 && lengthB != 1) {
                throw new IllegalArgumentException(operation + ": shapes " + Arrays.toString(shownA) + " and "
                        + Arrays.toString(shownB) + " don't broadcast: aligned at the last axis, lengths " + lengthA
                        + " and " + lengthB + " meet; they must be equal, or one of them 1");
            }
            shape[i] = Math.max(lengthA, lengthB);
        }
        return new Broadcast(shape, strides(a, rank), strides(b, rank));
    }

    private static int lengthAt(int[] shape, int rank, int axis) {
        int own = axis - (rank - shape.length);
        return own < 0 ? 1 : shape[own];
    }

    /** The operand's stride for each axis of the result: 0 where it is stretched. */
    private static int[] strides(int[] shape, int rank) {
        int[] strides = new int[rank];
        int stride = 1;
        for (int i = rank - 1; i >= rank - shape.length; i--) {
            int length = lengthAt(shape, rank, i);
            strides[i] = length == 1 ? 0 : stride;
            stride *= length;
        }
        return strides;
    }

    /** Visits the rows of the result in order. */
    void forEachRow(Row row) {
        int outer = Math.max(0, shape.length - 1);
        int[] index = new int[outer];
        int out = 0;
        int a = 0;
        int b = 0;
        while (true) {
            row.accept(out, a, b);
            out += rowLength;
            int axis = outer - 1;
            while (axis >= 0 && ++index[axis] == shape[axis]) {
                index[axis] = 0;
                a -= (shape[axis] - 1) * aStrides[axis];
                b -= (shape[axis] - 1) * bStrides[axis];
                axis--;
            }
            if (axis < 0) {
                return;
            }
            a += aStrides[axis];
            b += bStrides[axis];
        }
    }
}
