package io.bitlab.core.vector;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Packs eight trits at a time, each of which is a byte of a long. */
final class TritCodes {

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final long NIBBLES = 0x000f000f000f000fL;
    /** The product's uppermost 16 bits are four nibbles that are 16 bits apart; nothing is carried into them. */
    private static final long GATHER = (1L << 48) + (1L << 36) + (1L << 24) + (1L << 12);

    private TritCodes() {
    }

    /** Eight trits plus 1, the first in the lowest byte. */
    static long bytes(byte[] trits, int from) {
        long eight = (long) LONGS.get(trits, from);
        return (eight & ~HIGH_BITS) + (HIGH_BITS >>> 7) ^ eight & HIGH_BITS;
    }

    /** Sixteen codes of two bits, the first in the lowest. */
    static int twoBits(byte[] trits, int from) {
        long first = bytes(trits, from);
        long second = bytes(trits, from + Long.BYTES);
        return gathered(first + (first >>> 6)) + (gathered(second + (second >>> 6)) << 16);
    }

    /** Eight codes of four bits, {@code c0 + 3 c1} for two trits, the first in the lowest. */
    static int pairs(byte[] trits, int from) {
        long first = bytes(trits, from);
        long second = bytes(trits, from + Long.BYTES);
        return gathered(first + 3 * (first >>> 8)) + (gathered(second + 3 * (second >>> 8)) << 16);
    }

    private static int gathered(long nibbles) {
        return (int) ((nibbles & NIBBLES) * GATHER >>> 48);
    }
}
