package io.bitlab.core.math;

import static io.bitlab.core.math.Fma.fma;

/**
 * Elementary functions in float32, each a fixed sequence of additions, multiplications and multiply-adds.
 *
 * <p>{@link Math#exp} and its relatives may return different bits on different machines; these return the same bits on
 * every machine with FMA. Range reduction and minimax polynomials follow the Cephes library (S. L. Moshier, <i>Methods
 * and Programs for Mathematical Functions</i>, 1989). The largest errors over every float of the range, subnormal
 * results included: {@code exp} 1.02 units in the last place, {@code log} 0.83, {@code tanh} 1.34,
 * {@code sigmoid} 2.41, {@code erf} 1.18. NaN gives NaN.
 */
public final class Elementary {

    private static final float LOG2_E = 1.44269504f;
    private static final float LN2_HIGH = 0.693359375f; // few bits, so that n * LN2_HIGH is exact
    private static final float LN2_LOW = -2.12194440e-4f;
    private static final float SQRT_HALF = 0.70710678f;

    private Elementary() {
    }

    /**
     * The exponential function.
     *
     * @param x any float
     * @return e to the power x; 0 below about -103.97, infinity above about 88.72
     */
    public static float exp(float x) {
        float clamped = Math.max(-105f, Math.min(89.5f, x)); // keeps NaN
        float n = (float) Math.rint(clamped * LOG2_E);
        float r = fma(n, -LN2_LOW, fma(n, -LN2_HIGH, clamped));
        float p = fma(1.9875691500e-4f, r, 1.3981999507e-3f);
        p = fma(p, r, 8.3334519073e-3f);
        p = fma(p, r, 4.1665795894e-2f);
        p = fma(p, r, 1.6666665459e-1f);
        p = fma(p, r, 5.0000001201e-1f);
        float y = fma(p, r * r, r) + 1f;
        int exponent = (int) n;
        // Two factors, so that results near the ends of the range overflow or are rounded only once, at the end.
        int half = exponent >> 1;
        return y * powerOfTwo(half) * powerOfTwo(exponent - half);
    }

    /**
     * The natural logarithm.
     *
     * @param x any float
     * @return ln x; minus infinity for 0, NaN for a negative x
     */
    public static float log(float x) {
        if (!(x > 0f) || x == Float.POSITIVE_INFINITY) {
            return x == 0f ? Float.NEGATIVE_INFINITY : x > 0f ? x : Float.NaN;
        }
        boolean subnormal = x < Float.MIN_NORMAL;
        int bits = Float.floatToRawIntBits(subnormal ? x * 0x1p25f : x);
        int exponent = (bits >>> 23) - 126 - (subnormal ? 25 : 0);
        float mantissa = Float.intBitsToFloat((bits & 0x007fffff) | 0x3f000000); // in [0.5, 1)
        if (mantissa < SQRT_HALF) {
            exponent--;
            mantissa += mantissa;
        }
        float f = mantissa - 1f;
        float p = fma(7.0376836292e-2f, f, -1.1514610310e-1f);
        p = fma(p, f, 1.1676998740e-1f);
        p = fma(p, f, -1.2420140846e-1f);
        p = fma(p, f, 1.4249322787e-1f);
        p = fma(p, f, -1.6668057665e-1f);
        p = fma(p, f, 2.0000714765e-1f);
        p = fma(p, f, -2.4999993993e-1f);
        p = fma(p, f, 3.3333331174e-1f);
        float square = f * f;
        float tail = fma(exponent, LN2_LOW, p * f * square);
        tail = fma(-0.5f, square, tail);
        return fma(exponent, LN2_HIGH, f + tail);
    }

    /**
     * The hyperbolic tangent.
     *
     * @param x any float
     * @return tanh x, in [-1, 1]; odd to the bit
     */
    public static float tanh(float x) {
        float magnitude = Math.abs(x);
        if (magnitude >= 0.625f) {
            return Math.copySign(1f - 2f / (exp(magnitude + magnitude) + 1f), x);
        }
        float square = x * x;
        float p = fma(-5.70498872745e-3f, square, 2.06390887954e-2f);
        p = fma(p, square, -5.37397155531e-2f);
        p = fma(p, square, 1.33314422036e-1f);
        p = fma(p, square, -3.33332819422e-1f);
        return Math.copySign(fma(p * square, magnitude, magnitude), x); // -0 for -0
    }

    /**
     * The logistic function.
     *
     * @param x any float
     * @return {@code 1 / (1 + exp(-x))}, in [0, 1]
     */
    public static float sigmoid(float x) {
        float e = exp(-Math.abs(x)); // at most 1, so that small results keep their relative accuracy
        return (x >= 0f ? 1f : e) / (1f + e);
    }

    /**
     * The error function, {@code 2/√π} times the integral of {@code exp(-t²)} from 0 to x.
     *
     * <p>Near 0 it is {@code x + x·P(x²)}, elsewhere {@code 1 - exp(-Q(|x|))} with the sign of x; P and Q are minimax
     * polynomials fitted (Lawson's iteration, 40 digits) to {@code erf(x)/x - 1} and {@code -ln(1 - erf(x))}.
     *
     * @param x any float
     * @return erf x, in [-1, 1]
     */
    public static float erf(float x) {
        float a = Math.abs(x);
        if (a < 0.875f) {
            float square = x * x;
            float p = fma(8.698968304e-5f, square, -8.216547430e-4f);
            p = fma(p, square, 5.207219161e-3f);
            p = fma(p, square, -2.686177380e-2f);
            p = fma(p, square, 1.128373668e-1f);
            p = fma(p, square, -3.761263490e-1f);
            p = fma(p, square, 1.283791661e-1f);
            return fma(p, x, x);
        }
        a = Math.min(a, 4f); // 1 to the last digit beyond 3.92; keeps NaN
        float q = fma(-1.999013039e-4f, a, 3.081995295e-3f);
        q = fma(q, a, -2.238102630e-2f);
        q = fma(q, a, 1.042501926e-1f);
        q = fma(q, a, 6.368206739e-1f);
        q = fma(q, a, 1.127889395f);
        q = fma(q, a, 1.442118810e-4f);
        return Math.copySign(1f - exp(-q), x);
    }

    private static float powerOfTwo(int exponent) {
        return Float.intBitsToFloat((exponent + 127) << 23);
    }
}
