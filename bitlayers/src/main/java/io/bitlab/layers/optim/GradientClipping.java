package io.bitlab.layers.optim;

import io.bitlab.core.math.FloatMath;
import io.bitlab.core.tensor.Tensor;
import java.util.List;

/**
 * Keeps gradients from throwing the parameters far away. Called between {@code backward()} and
 * {@link Optimizer#step()}; parameters without a gradient are passed over.
 */
public final class GradientClipping {

    private GradientClipping() {
    }

    /**
     * Scales all gradients by one factor, so that their norm as one long vector is at most {@code max} (Pascanu,
     * Mikolov and Bengio, <i>On the difficulty of training recurrent neural networks</i>, 2013).
     *
     * <p>As in PyTorch the factor is {@code min(1, max / (norm + 1e-6))}. The squares of a tensor are added in the
     * order of {@link FloatMath#dot}, those sums in the order of the list in double precision, so the same gradients
     * give the same bits on any number of threads.
     *
     * <p>A norm of NaN or infinity (a gradient is, or a square overflowed: gradients beyond 1e19) has no useful factor:
     * the gradients then stay as they are, and the caller, who gets the norm, can skip the step.
     *
     * @param parameters whose gradients; modified
     * @param max the largest norm, positive
     * @return the norm before clipping; 0 if there are no gradients
     * @throws IllegalArgumentException if {@code max} is not positive
     */
    public static float byNorm(List<Tensor> parameters, float max) {
        requirePositive("byNorm", max);
        FloatMath math = FloatMath.get();
        double squares = 0;
        for (Tensor parameter : parameters) {
            if (parameter.grad() != null) {
                float[] g = parameter.grad().data();
                squares += math.dot(g, 0, g, 0, g.length);
            }
        }
        float norm = (float) Math.sqrt(squares);
        float factor = max / (norm + 1e-6f);
        if (factor < 1f && norm < Float.POSITIVE_INFINITY) {
            for (Tensor parameter : parameters) {
                if (parameter.grad() != null) {
                    scale(parameter.grad().data(), factor);
                }
            }
        }
        return norm;
    }

    private static void scale(float[] values, float factor) {
        for (int i = 0; i < values.length; i++) {
            values[i] *= factor;
        }
    }

    /**
     * Brings each element of each gradient into {@code [-max, max]}. Infinite elements become finite, NaN stays NaN.
     *
     * @param parameters whose gradients; modified
     * @param max the largest magnitude, positive
     * @throws IllegalArgumentException if {@code max} is not positive
     */
    public static void byValue(List<Tensor> parameters, float max) {
        requirePositive("byValue", max);
        for (Tensor parameter : parameters) {
            if (parameter.grad() != null) {
                float[] g = parameter.grad().data();
                for (int i = 0; i < g.length; i++) {
                    g[i] = Math.max(-max, Math.min(max, g[i]));
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
