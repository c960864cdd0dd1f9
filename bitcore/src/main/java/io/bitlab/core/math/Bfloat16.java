package io.bitlab.core.math;

/**
 * Conversions between float and bfloat16, the upper 16 bits of a float: its sign, its 8 bits of exponent, and 8 bits of
 * precision. For IEEE binary16, use {@link Float#floatToFloat16} and {@link Float#float16ToFloat}.
 */
public final class Bfloat16 {

    private static final int QUIET_NAN = 0x40;

    private Bfloat16() {
    }

    /**
     * Rounds a float to the nearest bfloat16, half to even.
     *
     * @param x any float
     * @return its bits; values beyond the range become infinite, NaN stays NaN
     */
    public static short fromFloat(float x) {
        int bits = Float.floatToRawIntBits(x);
        if (Float.isNaN(x)) {
            return (short) (bits >>> 16 | QUIET_NAN);
        }
        return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
    }

    /**
     * Widens a bfloat16 to a float, exactly.
     *
     * @param bits any 16 bits
     * @return the value
     */
    public static float toFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /**
     * Whether bfloat16 holds a float without loss.
     *
     * @param x any float
     * @return true if its lower 16 bits are 0
     */
    public static boolean isExact(float x) {
        return (Float.floatToRawIntBits(x) & 0xFFFF) == 0;
    }
}
