package io.bitlab.models.io.gguf;

import io.bitlab.models.io.ModelFormatException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Reads a header from front to back, and never past the end of the file. */
final class GgufCursor {

    /** Of a string; a chat template has some thousand bytes. */
    private static final long MAX_STRING_BYTES = 100_000_000;

    /** Of arrays in arrays; the format gives no limit, files have 1. */
    private static final int MAX_DEPTH = 8;

    private static final char REPLACEMENT = '\ufffd';

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment file;
    private final String source;
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
    private long at;

    GgufCursor(MemorySegment file, String source) {
        this.file = file;
        this.source = source;
    }

    /** How many bytes have been read. */
    long at() {
        return at;
    }

    ModelFormatException wrong(String what, String problem) {
        return new ModelFormatException(source, what + ": " + problem);
    }

    /** What was read contradicts itself; the exception says what does. */
    ModelFormatException wrong(IllegalArgumentException contradiction) {
        return new ModelFormatException(source, contradiction.getMessage(), contradiction);
    }

    /** Steps over some bytes that must be there. */
    private long take(long bytes, String what) throws ModelFormatException {
        long rest = file.byteSize() - at;
        if (bytes > rest) {
            throw wrong(what, "the file ends after " + rest + " of its " + bytes + " bytes; it has been cut off");
        }
        long begin = at;
        at += bytes;
        return begin;
    }

    int u32(String what) throws ModelFormatException {
        return file.get(INT, take(Integer.BYTES, what));
    }

    long u64(String what) throws ModelFormatException {
        return file.get(LONG, take(Long.BYTES, what));
    }

    /** Reads a number of things, each of which takes at least some bytes. */
    int count(String what, String things, int minBytes) throws ModelFormatException {
        long count = u64(what);
        long most = (file.byteSize() - at) / minBytes;
        if (count < 0 || count > most || count > Integer.MAX_VALUE - 8) {
            throw wrong(what, Long.toUnsignedString(count) + " " + things + ", but the " + (file.byteSize() - at)
                    + " bytes that follow hold at most " + most + "; the file is corrupt or cut off");
        }
        return (int) count;
    }

    /** Decodes strictly: replacement characters could make two names one. */
    String string(String what) throws ModelFormatException {
        int length = count(what, "bytes of text", 1);
        if (length > MAX_STRING_BYTES) {
            throw wrong(what, length + " bytes of text, expected at most " + MAX_STRING_BYTES);
        }
        if (length == 0) {
            return "";
        }
        byte[] bytes = file.asSlice(take(length, what), length).toArray(ValueLayout.JAVA_BYTE);
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (text.indexOf(REPLACEMENT) < 0) {
            return text;
        }
        try { // the text has one, or stood in for what is no text: a vocabulary is too long to do this with all of it
            return utf8.decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new ModelFormatException(source, what + ": the text is not UTF-8", e);
        }
    }

    /** Reads a type and a value of it. */
    Object value(String what) throws ModelFormatException {
        return value(valueType(what), what, 0);
    }

    private GgufValueType valueType(String what) throws ModelFormatException {
        int id = u32(what);
        if (!GgufValueType.exists(id)) {
            throw wrong(what, "value type " + Integer.toUnsignedString(id) + ", expected " + GgufValueType.all());
        }
        return GgufValueType.of(id);
    }

    private Object value(GgufValueType type, String what, int depth) throws ModelFormatException {
        return switch (type) {
            case STRING -> string(what);
            case ARRAY -> array(what, depth + 1);
            default -> {
                long begin = take(type.minBytes(), what);
                checkBooleans(type, begin, 1, what);
                yield NumberList.number(type, file, begin);
            }
        };
    }

    private List<Object> array(String what, int depth) throws ModelFormatException {
        if (depth > MAX_DEPTH) {
            throw wrong(what, "arrays in arrays, expected at most " + MAX_DEPTH + " of them");
        }
        GgufValueType type = valueType(what);
        int count = count(what, type + " elements", type.minBytes());
        if (type.isFixedSize()) {
            return numbers(type, count, what);
        }
        // grows with what has been read: in an array of arrays, each count may be as large as the file
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.add(value(type, what, depth));
        }
        return Collections.unmodifiableList(values);
    }

    private List<Object> numbers(GgufValueType type, int count, String what) throws ModelFormatException {
        long bytes = (long) count * type.minBytes();
        if (bytes > Integer.MAX_VALUE - 8) {
            throw wrong(what, bytes + " bytes of numbers, expected at most " + (Integer.MAX_VALUE - 8));
        }
        long begin = take(bytes, what);
        checkBooleans(type, begin, count, what);
        return new NumberList(type, file.asSlice(begin, bytes).toArray(ValueLayout.JAVA_BYTE));
    }

    private void checkBooleans(GgufValueType type, long begin, int count, String what) throws ModelFormatException {
        for (int i = 0; type == GgufValueType.BOOL && i < count; i++) {
            int value = Byte.toUnsignedInt(file.get(ValueLayout.JAVA_BYTE, begin + i));
            if (value > 1) {
                throw wrong(what, "the boolean is " + value + ", expected 0 or 1");
            }
        }
    }
}
