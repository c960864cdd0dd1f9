package io.bitlab.core.ops;

import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;

/** A dense, row-major array of doubles that references are written with: slow, and plain to read. */
record DoubleArray(double[] values, int... shape) {

    static DoubleArray of(Tensor tensor) {
        return of(tensor.data(), tensor.shape());
    }

    static DoubleArray of(float[] values, int... shape) {
        double[] wide = new double[values.length];
        Arrays.setAll(wide, i -> values[i]);
        return new DoubleArray(wide, shape);
    }

    /** An array whose element at each index is computed from that index. */
    static DoubleArray build(int[] shape, ToDoubleFunction<int[]> element) {
        double[] values = new double[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        int[] index = new int[shape.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = element.applyAsDouble(index.clone());
            for (int axis = shape.length - 1; axis >= 0 && ++index[axis] == shape[axis]; axis--) {
                index[axis] = 0;
            }
        }
        return new DoubleArray(values, shape.clone());
    }

    double at(int... index) {
        if (index.length != shape.length) {
            throw new IndexOutOfBoundsException(Arrays.toString(index) + " in " + Arrays.toString(shape));
        }
        int offset = 0;
        for (int axis = 0; axis < shape.length; axis++) {
            if (index[axis] < 0 || index[axis] >= shape[axis]) {
                throw new IndexOutOfBoundsException(Arrays.toString(index) + " in " + Arrays.toString(shape));
            }
            offset = offset * shape[axis] + index[axis];
        }
        return values[offset];
    }

    /** The element that broadcasting puts at an index of the (larger) result. */
    double stretchedAt(int... index) {
        int[] own = Arrays.copyOfRange(index, index.length - shape.length, index.length);
        for (int axis = 0; axis < own.length; axis++) {
            if (shape[axis] == 1) {
                own[axis] = 0;
            }
        }
        return at(own);
    }

    int length(int axis) {
        return shape[axis];
    }

    /** A copy of an index with one position changed. */
    static int[] with(int[] index, int axis, int position) {
        int[] changed = index.clone();
        changed[axis] = position;
        return changed;
    }

    /** A copy of an index (or shape) with one more position. */
    static int[] insert(int[] index, int axis, int position) {
        int[] longer = new int[index.length + 1];
        System.arraycopy(index, 0, longer, 0, axis);
        longer[axis] = position;
        System.arraycopy(index, axis, longer, axis + 1, index.length - axis);
        return longer;
    }

    /** A copy of an index (or shape) without one position. */
    static int[] remove(int[] index, int axis) {
        int[] shorter = new int[index.length - 1];
        System.arraycopy(index, 0, shorter, 0, axis);
        System.arraycopy(index, axis + 1, shorter, axis, shorter.length - axis);
        return shorter;
    }
}
