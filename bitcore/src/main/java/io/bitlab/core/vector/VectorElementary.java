package io.bitlab.core.vector;

import io.bitlab.core.math.ActivationFunction;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link io.bitlab.core.math.Elementary} for vectors: the same operations in the same order; both sides of a branch are
 * computed and blended. Small static methods, which C2 inlines into the calling loops.
 */
final class VectorElementary {

    static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;

    private static final float LOG2_E = 1.44269504f;
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;

    /** 1.5 * 2^23: added to a number below 2^22, it leaves the number, rounded half to even, in the lowest bits. */
    private static final float ROUNDER = 0x1.8p23f;
    private static final int ROUNDER_BITS = Float.floatToRawIntBits(ROUNDER);
    private static final int SIGN = Integer.MIN_VALUE;

    private VectorElementary() {
    }

    static FloatVector exp(FloatVector x) {
        FloatVector clamped = x.min(89.5f).max(-105f);
        FloatVector rounded = clamped.mul(LOG2_E).add(ROUNDER);
        FloatVector n = rounded.sub(ROUNDER);
        FloatVector r = n.fma(broadcast(-LN2_LOW), n.fma(broadcast(-LN2_HIGH), clamped));
        FloatVector p = r.fma(broadcast(1.9875691500e-4f), broadcast(1.3981999507e-3f));
        p = p.fma(r, broadcast(8.3334519073e-3f));
        p = p.fma(r, broadcast(4.1665795894e-2f));
        p = p.fma(r, broadcast(1.6666665459e-1f));
        p = p.fma(r, broadcast(5.0000001201e-1f));
        FloatVector y = p.fma(r.mul(r), r).add(1f);
        IntVector exponent = rounded.reinterpretAsInts().sub(ROUNDER_BITS);
        IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
        return y.mul(powerOfTwo(half)).mul(powerOfTwo(exponent.sub(half)));
    }

    /**
     * {@link #exp(FloatVector)} of arrays, written out: short loops, such as the softmax of a short context, make C2
     * compile that method by itself, and from then on it does not inline it into their loop, where each vector becomes
     * an object.
     */
    static void exp(float[] x, int xo, float[] y, int yo, int length) {
        for (int i = 0; i < length; i += F.length()) {
            FloatVector clamped = FloatVector.fromArray(F, x, xo + i).min(89.5f).max(-105f);
            FloatVector rounded = clamped.mul(LOG2_E).add(ROUNDER);
            FloatVector n = rounded.sub(ROUNDER);
            FloatVector r = n.fma(FloatVector.broadcast(F, -LN2_LOW), n.fma(FloatVector.broadcast(F, -LN2_HIGH),
                    clamped));
            FloatVector p = r.fma(FloatVector.broadcast(F, 1.9875691500e-4f), FloatVector.broadcast(F,
                    1.3981999507e-3f));
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

    private static FloatVector powerOfTwo(IntVector exponent) {
        return exponent.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    }

    static FloatVector tanh(FloatVector x) {
        FloatVector magnitude = x.abs();
        FloatVector large = broadcast(1f).sub(broadcast(2f).div(exp(magnitude.add(magnitude)).add(1f)));
        FloatVector square = x.mul(x);
        FloatVector p = square.fma(broadcast(-5.70498872745e-3f), broadcast(2.06390887954e-2f));
        p = p.fma(square, broadcast(-5.37397155531e-2f));
        p = p.fma(square, broadcast(1.33314422036e-1f));
        p = p.fma(square, broadcast(-3.33332819422e-1f));
        FloatVector small = p.mul(square).fma(magnitude, magnitude);
        return copySign(small.blend(large, magnitude.compare(VectorOperators.GE, 0.625f)), x);
    }

    static FloatVector sigmoid(FloatVector x) {
        FloatVector e = exp(x.abs().neg());
        return e.blend(1f, x.compare(VectorOperators.GE, 0f)).div(e.add(1f));
    }

    static FloatVector erf(FloatVector x) {
        FloatVector magnitude = x.abs();
        FloatVector square = x.mul(x);
        FloatVector p = square.fma(broadcast(8.698968304e-5f), broadcast(-8.216547430e-4f));
        p = p.fma(square, broadcast(5.207219161e-3f));
        p = p.fma(square, broadcast(-2.686177380e-2f));
        p = p.fma(square, broadcast(1.128373668e-1f));
        p = p.fma(square, broadcast(-3.761263490e-1f));
        p = p.fma(square, broadcast(1.283791661e-1f));
        FloatVector small = p.fma(x, x);
        FloatVector a = magnitude.min(4f);
        FloatVector q = a.fma(broadcast(-1.999013039e-4f), broadcast(3.081995295e-3f));
        q = q.fma(a, broadcast(-2.238102630e-2f));
        q = q.fma(a, broadcast(1.042501926e-1f));
        q = q.fma(a, broadcast(6.368206739e-1f));
        q = q.fma(a, broadcast(1.127889395f));
        q = q.fma(a, broadcast(1.442118810e-4f));
        FloatVector large = copySign(broadcast(1f).sub(exp(q.neg())), x);
        return large.blend(small, magnitude.compare(VectorOperators.LT, 0.875f));
    }

    /** The normal distribution function. */
    static FloatVector normalDistribution(FloatVector x) {
        return erf(x.mul(ActivationFunction.ROOT_HALF)).add(1f).mul(0.5f);
    }

    /** The tanh inside {@link ActivationFunction#GELU_TANH}. */
    static FloatVector innerTanh(FloatVector x) {
        FloatVector cubic = x.mul(ActivationFunction.GELU_CUBIC).mul(x).mul(x);
        return tanh(x.add(cubic).mul(ActivationFunction.ROOT_TWO_OVER_PI));
    }

    private static FloatVector copySign(FloatVector magnitude, FloatVector sign) {
        return magnitude.reinterpretAsInts().and(~SIGN).or(sign.reinterpretAsInts().and(SIGN)).reinterpretAsFloats();
    }

    private static FloatVector broadcast(float value) {
        return FloatVector.broadcast(F, value);
    }
}
