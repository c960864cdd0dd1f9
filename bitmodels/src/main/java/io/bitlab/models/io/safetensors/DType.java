package io.bitlab.models.io.safetensors;

import io.bitlab.core.math.FloatMath;
import io.bitlab.models.internal.Quote;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The element type of a stored tensor, with its safetensors name. Elements are little-endian and need no alignment.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">The safetensors format</a>
 */
public enum DType {
    /** IEEE 754 binary32, Java's {@code float}. */
    F32(4),
    /** IEEE 754 binary16: 5 bits of exponent, 10 of fraction. */
    F16(2),
    /** The upper half of a binary32: 8 bits of exponent, 7 of fraction. */
    BF16(2),
    /** IEEE 754 binary64, Java's {@code double}. */
    F64(8),
    /** Signed byte. */
    I8(1),
    /** Unsigned byte. */
    U8(1),
    /** Signed 16-bit integer. */
    I16(2),
    /** Signed 32-bit integer. */
    I32(4),
    /** Signed 64-bit integer. */
    I64(8),
    /** One byte: 0 is false, everything else is true. */
    BOOL(1);

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final int PIECE = 1 << 12;

    private final int byteSize;

    DType(int byteSize) {
        this.byteSize = byteSize;
    }

    /**
     * The type of a safetensors name.
     *
     * @param name a name from a header, for instance {@code "BF16"}
     * @return the type of that name
     * @throws IllegalArgumentException if no type has this name; the message lists those that exist
     */
    public static DType of(String name) {
        for (DType dtype : values()) {
            if (dtype.name().equals(name)) {
                return dtype;
            }
        }
        throw new IllegalArgumentException(
                "dtype " + Quote.value(name) + " is not one of " + Arrays.toString(values()));
    }

    /**
     * The bytes that one element takes.
     *
     * @return 1, 2, 4 or 8
     */
    public int byteSize() {
        return byteSize;
    }

    /**
     * Whether the elements are whole numbers; {@link #BOOL} counts as 0 and 1.
     *
     * @return false for the F types, true for all others
     */
    public boolean isInteger() {
        return this != F32 && this != F16 && this != BF16 && this != F64;
    }

    /**
     * Converts elements to float. F32, F16, BF16 and integers up to 2^24 keep their exact value; F64 and larger
     * integers are rounded to the nearest float.
     *
     * @param source where the elements are; not modified
     * @param offset the byte at which the first element begins
     * @param target where the floats go; modified at {@code from} to {@code from + count - 1}
     * @param from the index of the first float
     * @param count the number of elements
     * @throws IndexOutOfBoundsException if the elements or the floats are not all inside
     */
    public void toFloats(MemorySegment source, long offset, float[] target, int from, int count) {
        switch (this) {
            case F32 -> MemorySegment.copy(source, FLOAT, offset, target, from, count);
            case F16, BF16 -> widen(source, offset, target, from, count);
            case F64 -> {
                for (int i = 0; i < count; i++) {
                    target[from + i] = (float) source.get(DOUBLE, offset + 8L * i);
                }
            }
            default -> {
                for (int i = 0; i < count; i++) {
                    target[from + i] = toLong(source, offset + (long) byteSize * i);
                }
            }
        }
    }

    /** Through an array, a piece at a time: loops over arrays become vector code, loops over memory segments do not. */
    private void widen(MemorySegment source, long offset, float[] target, int from, int count) {
        short[] piece = new short[Math.min(count, PIECE)];
        for (int i = 0; i < count; i += piece.length) {
            int some = Math.min(piece.length, count - i);
            MemorySegment.copy(source, SHORT, offset + 2L * i, piece, 0, some);
            if (this == BF16) {
                FloatMath.get().widen(piece, 0, target, from + i, some);
            } else {
                for (int j = 0; j < some; j++) {
                    target[from + i + j] = Float.float16ToFloat(piece[j]);
                }
            }
        }
    }

    /**
     * Reads one integer element exactly; {@link #BOOL} gives 0 or 1.
     *
     * @param source where the element is; not modified
     * @param offset the byte at which it begins
     * @return its value
     * @throws IllegalArgumentException if this is not an {@linkplain #isInteger() integer type}
     * @throws IndexOutOfBoundsException if the element is not inside
     */
    public long toLong(MemorySegment source, long offset) {
        return switch (this) {
            case I8 -> source.get(ValueLayout.JAVA_BYTE, offset);
            case U8 -> Byte.toUnsignedLong(source.get(ValueLayout.JAVA_BYTE, offset));
            case BOOL -> source.get(ValueLayout.JAVA_BYTE, offset) == 0 ? 0 : 1;
            case I16 -> source.get(SHORT, offset);
            case I32 -> source.get(INT, offset);
            case I64 -> source.get(LONG, offset);
            default -> throw new IllegalArgumentException(this + " elements are not integers; use toFloats");
        };
    }
}
