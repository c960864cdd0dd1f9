package io.bitlab.models.io.gguf;

import io.bitlab.models.internal.Quote;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Encodes the parts of a header, the reverse of {@link GgufCursor}. */
final class GgufBytes {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    GgufBytes bits(long value, int byteCount) {
        for (int i = 0; i < byteCount; i++) {
            bytes.write((int) (value >>> 8 * i));
        }
        return this;
    }

    GgufBytes u32(int value) {
        return bits(value, Integer.BYTES);
    }

    GgufBytes u64(long value) {
        return bits(value, Long.BYTES);
    }

    GgufBytes string(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        u64(utf8.length);
        return append(utf8);
    }

    GgufBytes append(byte[] more) {
        bytes.writeBytes(more);
        return this;
    }

    GgufBytes pad(long alignment) {
        return append(new byte[(int) (GgufHeader.align(bytes.size(), alignment) - bytes.size())]);
    }

    byte[] toArray() {
        return bytes.toByteArray();
    }

    /** Half a surrogate pair would become a question mark. */
    static void requireUnicode(String what, String text) {
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
            throw new IllegalArgumentException(
                    what + " " + Quote.value(text) + " holds half a surrogate pair, not valid Unicode");
        }
    }

    /** A value without its type. */
    GgufBytes value(String what, GgufValueType type, Object value) {
        return switch (type) {
            case STRING -> {
                String text = require(what, type, value, String.class);
                requireUnicode(what, text);
                yield string(text);
            }
            case BOOL -> bits(require(what, type, value, Boolean.class) ? 1 : 0, 1);
            case F32 -> u32(Float.floatToRawIntBits(floating(what, type, value).floatValue()));
            case F64 -> u64(Double.doubleToRawLongBits(floating(what, type, value).doubleValue()));
            case ARRAY -> {
                List<?> list = require(what, type, value, List.class);
                yield array(what, elementType(what, list), list);
            }
            default -> bits(integer(what, type, value), type.minBytes());
        };
    }

    GgufBytes array(String what, GgufValueType elementType, List<?> values) {
        u32(elementType.id()).u64(values.size());
        for (Object value : values) {
            value(what, elementType, value);
        }
        return this;
    }

    /** The type that a Java object suggests. */
    static GgufValueType typeOf(String what, Object value) {
        return switch (value) {
            case String _ -> GgufValueType.STRING;
            case Boolean _ -> GgufValueType.BOOL;
            case Float _ -> GgufValueType.F32;
            case Double _ -> GgufValueType.F64;
            case Byte _ -> GgufValueType.I8;
            case Short _ -> GgufValueType.I16;
            case Integer _ -> GgufValueType.I32;
            case Long _ -> GgufValueType.I64;
            case List<?> _ -> GgufValueType.ARRAY;
            default -> throw new IllegalArgumentException(what + ": a " + value.getClass().getName()
                    + ", expected String, Boolean, a number or a List of these");
        };
    }

    private static GgufValueType elementType(String what, List<?> list) {
        if (list.isEmpty()) {
            throw new IllegalArgumentException(what + ": an empty list has no element type; give it with putArray");
        }
        return typeOf(what, list.getFirst());
    }

    private static <T> T require(String what, GgufValueType type, Object value, Class<T> expected) {
        if (!expected.isInstance(value)) {
            throw wrong(what, type, value);
        }
        return expected.cast(value);
    }

    private static Number floating(String what, GgufValueType type, Object value) {
        if (value instanceof Float || value instanceof Double) {
            return (Number) value;
        }
        throw wrong(what, type, value);
    }

    private static long integer(String what, GgufValueType type, Object value) {
        BigInteger number = switch (value) {
            case BigInteger big -> big;
            case Byte small -> BigInteger.valueOf(small);
            case Short small -> BigInteger.valueOf(small);
            case Integer small -> BigInteger.valueOf(small);
            case Long small -> BigInteger.valueOf(small);
            default -> throw wrong(what, type, value);
        };
        boolean signed = type.name().startsWith("I");
        int bits = 8 * type.minBytes();
        boolean fits = signed ? number.bitLength() < bits : number.signum() >= 0 && number.bitLength() <= bits;
        if (!fits) {
            throw wrong(what, type, value);
        }
        return number.longValue();
    }

    private static IllegalArgumentException wrong(String what, GgufValueType type, Object value) {
        return new IllegalArgumentException(what + ": " + Quote.value(value) + " of "
                + (value == null ? "no type" : value.getClass().getSimpleName()) + " is no value of type " + type);
    }
}
