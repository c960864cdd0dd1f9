package io.bitlab.core.vector;

import static io.bitlab.core.vector.VectorElementary.F;

import io.bitlab.core.math.ActivationFunction;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link ActivationFunction}s of arrays, a vector at a time; the last elements one by one. The function is selected
 * once per array, so that each loop holds a single function.
 */
final class VectorActivationFunctions {

    private static final int VL = F.length();

    /** Elements between two passes, which stay in the first-level cache. */
    private static final int BLOCK = 512;

    private VectorActivationFunctions() {
    }

    /** {@code y = f(x)}. */
    static void apply(ActivationFunction f, float[] x, int xo, float[] y, int yo, int length) {
        int whole = length - length % VL;
        switch (f) {
            case EXP -> VectorElementary.exp(x, xo, y, yo, whole);
            case RELU -> relu(x, xo, y, yo, whole);
            case SQUARED_RELU -> squaredRelu(x, xo, y, yo, whole);
            case TANH, SIGMOID, SILU, GELU, GELU_TANH -> {
                boolean same = x == y; // but arguments are needed until the last pass
                inPasses(f, same ? Arrays.copyOfRange(x, xo, xo + whole) : x, same ? 0 : xo, y, yo, whole);
            }
        }
        for (int i = whole; i < length; i++) {
            y[yo + i] = f.apply(x[xo + i]);
        }
    }

    private static void inPasses(ActivationFunction f, float[] x, int xo, float[] y, int yo, int length) {
        float[] arguments = f == ActivationFunction.GELU_TANH ? new float[Math.min(BLOCK, length)] : null;
        for (int done = 0; done < length; done += BLOCK) {
            int count = Math.min(BLOCK, length - done);
            int from = xo + done;
            int to = yo + done;
            switch (f) {
                case TANH -> VectorElementary.tanh(x, from, y, to, count);
                case SIGMOID -> VectorElementary.sigmoid(x, from, y, to, count);
                case SILU -> {
                    VectorElementary.sigmoid(x, from, y, to, count);
                    multiply(y, to, x, from, count);
                }
                case GELU -> {
                    VectorElementary.normalDistribution(x, from, y, to, count);
                    multiply(y, to, x, from, count);
                }
                case GELU_TANH -> {
                    VectorElementary.tanhArgument(x, from, arguments, 0, count);
                    VectorElementary.tanh(arguments, 0, y, to, count);
                    geluOfTanh(x, from, y, to, count);
                }
                case EXP, RELU, SQUARED_RELU -> throw new IllegalArgumentException(f + " needs one pass");
            }
        }
    }

    private static void geluOfTanh(float[] x, int xo, float[] y, int yo, int length) {
        for (int i = 0; i < length; i += VL) {
            FloatVector.fromArray(F, x, xo + i).mul(0.5f).mul(FloatVector.fromArray(F, y, yo + i).add(1f)).intoArray(y,
                    yo + i);
        }
    }

    private static void multiply(float[] y, int yo, float[] x, int xo, int length) {
        for (int i = 0; i < length; i += VL) {
            FloatVector.fromArray(F, x, xo + i).mul(FloatVector.fromArray(F, y, yo + i)).intoArray(y, yo + i);
        }
    }

    /** Adding +0 makes -0 positive, as {@link Math#max} does. */
    private static void relu(float[] x, int xo, float[] y, int yo, int length) {
        for (int i = 0; i < length; i += VL) {
            FloatVector v = FloatVector.fromArray(F, x, xo + i).add(0f);
            v.blend(0f, v.compare(VectorOperators.LT, 0f)).intoArray(y, yo + i);
        }
    }

    private static void squaredRelu(float[] x, int xo, float[] y, int yo, int length) {
        for (int i = 0; i < length; i += VL) {
            FloatVector v = FloatVector.fromArray(F, x, xo + i);
            v = v.blend(0f, v.compare(VectorOperators.LT, 0f));
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
            FloatVector.fromArray(F, dx, dxo + i)
                    .add(FloatVector.fromArray(F, g, go + i).mul(FloatVector.fromArray(F, y, yo + i)))
                    .intoArray(dx, dxo + i);
        }
    }

    private static void tanhGradient(float[] g, int go, float[] y, int yo, float[] dx, int dxo, int length) {
        FloatVector one = FloatVector.broadcast(F, 1f);
        for (int i = 0; i < length; i += VL) {
            FloatVector v = FloatVector.fromArray(F, y, yo + i);
            FloatVector.fromArray(F, dx, dxo + i).add(FloatVector.fromArray(F, g, go + i).mul(one.sub(v.mul(v))))
                    .intoArray(dx, dxo + i);
        }
    }

    private static void sigmoidGradient(float[] g, int go, float[] y, int yo, float[] dx, int dxo, int length) {
        FloatVector one = FloatVector.broadcast(F, 1f);
        for (int i = 0; i < length; i += VL) {
            FloatVector v = FloatVector.fromArray(F, y, yo + i);
            FloatVector.fromArray(F, dx, dxo + i).add(FloatVector.fromArray(F, g, go + i).mul(v.mul(one.sub(v))))
                    .intoArray(dx, dxo + i);
        }
    }

