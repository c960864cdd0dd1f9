package io.bitlab.layers.optim;

import io.bitlab.core.math.FloatMath;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;

/**
 * Limits the size of gradients, so that no single step moves the parameters far away. Call it between
 * {@code backward()} and {@link Optimizer#step()}; parameters without a gradient are skipped.
 *
 * {@snippet class="io.bitlab.layers.snippets.OptimSnippets" region="clipping"}
 */
public final class GradientClipping {

    private static final double NANOS = 0.2; // per element
    /** Most squares added in single precision; longer sums would lose digits. */
    private static final int BLOCK = 1 << 20;
    /** Squares that underflow contribute less than a millionth to a larger sum, however many there are. */
    private static final float SMALLEST_SUM = 1e-30f;

    private GradientClipping() {
    }

    /**
     * Scales all gradients by a common factor, so that the norm of all of them as one vector is at most {@code max}
     * (Pascanu, Mikolov and Bengio, <i>On the difficulty of training recurrent neural networks</i>, 2013), as
     * {@code torch.nn.utils.clip_grad_norm_}.
     *
     * <p>As in PyTorch the factor is {@code min(1, max / (norm + 1e-6))}. The squares of up to a million elements are
     * added in the order of {@link FloatMath#dot}, or in double precision if they overflow or underflow; those sums are
     * added in double precision, in the order of the list. So the result doesn't depend on the number of threads, and
     * gradients whose squares overflow are clipped like any others.
     *
     * <p>If a gradient is NaN or infinite, so is the norm, and no factor would help. All gradients then stay as they
     * are, and {@link Optimizer#step()} refuses them.
     *
     * @param parameters the parameters whose gradients are modified
     * @param max the largest norm, positive
     * @return the norm before clipping; 0 without gradients. It is also infinite where it overflows; finite gradients
     *     are clipped nevertheless
     * @throws IllegalArgumentException if {@code max} is not positive
     */
    public static float byNorm(List<Tensor> parameters, float max) {
        requirePositive("byNorm", max);
        float[][] gradients = parameters.stream().filter(parameter -> parameter.grad() != null)
                .map(parameter -> parameter.grad().data()).toArray(float[][]::new);
        double norm = Math.sqrt(squares(gradients));
        double factor = max / ((float) norm + 1e-6f); // a division of floats, as PyTorch's
        if (factor < Float.MIN_NORMAL) { // a float would keep too few of its digits
            factor = max / (norm + 1e-6);
        }
        if (factor < 1 && norm < Double.POSITIVE_INFINITY) {
            for (float[] g : gradients) {
                scale(g, factor);
            }
        }
        return (float) norm;
    }

    /** One thread adds up a whole tensor, so that the order of the sum is always the same. */
    private static double squares(float[]... gradients) {
        double[] sums = new double[gradients.length];
        long elements = Stream.of(gradients).mapToLong(g -> g.length).sum();
        Parallel.current().forRange(sums.length, 1, (long) (NANOS * elements), (from, to) -> {
            for (int i = from; i < to; i++) {
                for (int at = 0; at < gradients[i].length; at += BLOCK) {
                    sums[i] += squares(gradients[i], at, Math.min(BLOCK, gradients[i].length - at));
                }
            }
        });
        double sum = 0;
        for (double squares : sums) {
            sum += squares;
        }
        return sum;
    }

    /** Uses single precision, which is faster, unless it overflows or underflows. */
    private static double squares(float[] g, int offset, int length) {
        float fast = FloatMath.get().dot(g, offset, g, offset, length);
        if (fast >= SMALLEST_SUM && fast < Float.POSITIVE_INFINITY) {
            return fast;
        }
        double sum = 0;
        for (int i = offset; i < offset + length; i++) {
            sum += (double) g[i] * g[i];
        }
        return sum;
    }

    /** The product of two floats is exact in double, so a factor that is a float rounds as in single precision. */
    private static void scale(float[] values, double factor) {
        long nanos = (long) (NANOS * values.length);
        Parallel.current().forRange(values.length, FiniteGradients.ALIGNMENT, nanos, (from, to) -> {
            for (int i = from; i < to; i++) {
                values[i] = (float) (values[i] * factor);
            }
        });
    }

    /**
     * Limits each element of each gradient to {@code [-max, max]}, as {@code torch.nn.utils.clip_grad_value_}. Infinite
     * elements become finite, NaN stays NaN.
     *
     * @param parameters the parameters whose gradients are modified
     * @param max the largest magnitude, positive
     * @throws IllegalArgumentException if {@code max} is not positive
     */
    public static void byValue(List<Tensor> parameters, float max) {
        requirePositive("byValue", max);
        for (Tensor parameter : parameters) {
            if (parameter.grad() != null) {
                float[] g = parameter.grad().data();
                for (int i = 0; i < g.length; i++) {
                    g[i] = Math.clamp(g[i], -max, max);
                }
            }
        }
    }

    private static void requirePositive(String operation, float max) {
        if (!(max > 0f)) {
            throw new IllegalArgumentException("GradientClipping." + operation + ": the maximum " + max
                    + " is not positive");
        }
    }
}
