package io.bitlab.core.ops;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;

/** A tensor seen along one axis: many lanes, each {@code length} elements that stand {@code stride} apart. */
final class Lanes {

    final int[] shape;
    final int axis;
    final int length;
    final int stride;
    private final int outer;

    private Lanes(int[] shape, int axis) {
        this.shape = shape;
        this.axis = axis;
        this.length = shape[axis];
        this.stride = Shape.product(shape, axis + 1, shape.length);
        this.outer = Shape.product(shape, 0, axis);
    }

    static Lanes of(String operation, Tensor x, int axis) {
        int[] shape = x.shape();
        return new Lanes(shape, Shape.axis(operation, axis, shape));
    }

    int count() {
        return outer * stride;
    }

    /** Where in the tensor a lane begins; lanes are numbered as the elements of the tensor without this axis. */
    int start(int lane) {
        return lane / stride * length * stride + lane % stride;
    }

    /** A lane's elements side by side: copied to {@code scratch}. */
    void read(float[] x, int lane, float[] scratch) {
        int start = start(lane);
        for (int i = 0; i < length; i++) {
            scratch[i] = x[start + i * stride];
        }
    }

    void write(float[] scratch, int lane, float[] x) {
        int start = start(lane);
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