    private static void siluGradient(float[] g, int go, float[] x, int xo, float[] dx, int dxo, int length) {
        float[] sigmoids = new float[Math.min(BLOCK, length)];
        for (int i = 0; i < length; i += BLOCK) {
            int count = Math.min(BLOCK, length - i);
            VectorElementary.sigmoid(x, xo + i, sigmoids, 0, count);
            siluGradient(g, go + i, x, xo + i, sigmoids, dx, dxo + i, count);
        }
    }

    private static void siluGradient(float[] g, int go, float[] x, int xo, float[] sigmoids, float[] dx, int dxo,
            int length) {
        FloatVector one = FloatVector.broadcast(F, 1f);
        for (int i = 0; i < length; i += VL) {
            FloatVector s = FloatVector.fromArray(F, sigmoids, i);
            FloatVector derivative = s.mul(FloatVector.fromArray(F, x, xo + i).mul(one.sub(s)).add(1f));
            FloatVector.fromArray(F, dx, dxo + i).add(FloatVector.fromArray(F, g, go + i).mul(derivative)).intoArray(dx,
                    dxo + i);
        }
    }

    private static void geluGradient(float[] g, int go, float[] x, int xo, float[] dx, int dxo, int length) {
        float[] distribution = new float[Math.min(BLOCK, length)];
        float[] exponentials = new float[distribution.length];
        for (int i = 0; i < length; i += BLOCK) {
            int count = Math.min(BLOCK, length - i);
            VectorElementary.normalDistribution(x, xo + i, distribution, 0, count);
            minusHalfTheSquare(x, xo + i, exponentials, count);
            VectorElementary.exp(exponentials, 0, exponentials, 0, count);
            geluGradient(g, go + i, x, xo + i, distribution, exponentials, dx, dxo + i, count);
        }
    }

    private static void minusHalfTheSquare(float[] x, int xo, float[] y, int length) {
        for (int i = 0; i < length; i += VL) {
            FloatVector v = FloatVector.fromArray(F, x, xo + i);
            v.mul(-0.5f).mul(v).intoArray(y, i);
        }
    }

    private static void geluGradient(float[] g, int go, float[] x, int xo, float[] distribution, float[] exponentials,
            float[] dx, int dxo, int length) {
        for (int i = 0; i < length; i += VL) {
            FloatVector density =
                    FloatVector.fromArray(F, x, xo + i).mul(ActivationFunction.INVERSE_ROOT_TWO_PI)
                            .mul(FloatVector.fromArray(F, exponentials, i));
            FloatVector derivative = FloatVector.fromArray(F, distribution, i).add(density);
            FloatVector.fromArray(F, dx, dxo + i).add(FloatVector.fromArray(F, g, go + i).mul(derivative)).intoArray(dx,
                    dxo + i);
        }
    }

    private static void geluTanhGradient(float[] g, int go, float[] x, int xo, float[] dx, int dxo, int length) {
        float[] arguments = new float[Math.min(BLOCK, length)];
        float[] tanh = new float[arguments.length];
        for (int i = 0; i < length; i += BLOCK) {
            int count = Math.min(BLOCK, length - i);
            VectorElementary.tanhArgument(x, xo + i, arguments, 0, count);
            VectorElementary.tanh(arguments, 0, tanh, 0, count);
            geluTanhGradient(g, go + i, x, xo + i, tanh, dx, dxo + i, count);
        }
    }

    private static void geluTanhGradient(float[] g, int go, float[] x, int xo, float[] tanh, float[] dx, int dxo,
            int length) {
        FloatVector one = FloatVector.broadcast(F, 1f);
        for (int i = 0; i < length; i += VL) {
            FloatVector v = FloatVector.fromArray(F, x, xo + i);
            FloatVector t = FloatVector.fromArray(F, tanh, i);
            FloatVector inner =
                    v.mul(3f * ActivationFunction.GELU_CUBIC).mul(v).add(1f).mul(ActivationFunction.ROOT_TWO_OVER_PI);
            FloatVector derivative = t.add(1f).add(v.mul(one.sub(t.mul(t))).mul(inner)).mul(0.5f);
            FloatVector.fromArray(F, dx, dxo + i).add(FloatVector.fromArray(F, g, go + i).mul(derivative)).intoArray(dx,
                    dxo + i);
        }
    }

    private static void reluGradient(float[] g, int go, float[] x, int xo, float[] dx, int dxo, int length) {
        FloatVector zero = FloatVector.zero(F);
        for (int i = 0; i < length; i += VL) {
            FloatVector derivative =
                    zero.blend(1f, FloatVector.fromArray(F, x, xo + i).compare(VectorOperators.GT, 0f));
            FloatVector.fromArray(F, dx, dxo + i).add(FloatVector.fromArray(F, g, go + i).mul(derivative)).intoArray(dx,
                    dxo + i);
        }
    }

    private static void squaredReluGradient(float[] g, int go, float[] x, int xo, float[] dx, int dxo, int length) {
        for (int i = 0; i < length; i += VL) {
            FloatVector v = FloatVector.fromArray(F, x, xo + i).add(0f);
            FloatVector derivative = v.blend(0f, v.compare(VectorOperators.LT, 0f)).mul(2f);
            FloatVector.fromArray(F, dx, dxo + i).add(FloatVector.fromArray(F, g, go + i).mul(derivative)).intoArray(dx,
                    dxo + i);
        }
    }
}
