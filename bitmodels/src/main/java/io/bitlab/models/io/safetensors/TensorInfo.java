package io.bitlab.models.io.safetensors;

import io.bitlab.models.internal.Quote;
import java.util.Arrays;
import java.util.Objects;

/**
 * The header's entry of one tensor: its element type, shape and the place of its bytes. The instances that a
 * {@link SafetensorsFile} returns have been checked against the file.
 *
 * @param name the tensor's name
 * @param dtype the element type
 * @param shape the dimensions, outermost first; empty for a scalar. A dimension may be 0: such a tensor has no elements
 * @param begin the first byte of the tensor, counted from the end of the header
 * @param end the byte after the last one, counted from the end of the header
 */
public record TensorInfo(String name, DType dtype, int[] shape, long begin, long end) {

    /**
     * Checks the range against the type and shape, and copies the shape, so that the record is immutable.
     *
     * @throws IllegalArgumentException if a dimension is negative, the bytes of the shape do not fit in a long, or the
     *     range does not hold exactly those bytes; the message names the tensor and the values
     */
    public TensorInfo {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(dtype, "dtype");
        shape = shape.clone();
        long bytes = byteCount(name, dtype, shape);
        if (begin < 0 || end < begin || end - begin != bytes) {
            throw new IllegalArgumentException("tensor " + describe(name, dtype, shape) + ": data_offsets [" + begin
                    + ", " + end + "] do not hold the " + bytes + " bytes that this type and shape need");
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
     * The number of elements: the product of the dimensions, 1 for a scalar.
     *
     * @return the count; may be 0
     */
    public long elements() {
        return byteCount() / dtype.byteSize();
    }

    /**
     * The number of bytes.
     *
     * @return the length of the range; may be 0
     */
    public long byteCount() {
        return end - begin;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TensorInfo that
                && name.equals(that.name)
                && dtype == that.dtype
                && Arrays.equals(shape, that.shape)
                && begin == that.begin
                && end == that.end;
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, dtype, Arrays.hashCode(shape), begin, end);
    }

    /** Name, type and shape, for instance {@code 'fc.weight' F32 [512, 256]}. */
    @Override
    public String toString() {
        return describe(name, dtype, shape);
    }

    /**
     * The bytes that a tensor of this type and shape takes.
     *
     * @throws IllegalArgumentException if a dimension is negative or the count does not fit in a long
     */
    static long byteCount(String name, DType dtype, int[] shape) {
        long bytes = dtype.byteSize();
        for (int dimension : shape) {
            if (dimension < 0) {
                throw new IllegalArgumentException(
                        "tensor " + describe(name, dtype, shape) + ": dimension " + dimension + " is negative");
            }
            if (dimension != 0 && bytes > Long.MAX_VALUE / dimension) {
                throw new IllegalArgumentException("tensor " + describe(name, dtype, shape)
                        + ": this type and shape need more bytes than a file can have (2^63 - 1)");
            }
            bytes *= dimension;
        }
        return bytes;
    }

    private static String describe(String name, DType dtype, int[] shape) {
        return Quote.value(name) + " " + dtype + " " + Arrays.toString(shape);
    }
}
