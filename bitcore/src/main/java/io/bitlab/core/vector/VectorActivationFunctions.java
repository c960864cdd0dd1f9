package io.bitlab.core.vector;

import static io.bitlab.core.vector.VectorElementary.F;

import io.bitlab.core.math.ActivationFunction;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link ActivationFunction}s of arrays, a vector at a time; the last elements one by one. The function is selected
 * once per array, so that each loop holds a single function.
 */
final class VectorActivationFunctions {

    private static final int VL = F.length();

    private VectorActivationFunctions() {
    }

    /** {@code y = f(x)}. */
    static void apply(ActivationFunction f, float[] x, int xo, float[] y, int yo, int length) {
        int whole = length - length % VL;
        switch (f) {
            case EXP -> VectorElementary.exp(x, xo, y, yo, whole);
            case TANH -> tanh(x, xo, y, yo, whole);
            case SIGMOID -> sigmoid(x, xo, y, yo, whole);
            case SILU -> silu(x, xo, y, yo, whole);
            case GELU -> gelu(x, xo, y, yo, whole);
            case GELU_TANH -> geluTanh(x, xo, y, yo, whole);
            case RELU -> relu(x, xo, y, yo, whole);
            case SQUARED_RELU -> squaredRelu(x, xo, y, yo, whole);
        }
        for (int i = whole; i < length; i++) {
            y[yo + i] = f.apply(x[xo + i]);
        }
    }

    private static FloatVector load(float[] x, int i) {
        return FloatVector.fromArray(F, x, i);
    }

    private static void tanh(float[] x, int xo, float[] y, int yo, int length) {
        for (int i = 0; i < length; i += VL) {
            VectorElementary.tanh(load(x, xo + i)).intoArray(y, yo + i);
        }
    }

    private static void sigmoid(float[] x, int xo, float[] y, int yo, int length) {
        for (int i = 0; i < length; i += VL) {
            VectorElementary.sigmoid(load(x, xo + i)).intoArray(y, yo + i);
        }
    }

    private static void silu(float[] x, int xo, float[] y, int yo, int length) {
        for (int i = 0; i < length; i += VL) {
            FloatVector v = load(x, xo + i);
            v.mul(VectorElementary.sigmoid(v)).intoArray(y, yo + i);
        }
    }

    private static void gelu(float[] x, int xo, float[] y, int yo, int length) {
        for (int i = 0; i < length; i += VL) {
            FloatVector v = load(x, xo + i);
            v.mul(VectorElementary.normalDistribution(v)).intoArray(y, yo + i);
        }
    }

    private static void geluTanh(float[] x, int xo, float[] y, int yo, int length) {
        for (int i = 0; i < length; i += VL) {
            FloatVector v = load(x, xo + i);
            v.mul(0.5f).mul(VectorElementary.innerTanh(v).add(1f)).intoArray(y, yo + i);
        }
    }

    private static void relu(float[] x, int xo, float[] y, int yo, int length) {
        FloatVector zero = FloatVector.zero(F);
        for (int i = 0; i < length; i += VL) {
            load(x, xo + i).max(zero).intoArray(y, yo + i);
        }
    }

    private static void squaredRelu(float[] x, int xo, float[] y, int yo, int length) {
        FloatVector zero = FloatVector.zero(F);
        for (int i = 0; i < length; i += VL) {
            FloatVector v = load(x, xo + i).max(zero);
            v.mul(v).intoArray(y, yo + i);
        }
    }

    /** {@code dx += g * f'(x)}, where {@code y = f(x)}. */
    static void addGradient(ActivationFunction f, float[] g, int go, float[] x, int xo, float[] y, int yo, float[] dx,
            int dxo,
            int length) {
        int whole = length - length % VL;
        switch (f) {
            case EXP -> expGradient(g, go, y, yo, dx, dxo, whole);
            case TANH -> tanhGradient(g, go, y, yo, dx, dxo, whole);
            case SIGMOID -> sigmoidGradient(g, go, y, yo, dx, dxo, whole);
            case SILU -> siluGradient(g, go, x, xo, dx, dxo, whole);
            case GELU -> geluGradient(g, go, x, xo, dx, dxo, whole);
            case GELU_TANH -> geluTanhGradient(g, go, x, xo, dx, dxo, whole);
            case RELU -> reluGradient(g, go, x, xo, dx, dxo, whole);
            case SQUARED_RELU -> squaredReluGradient(g, go, x, xo, dx, dxo, whole);
        }
        for (int i = whole; i < length; i++) {
            dx[dxo + i] += g[go + i] * f.derivative(x[xo + i], y[yo + i]);
        }
    }

