package io.bitlab.core.vector;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Makes codes of trits, eight of which are the bytes of a long. A trit's digit is the trit plus 1. */
final class TritCodes {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final long NIBBLES = 0x000f000f000f000fL;
    /** Multiplying by it brings four nibbles that are 16 bits apart together in the uppermost 16 bits. */
    private static final long GATHER = (1L << 48) + (1L << 36) + (1L << 24) + (1L << 12);

    private TritCodes() {
    }

    /** Eight digits, the first in the lowest byte. */
    static long digits(byte[] trits, int from) {
        long eight = (long) LONGS.get(trits, from);
        return (eight & ~HIGH_BITS) + (HIGH_BITS >>> 7) ^ eight & HIGH_BITS;
    }

    /** Sixteen digits of two bits, the first in the lowest. */
    static int twoBits(byte[] trits, int from) {
        long first = digits(trits, from);
        long second = digits(trits, from + Long.BYTES);
        return gathered(first + (first >>> 6)) + (gathered(second + (second >>> 6)) << 16);
    }

    /** Eight pairs of digits {@code d0 + 3 d1} in four bits, the first in the lowest. */
    static int pairs(byte[] trits, int from) {
        long first = digits(trits, from);
        long second = digits(trits, from + Long.BYTES);
        return gathered(first + 3 * (first >>> 8)) + (gathered(second + 3 * (second >>> 8)) << 16);
    }

    private static int gathered(long nibbles) {
        return (int) ((nibbles & NIBBLES) * GATHER >>> 48);
    }
}
