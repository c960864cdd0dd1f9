package io.bitlab.core.vector;

import io.bitlab.core.math.ActivationFunction;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link io.bitlab.core.math.Elementary} for arrays of whole vectors: the same operations in the same order; both sides
 * of a branch are computed and blended.
 *
 * <p>A function that needs exponentials writes their arguments into the array of its values, {@link #exp} replaces
 * them, and a last loop does the rest. A method that returns the exponential of a vector would be shorter and slower:
 * once C2 has compiled it by itself, it does not inline it into the loops that call it, where each vector becomes an
 * object. For the same reason loops call nothing but the Vector API, whose methods are always inlined: where a lot has
 * been inlined already, C2 leaves small helpers out.
 */
final class VectorElementary {

    static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;

    private static final int VL = F.length();

    private static final float LOG2_E = 1.44269504f;
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;

    /** 1.5 * 2^23: added to a number below 2^22, it leaves the number, rounded half to even, in the lowest bits. */
    private static final float ROUNDER = 0x1.8p23f;
    private static final int ROUNDER_BITS = Float.floatToRawIntBits(ROUNDER);
    private static final int SIGN = Integer.MIN_VALUE;

    private VectorElementary() {
    }

    /** The array may be the same. */
    static void exp(float[] x, int xo, float[] y, int yo, int length) {
        for (int i = 0; i < length; i += VL) {
            FloatVector clamped = FloatVector.fromArray(F, x, xo + i);
            clamped = clamped.blend(89.5f, clamped.compare(VectorOperators.GT, 89.5f));
            clamped = clamped.blend(-105f, clamped.compare(VectorOperators.LT, -105f));
            FloatVector rounded = clamped.mul(LOG2_E).add(ROUNDER);
            FloatVector n = rounded.sub(ROUNDER);
            FloatVector r =
                    n.fma(FloatVector.broadcast(F, -LN2_LOW), n.fma(FloatVector.broadcast(F, -LN2_HIGH), clamped));
            FloatVector p =
                    r.fma(FloatVector.broadcast(F, 1.9875691500e-4f), FloatVector.broadcast(F, 1.3981999507e-3f));
            p = p.fma(r, FloatVector.broadcast(F, 8.3334519073e-3f));
            p = p.fma(r, FloatVector.broadcast(F, 4.1665795894e-2f));
            p = p.fma(r, FloatVector.broadcast(F, 1.6666665459e-1f));
            p = p.fma(r, FloatVector.broadcast(F, 5.0000001201e-1f));
            FloatVector e = p.fma(r.mul(r), r).add(1f);
            IntVector exponent = rounded.reinterpretAsInts().sub(ROUNDER_BITS);
            IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
            IntVector rest = exponent.sub(half);
            e.mul(half.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats())
                    .mul(rest.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats()).intoArray(y, yo + i);
        }
    }

    /** The arrays must be different ones, here and below. */
    static void tanh(float[] x, int xo, float[] y, int yo, int length) {
        for (int i = 0; i < length; i += VL) {
            FloatVector magnitude = FloatVector.fromArray(F, x, xo + i).abs();
            magnitude.add(magnitude).intoArray(y, yo + i);
        }
        exp(y, yo, y, yo, length);
        for (int i = 0; i < length; i += VL) {
            FloatVector v = FloatVector.fromArray(F, x, xo + i);
            FloatVector magnitude = v.abs();
            FloatVector large = FloatVector.broadcast(F, 1f)
                    .sub(FloatVector.broadcast(F, 2f).div(FloatVector.fromArray(F, y, yo + i).add(1f)));
            FloatVector square = v.mul(v);
            FloatVector p = square.fma(FloatVector.broadcast(F, -5.70498872745e-3f),
                    FloatVector.broadcast(F, 2.06390887954e-2f));
            p = p.fma(square, FloatVector.broadcast(F, -5.37397155531e-2f));
            p = p.fma(square, FloatVector.broadcast(F, 1.33314422036e-1f));
            p = p.fma(square, FloatVector.broadcast(F, -3.33332819422e-1f));
            FloatVector small = p.mul(square).fma(magnitude, magnitude);
            small.blend(large, magnitude.compare(VectorOperators.GE, 0.625f)).reinterpretAsInts().and(~SIGN)
                    .or(v.reinterpretAsInts().and(SIGN)).reinterpretAsFloats().intoArray(y, yo + i);
        }
    }

    static void sigmoid(float[] x, int xo, float[] y, int yo, int length) {
        for (int i = 0; i < length; i += VL) {
            FloatVector.fromArray(F, x, xo + i).abs().neg().intoArray(y, yo + i);
        }
        exp(y, yo, y, yo, length);
        for (int i = 0; i < length; i += VL) {
            FloatVector e = FloatVector.fromArray(F, y, yo + i);
            e.blend(1f, FloatVector.fromArray(F, x, xo + i).compare(VectorOperators.GE, 0f)).div(e.add(1f)).intoArray(y,
                    yo + i);
        }
    }

    /** The normal distribution function: {@code (1 + erf(x / √2)) / 2}. */
    static void normalDistribution(float[] x, int xo, float[] y, int yo, int length) {
        for (int i = 0; i < length; i += VL) {
            FloatVector a = FloatVector.fromArray(F, x, xo + i).mul(ActivationFunction.ROOT_HALF).abs();
            a = a.blend(4f, a.compare(VectorOperators.GT, 4f));
            FloatVector q =
                    a.fma(FloatVector.broadcast(F, -1.999013039e-4f), FloatVector.broadcast(F, 3.081995295e-3f));
            q = q.fma(a, FloatVector.broadcast(F, -2.238102630e-2f));
            q = q.fma(a, FloatVector.broadcast(F, 1.042501926e-1f));
            q = q.fma(a, FloatVector.broadcast(F, 6.368206739e-1f));
            q = q.fma(a, FloatVector.broadcast(F, 1.127889395f));
            q.fma(a, FloatVector.broadcast(F, 1.442118810e-4f)).neg().intoArray(y, yo + i);
        }
        exp(y, yo, y, yo, length);
        for (int i = 0; i < length; i += VL) {
            FloatVector v = FloatVector.fromArray(F, x, xo + i).mul(ActivationFunction.ROOT_HALF);
            FloatVector square = v.mul(v);
            FloatVector p =
                    square.fma(FloatVector.broadcast(F, 8.698968304e-5f), FloatVector.broadcast(F, -8.216547430e-4f));
            p = p.fma(square, FloatVector.broadcast(F, 5.207219161e-3f));
            p = p.fma(square, FloatVector.broadcast(F, -2.686177380e-2f));
            p = p.fma(square, FloatVector.broadcast(F, 1.128373668e-1f));
            p = p.fma(square, FloatVector.broadcast(F, -3.761263490e-1f));
            p = p.fma(square, FloatVector.broadcast(F, 1.283791661e-1f));
            FloatVector small = p.fma(v, v);
            FloatVector large =
                    FloatVector.broadcast(F, 1f).sub(FloatVector.fromArray(F, y, yo + i)).reinterpretAsInts().and(~SIGN)
                            .or(v.reinterpretAsInts().and(SIGN)).reinterpretAsFloats();
            large.blend(small, v.abs().compare(VectorOperators.LT, 0.875f)).add(1f).mul(0.5f).intoArray(y, yo + i);
        }
    }

    /** The argument of tanh inside {@link ActivationFunction#GELU_TANH}. */
    static void tanhArgument(float[] x, int xo, float[] y, int yo, int length) {
        for (int i = 0; i < length; i += VL) {
            FloatVector v = FloatVector.fromArray(F, x, xo + i);
            FloatVector cubic = v.mul(ActivationFunction.GELU_CUBIC).mul(v).mul(v);
            v.add(cubic).mul(ActivationFunction.ROOT_TWO_OVER_PI).intoArray(y, yo + i);
        }
    }
}
