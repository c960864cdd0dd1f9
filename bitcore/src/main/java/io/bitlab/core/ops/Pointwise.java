package io.bitlab.core.ops;

import io.bitlab.core.math.Elementary;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;

/** Functions of one variable, applied to each element. */
public final class Pointwise {

    private Pointwise() {
    }

    /** {@code f(x)}. */
    @FunctionalInterface
    private interface Function {
        float of(float x);
    }

    /** {@code f'}, from the argument x and the value y = f(x). */
    @FunctionalInterface
    private interface Derivative {
        float of(float x, float y);
    }

    /**
     * e to the power of each element.
     *
     * @param x any tensor
     * @return its exponential; gradient {@code g * y}
     */
    public static Tensor exp(Tensor x) {
        return map("exp", x, Elementary::exp, (a, y) -> y);
    }

    /**
     * The natural logarithm of each element.
     *
     * @param x any tensor; negative elements give NaN
     * @return its logarithm; gradient {@code g / x}
     */
    public static Tensor log(Tensor x) {
        return map("log", x, Elementary::log, (a, y) -> 1f / a);
    }

    /**
     * The square root of each element.
     *
     * @param x any tensor; negative elements give NaN
     * @return its root; gradient {@code g / (2 y)}
     */
    public static Tensor sqrt(Tensor x) {
        return map("sqrt", x, a -> (float) Math.sqrt(a), (a, y) -> 0.5f / y);
    }

    /**
     * The hyperbolic tangent of each element.
     *
     * @param x any tensor
     * @return its tanh; gradient {@code g * (1 - y²)}
     */
    public static Tensor tanh(Tensor x) {
        return map("tanh", x, Elementary::tanh, (a, y) -> 1f - y * y);
    }

    /**
     * The logistic function of each element.
     *
     * @param x any tensor
     * @return {@code 1 / (1 + exp(-x))}; gradient {@code g * y * (1 - y)}
     */
    public static Tensor sigmoid(Tensor x) {
        return map("sigmoid", x, Elementary::sigmoid, (a, y) -> y * (1f - y));
    }

    /**
     * The positive part of each element.
     *
     * @param x any tensor
     * @return {@code max(x, 0)}, NaN for NaN; gradient g where x is positive, else 0
     */
    public static Tensor relu(Tensor x) {
        return map("relu", x, a -> Math.max(a, 0f), (a, y) -> a > 0f ? 1f : 0f);
    }

    private static Tensor map(String operation, Tensor x, Function f, Derivative derivative) {
        float[] in = x.data();
        float[] out = Workspace.floats(in.length);
        for (int i = 0; i < in.length; i++) {
            out[i] = f.of(in[i]);
        }
        return Autograd.result(operation, out, x.shape(), g -> {
            float[] dx = x.gradBuffer();
            for (int i = 0; i < in.length; i++) {
                dx[i] += g[i] * derivative.of(in[i], out[i]);
            }
        }, x);
    }
}
