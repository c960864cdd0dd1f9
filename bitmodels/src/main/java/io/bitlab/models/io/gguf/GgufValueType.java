package io.bitlab.models.io.gguf;

import java.util.Arrays;

/** The type of a metadata value. The order is that of the numbers in files, from 0 on. */
public enum GgufValueType {

    /** Unsigned 8 bits. */
    U8(1),
    /** Signed 8 bits. */
    I8(1),
    /** Unsigned 16 bits. */
    U16(2),
    /** Signed 16 bits. */
    I16(2),
    /** Unsigned 32 bits, the type of most numbers of llama.cpp. */
    U32(4),
    /** Signed 32 bits. */
    I32(4),
    /** IEEE 754 binary32. */
    F32(4),
    /** A byte, 0 or 1. */
    BOOL(1),
    /** UTF-8 after a 64-bit length. */
    STRING(8),
    /** Element type, 64-bit count, elements. */
    ARRAY(12),
    /** Unsigned 64 bits. */
    U64(8),
    /** Signed 64 bits. */
    I64(8),
    /** IEEE 754 binary64. */
    F64(8);

    private static final GgufValueType[] BY_ID = values();

    private final int minBytes;

    GgufValueType(int minBytes) {
        this.minBytes = minBytes;
    }

    /** The bytes of a number; of an empty string or array. */
    int minBytes() {
        return minBytes;
    }

    /** Whether all values take {@link #minBytes}. */
    boolean isFixedSize() {
        return this != STRING && this != ARRAY;
    }

    /** The number in files. */
    int id() {
        return ordinal();
    }

    /** Whether the number names a type. */
    static boolean exists(int id) {
        return id >= 0 && id < BY_ID.length;
    }

    static GgufValueType of(int id) {
        return BY_ID[id];
    }

    /** All of them, for messages. */
    static String all() {
        return "0 to " + (BY_ID.length - 1) + " " + Arrays.toString(BY_ID);
    }
}
