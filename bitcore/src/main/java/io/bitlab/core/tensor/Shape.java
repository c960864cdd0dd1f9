package io.bitlab.core.tensor;

import java.util.Arrays;

/**
 * Checks of shapes and axes, with the same messages in all operations, and arithmetic on shapes.
 *
 * {@snippet class="io.bitlab.core.snippets.TensorSnippets" region="shape"}
 */
public final class Shape {

    private Shape() {
    }

    /**
     * The number of elements of a shape.
     *
     * @param operation name of the calling operation, for the message
     * @param shape lengths of the axes; none for a scalar
     * @return their product
     * @throws IllegalArgumentException if a length is not positive or the product does not fit an array
     */
    public static int size(String operation, int... shape) {
        long size = 1;
        for (int length : shape) {
            if (length <= 0) {
                throw new IllegalArgumentException(operation + ": shape " + Arrays.toString(shape) + " has a length of "
                        + length + "; every length must be at least 1");
            }
            size *= length;
            if (size > Integer.MAX_VALUE - 8) {
                throw new IllegalArgumentException(operation + ": shape " + Arrays.toString(shape)
                        + " has more elements than one array can hold (" + (Integer.MAX_VALUE - 8) + ")");
            }
        }
        return (int) size;
    }

    /**
     * Resolves an axis that may be negative.
     *
     * @param operation name of the calling operation, for the message
     * @param axis 0 to rank - 1, or -1 (the last) to -rank
     * @param shape the tensor's shape
     * @return the axis as a number from 0 to rank - 1
     * @throws IllegalArgumentException if there is no such axis
     */
    public static int axis(String operation, int axis, int... shape) {
        int resolved = axis < 0 ? axis + shape.length : axis;
        if (resolved < 0 || resolved >= shape.length) {
            throw new IllegalArgumentException(operation + ": axis " + axis + " does not exist in shape "
                    + Arrays.toString(shape) + " of rank " + shape.length);
        }
        return resolved;
    }

    /**
     * Checks that the last axis of a layer's input has the right length.
     *
     * @param x the input
     * @param features the length that the layer expects
     * @param layer name of the layer for the message
     * @return the number of rows: the product of all other axes
     * @throws IllegalArgumentException if x is a scalar or has another number of features
     */
    public static int requireFeatures(Tensor x, int features, String layer) {
        if (x.rank() == 0) {
            throw new IllegalArgumentException(layer + ": input is a scalar (rank 0), expected shape [..., " + features
                    + "]");
        }
        if (x.length(-1) != features) {
            throw new IllegalArgumentException(layer + ": input " + Arrays.toString(x.shape()) + " has " + x.length(-1)
                    + " features in its last dimension, expected " + features);
        }
        return x.size() / features;
    }

    /**
     * The product of consecutive lengths.
     *
     * @param shape a shape
     * @param from first axis
     * @param to axis after the last
     * @return product of the lengths; 1 if there are none
     */
    public static int product(int[] shape, int from, int to) {
        int product = 1;
        for (int i = from; i < to; i++) {
            product *= shape[i];
        }
        return product;
    }

    /**
     * A shape with one length changed.
     *
     * @param shape a shape; not modified
     * @param axis the axis, from 0
     * @param length its new length
     * @return the changed copy
     */
    public static int[] with(int[] shape, int axis, int length) {
        int[] changed = shape.clone();
        changed[axis] = length;
        return changed;
    }

    /**
     * A shape without one of its axes.
     *
     * @param shape a shape; not modified
     * @param axis the axis, from 0
     * @return the copy, one shorter
     */
    public static int[] without(int[] shape, int axis) {
        int[] shorter = new int[shape.length - 1];
        System.arraycopy(shape, 0, shorter, 0, axis);
        System.arraycopy(shape, axis + 1, shorter, axis, shorter.length - axis);
        return shorter;
    }
}
