package io.bitlab.models.io.gguf;

import io.bitlab.models.internal.Quote;
import java.util.Arrays;
import java.util.Objects;

/**
 * A GGUF file's entry of one tensor. The instances that a {@link GgufFile} returns have been checked against the
 * file.
 *
 * @param name the tensor's name
 * @param type the element type
 * @param shape the dimensions, outermost first, so {@code [out, in]} for a matrix; at most 4, each at least 1
 * @param offset the first byte of the tensor, counted from the beginning of the data
 */
public record GgufTensor(String name, GgufType type, int[] shape, long offset) {

    /** The most dimensions that llama.cpp gives a tensor. */
    static final int MAX_RANK = 4;

    /**
     * Checks the shape against the type, and copies it, so that the record is immutable.
     *
     * @throws IllegalArgumentException if a dimension is less than 1, there are too many, a row is no whole number of
     *     blocks, or the bytes do not fit in a long; the message names the tensor and the values
     */
    public GgufTensor {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        shape = shape.clone();
        String title = "tensor " + describe(name, type, shape) + ": ";
        if (shape.length > MAX_RANK) {
            throw new IllegalArgumentException(
                    title + shape.length + " dimensions, expected at most " + MAX_RANK);
        }
        long elements = 1;
        for (int dimension : shape) {
            if (dimension < 1) {
                throw new IllegalArgumentException(title + "dimension " + dimension + ", expected at least 1");
            }
            if (elements > Long.MAX_VALUE / 8 / dimension) {
                throw new IllegalArgumentException(title + "more bytes than a file can have (2^63 - 1)");
            }
            elements *= dimension;
        }
        int row = shape.length == 0 ? 1 : shape[shape.length - 1];
        if (row % type.blockSize() != 0) {
            throw new IllegalArgumentException(title + "rows of " + row + " weights, expected a multiple of the "
                    + type.blockSize() + " in a block of " + type);
        }
        if (offset < 0) {
            throw new IllegalArgumentException(title + "offset " + offset + ", expected 0 or more");
        }
    }

    /**
     * The dimensions, outermost first.
     *
     * @return a copy; empty for a scalar
     */
    @Override
    public int[] shape() {
        return shape.clone();
    }

    /**
     * The number of weights: the product of the dimensions, 1 for a scalar.
     *
     * @return at least 1
     */
    public long elements() {
        long elements = 1;
        for (int dimension : shape) {
            elements *= dimension;
        }
        return elements;
    }

    /**
     * The number of bytes.
     *
     * @return at least 1
     */
    public long byteCount() {
        return type.byteCount(elements());
    }

    /** The weights of a row: the last dimension. */
    int columns() {
        return shape.length == 0 ? 1 : shape[shape.length - 1];
    }

    /** Where an element is, for messages. */
    String place(long element) {
        return "row " + element / columns() + ", column " + element % columns();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof GgufTensor that
                && name.equals(that.name)
                && type == that.type
                && Arrays.equals(shape, that.shape)
                && offset == that.offset;
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, type, Arrays.hashCode(shape), offset);
    }

    /** Name, type and shape, for instance {@code 'blk.0.attn_q.weight' TQ2_0 [2560, 2560]}. */
    @Override
    public String toString() {
        return describe(name, type, shape);
    }

    private static String describe(String name, GgufType type, int[] shape) {
        return Quote.value(name) + " " + type + " " + Arrays.toString(shape);
    }
}