    private static void expGradient(float[] g, int go, float[] y, int yo, float[] dx, int dxo, int length) {
        for (int i = 0; i < length; i += VL) {
            load(dx, dxo + i).add(load(g, go + i).mul(load(y, yo + i))).intoArray(dx, dxo + i);
        }
    }

    private static void tanhGradient(float[] g, int go, float[] y, int yo, float[] dx, int dxo, int length) {
        FloatVector one = FloatVector.broadcast(F, 1f);
        for (int i = 0; i < length; i += VL) {
            FloatVector v = load(y, yo + i);
            load(dx, dxo + i).add(load(g, go + i).mul(one.sub(v.mul(v)))).intoArray(dx, dxo + i);
        }
    }

    private static void sigmoidGradient(float[] g, int go, float[] y, int yo, float[] dx, int dxo, int length) {
        FloatVector one = FloatVector.broadcast(F, 1f);
        for (int i = 0; i < length; i += VL) {
            FloatVector v = load(y, yo + i);
            load(dx, dxo + i).add(load(g, go + i).mul(v.mul(one.sub(v)))).intoArray(dx, dxo + i);
        }
    }

    private static void siluGradient(float[] g, int go, float[] x, int xo, float[] dx, int dxo, int length) {
        FloatVector one = FloatVector.broadcast(F, 1f);
        for (int i = 0; i < length; i += VL) {
            FloatVector v = load(x, xo + i);
            FloatVector s = VectorElementary.sigmoid(v);
            FloatVector derivative = s.mul(v.mul(one.sub(s)).add(1f));
            load(dx, dxo + i).add(load(g, go + i).mul(derivative)).intoArray(dx, dxo + i);
        }
    }

    private static void geluGradient(float[] g, int go, float[] x, int xo, float[] dx, int dxo, int length) {
        for (int i = 0; i < length; i += VL) {
            FloatVector v = load(x, xo + i);
            FloatVector density =
                    v.mul(ActivationFunction.INVERSE_ROOT_TWO_PI).mul(VectorElementary.exp(v.mul(-0.5f).mul(v)));
            FloatVector derivative = VectorElementary.normalDistribution(v).add(density);
            load(dx, dxo + i).add(load(g, go + i).mul(derivative)).intoArray(dx, dxo + i);
        }
    }

    private static void geluTanhGradient(float[] g, int go, float[] x, int xo, float[] dx, int dxo, int length) {
        FloatVector one = FloatVector.broadcast(F, 1f);
        for (int i = 0; i < length; i += VL) {
            FloatVector v = load(x, xo + i);
            FloatVector t = VectorElementary.innerTanh(v);
            FloatVector inner =
                    v.mul(3f * ActivationFunction.GELU_CUBIC).mul(v).add(1f).mul(ActivationFunction.ROOT_TWO_OVER_PI);
            FloatVector derivative = t.add(1f).add(v.mul(one.sub(t.mul(t))).mul(inner)).mul(0.5f);
            load(dx, dxo + i).add(load(g, go + i).mul(derivative)).intoArray(dx, dxo + i);
        }
    }

    private static void reluGradient(float[] g, int go, float[] x, int xo, float[] dx, int dxo, int length) {
        FloatVector zero = FloatVector.zero(F);
        for (int i = 0; i < length; i += VL) {
            FloatVector derivative = zero.blend(1f, load(x, xo + i).compare(VectorOperators.GT, 0f));
            load(dx, dxo + i).add(load(g, go + i).mul(derivative)).intoArray(dx, dxo + i);
        }
    }

    private static void squaredReluGradient(float[] g, int go, float[] x, int xo, float[] dx, int dxo, int length) {
        for (int i = 0; i < length; i += VL) {
            FloatVector derivative = load(x, xo + i).max(0f).mul(2f);
            load(dx, dxo + i).add(load(g, go + i).mul(derivative)).intoArray(dx, dxo + i);
        }
    }
}
