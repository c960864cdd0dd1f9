package io.bitlab.core.ops;

import io.bitlab.core.math.Elementary;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;

/** Functions of one variable, applied to each element. */
public final class Pointwise {

    private static final float ROOT_HALF = 0.70710678f;
    private static final float INVERSE_ROOT_TWO_PI = 0.39894228f;
    private static final float ROOT_TWO_OVER_PI = 0.79788456f;
    private static final float GELU_CUBIC = 0.044715f;

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

    /**
     * The Gaussian error linear unit of each element (Hendrycks and Gimpel, 2016): {@code x·Φ(x)} with the standard
     * normal distribution function {@code Φ(x) = (1 + erf(x / √2)) / 2}.
     *
     * @param x any tensor
     * @return its GELU; gradient {@code g * (Φ(x) + x·φ(x))}, {@code φ(x) = exp(-x²/2) / √(2π)}
     */
    public static Tensor gelu(Tensor x) {
        return map("gelu", x, a -> a * normalDistribution(a),
                (a, y) -> normalDistribution(a) + a * INVERSE_ROOT_TWO_PI * Elementary.exp(-0.5f * a * a));
    }

    private static float normalDistribution(float x) {
        return 0.5f * (1f + Elementary.erf(x * ROOT_HALF));
    }

    /**
     * The approximation of {@link #gelu} that GPT-2 and many models after it were trained with:
     * {@code 0.5·x·(1 + tanh(u))}, {@code u = √(2/π)·(x + 0.044715·x³)}.
     *
     * @param x any tensor
     * @return its value; gradient {@code g * 0.5·((1 + t) + x·(1 - t²)·u')}, {@code t = tanh(u)}
     */
    public static Tensor geluTanh(Tensor x) {
        return map("geluTanh", x, a -> 0.5f * a * (1f + geluInnerTanh(a)), (a, y) -> {
            float t = geluInnerTanh(a);
            float slope = ROOT_TWO_OVER_PI * (1f + 3f * GELU_CUBIC * a * a);
            return 0.5f * (1f + t + a * (1f - t * t) * slope);
        });
    }

    private static float geluInnerTanh(float x) {
        return Elementary.tanh(ROOT_TWO_OVER_PI * (x + GELU_CUBIC * x * x * x));
    }

    /**
     * The sigmoid-weighted linear unit of each element, also called swish (Elfwing, Uchibe and Doya, 2018).
     *
     * @param x any tensor
     * @return {@code x·s}, {@code s = 1 / (1 + exp(-x))}; gradient {@code g * s·(1 + x·(1 - s))}
     */
    public static Tensor silu(Tensor x) {
        return map("silu", x, a -> a * Elementary.sigmoid(a), (a, y) -> {
            float s = Elementary.sigmoid(a);
            return s * (1f + a * (1f - s));
        });
    }

    /**
     * The square of the positive part of each element (So et al., <i>Primer</i>, 2021).
     *
     * @param x any tensor
     * @return {@code max(x, 0)²}, NaN for NaN; gradient {@code g * 2·max(x, 0)}
     */
    public static Tensor squaredRelu(Tensor x) {
        return map("squaredRelu", x, a -> Math.max(a, 0f) * Math.max(a, 0f), (a, y) -> 2f * Math.max(a, 0f));
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
