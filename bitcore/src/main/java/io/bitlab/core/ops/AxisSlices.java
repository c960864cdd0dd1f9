package io.bitlab.core.ops;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;

/** A tensor as 1-D slices along one axis: each has {@code length} elements at a distance of {@code stride}. */
final class AxisSlices {

    final int[] shape;
    final int axis;
    final int length;
    final int stride;
    private final int outer;

    private AxisSlices(int[] shape, int axis) {
        this.shape = shape;
        this.axis = axis;
        this.length = shape[axis];
        this.stride = Shape.product(shape, axis + 1, shape.length);
        this.outer = Shape.product(shape, 0, axis);
    }

    static AxisSlices of(String operation, Tensor x, int axis) {
        int[] shape = x.shape();
        return new AxisSlices(shape, Shape.axis(operation, axis, shape));
    }

    int count() {
        return outer * stride;
    }

    /** Index of a slice's first element. Slices are numbered like the elements of the tensor without the axis. */
    int start(int slice) {
        return slice / stride * length * stride + slice % stride;
    }

    /** Copies the elements of a slice to {@code scratch}, side by side. */
    void read(float[] x, int slice, float[] scratch) {
        int start = start(slice);
        for (int i = 0; i < length; i++) {
            scratch[i] = x[start + i * stride];
        }
    }

    /** Copies the elements of {@code scratch} to a slice. */
    void write(float[] scratch, int slice, float[] x) {
        int start = start(slice);
        for (int i = 0; i < length; i++) {
            x[start + i * stride] = scratch[i];
        }
    }

    float[] scratch() {
        return Workspace.floats(length);
    }

    int[] shapeWithout() {
        return Shape.without(shape, axis);
    }
}
