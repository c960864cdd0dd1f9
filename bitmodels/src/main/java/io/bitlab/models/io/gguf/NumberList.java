package io.bitlab.models.io.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.AbstractList;
import java.util.Objects;
import java.util.RandomAccess;

/** The numbers or booleans of a metadata array, as many bytes as they take in the file; objects are made on access. */
final class NumberList extends AbstractList<Object> implements RandomAccess {

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final GgufValueType type;
    private final MemorySegment bytes;

    /** Keeps the array. */
    NumberList(GgufValueType type, byte[] bytes) {
        this.type = type;
        this.bytes = MemorySegment.ofArray(bytes);
    }

    @Override
    public Object get(int index) {
        Objects.checkIndex(index, size());
        return number(type, bytes, (long) index * type.minBytes());
    }

    @Override
    public int size() {
        return (int) (bytes.byteSize() / type.minBytes());
    }

    /** Integers are Long, unless they are too large. */
    static Object number(GgufValueType type, MemorySegment from, long at) {
        return switch (type) {
            case U8 -> (long) Byte.toUnsignedInt(from.get(ValueLayout.JAVA_BYTE, at));
            case I8 -> (long) from.get(ValueLayout.JAVA_BYTE, at);
            case U16 -> (long) Short.toUnsignedInt(from.get(SHORT, at));
            case I16 -> (long) from.get(SHORT, at);
            case U32 -> Integer.toUnsignedLong(from.get(INT, at));
            case I32 -> (long) from.get(INT, at);
            case I64 -> from.get(LONG, at);
            case U64 -> unsigned(from.get(LONG, at));
            case F32 -> Float.intBitsToFloat(from.get(INT, at));
            case F64 -> Double.longBitsToDouble(from.get(LONG, at));
            case BOOL -> from.get(ValueLayout.JAVA_BYTE, at) != 0;
            case STRING, ARRAY -> throw new IllegalArgumentException(type + " is no number");
        };
    }

    private static Object unsigned(long bits) {
        if (bits >= 0) {
            return bits;
        }
        return new BigInteger(Long.toUnsignedString(bits));
    }
}
