package io.bitlab.core.ops;

import io.bitlab.core.math.ActivationFunction;
import io.bitlab.core.math.Elementary;
import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.ChannelsLast;
import io.bitlab.core.tensor.OnDevice;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/**
 * Elementwise functions. The gradient of the result is g.
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="pointwise"}
 */
public final class Pointwise {

    /** Elements that a thread processes at a time. */
    static final int CHUNK = 4096;

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
        return map("exp", x, ActivationFunction.EXP);
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
        return map("tanh", x, ActivationFunction.TANH);
    }

    /**
     * The logistic function of each element.
     *
     * @param x any tensor
     * @return {@code 1 / (1 + exp(-x))}; gradient {@code g * y * (1 - y)}
     */
    public static Tensor sigmoid(Tensor x) {
        return map("sigmoid", x, ActivationFunction.SIGMOID);
    }

    /**
     * The positive part of each element.
     *
     * @param x any tensor
     * @return {@code max(x, 0)}, NaN for NaN; gradient g where x is positive, else 0
     */
    public static Tensor relu(Tensor x) {
        return map("relu", x, ActivationFunction.RELU);
    }

    /**
     * The Gaussian error linear unit of each element (Hendrycks and Gimpel, 2016): {@code x·Φ(x)} with the standard
     * normal distribution function {@code Φ(x) = (1 + erf(x / √2)) / 2}.
     *
     * @param x any tensor
     * @return its GELU; gradient {@code g * (Φ(x) + x·φ(x))}, {@code φ(x) = exp(-x²/2) / √(2π)}
     */
    public static Tensor gelu(Tensor x) {
        return map("gelu", x, ActivationFunction.GELU);
    }

    /**
     * The approximation of {@link #gelu} that GPT-2 and many later models were trained with:
     * {@code 0.5·x·(1 + tanh(u))}, {@code u = √(2/π)·(x + 0.044715·x³)}.
     *
     * @param x any tensor
     * @return its value; gradient {@code g * 0.5·((1 + t) + x·(1 - t²)·u')}, {@code t = tanh(u)}
     */
    public static Tensor geluTanh(Tensor x) {
        return map("geluTanh", x, ActivationFunction.GELU_TANH);
    }

    /**
     * The sigmoid-weighted linear unit of each element, also called swish (Elfwing, Uchibe and Doya, 2018).
     *
     * @param x any tensor
     * @return {@code x·s}, {@code s = 1 / (1 + exp(-x))}; gradient {@code g * s·(1 + x·(1 - s))}
     */
    public static Tensor silu(Tensor x) {
        return map("silu", x, ActivationFunction.SILU);
    }

    /**
     * The square of the positive part of each element (So et al., <i>Primer</i>, 2021).
     *
     * @param x any tensor
     * @return {@code max(x, 0)²}, NaN for NaN; gradient {@code g * 2·max(x, 0)}
     */
    public static Tensor squaredRelu(Tensor x) {
        return map("squaredRelu", x, ActivationFunction.SQUARED_RELU);
    }

    /**
     * A gated linear unit (Shazeer, <i>GLU Variants Improve Transformer</i>, 2020): {@code f(gate) * up}.
     *
     * @param f the gate's activation: SILU for SwiGLU, SQUARED_RELU for BitNet
     * @param gate any tensor
     * @param up a tensor of the same shape
     * @return the product; gradients {@code g * up * f'(gate)} and {@code g * f(gate)}
     * @throws IllegalArgumentException if the shapes differ
     */
    public static Tensor gated(ActivationFunction f, Tensor gate, Tensor up) {
        if (!Arrays.equals(gate.shape(), up.shape())) {
            throw new IllegalArgumentException("gated: gate " + Arrays.toString(gate.shape()) + " and up "
                    + Arrays.toString(up.shape()) + " must have the same shape");
        }
        return f == ActivationFunction.SQUARED_RELU && OnDevice.holds(gate)
                ? OnDevice.result(gate, rows -> rows.squaredReluTimes(OnDevice.rows(up, rows)),
                        () -> gatedHere(f, gate, up))
                : gatedHere(f, gate, up);
    }

    private static Tensor gatedHere(ActivationFunction f, Tensor gate, Tensor up) {
        FloatMath math = FloatMath.get();
        float[] x = gate.data();
        float[] u = up.data();
        float[] opened = Workspace.floats(x.length);
        float[] y = Workspace.floats(x.length);
        long nanos = (long) (x.length * (f.nanos() + 0.2));
        Parallel.current().forRange(x.length, CHUNK, nanos, (from, to) -> {
            math.apply(f, x, from, opened, from, to - from);
            for (int i = from; i < to; i++) {
                y[i] = opened[i] * u[i];
            }
        });
        return Autograd.result("gated", y, gate.shape(), g -> {
            float[] ofOpened = Workspace.floats(g.length);
            float[] dx = gate.needsGrad() ? gate.gradBuffer() : null;
            float[] du = up.needsGrad() ? up.gradBuffer() : null;
            Parallel.current().forRange(g.length, CHUNK, 3 * nanos, (from, to) -> {
                for (int i = from; i < to; i++) {
                    ofOpened[i] = g[i] * u[i];
                }
                if (dx != null) {
                    math.applyGradient(f, ofOpened, from, x, from, opened, from, dx, from, to - from);
                }
                if (du != null) {
                    for (int i = from; i < to; i++) {
                        du[i] += g[i] * opened[i];
                    }
                }
            });
        }, gate, up);
    }

    /**
     * Any activation function.
     *
     * @param f the function
     * @param x any tensor
     * @return {@code f(x)} elementwise, with gradient {@code g * f'(x)}
     */
    public static Tensor apply(ActivationFunction f, Tensor x) {
        return map(f.name(), x, f);
    }

    private static Tensor map(String operation, Tensor x, ActivationFunction f) {
        if (ChannelsLast.isStored(x)) {
            return ChannelsLast.images(map(operation, ChannelsLast.pixels(x), f));
        }
        FloatMath math = FloatMath.get();
        float[] in = x.data();
        float[] out = Workspace.floats(in.length);
        long nanos = (long) (in.length * f.nanos());
        Parallel.current().forRange(in.length, CHUNK, nanos,
                (from, to) -> math.apply(f, in, from, out, from, to - from));
        return Autograd.result(operation, out, x.shape(), g -> {
            float[] dx = x.gradBuffer();
            Parallel.current().forRange(g.length, CHUNK, 2 * nanos,
                    (from, to) -> math.applyGradient(f, g, from, in, from, out, from, dx, from, to - from));
        }, x);
    }

    private static Tensor map(String operation, Tensor x, Function f, Derivative derivative) {
        if (ChannelsLast.isStored(x)) {
            return ChannelsLast.images(map(operation, ChannelsLast.pixels(x), f, derivative));
        }
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
