package io.bitlab.layers.optim;

import io.bitlab.core.math.FloatMath;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;

/**
 * Keeps gradients from throwing the parameters far away. Called between {@code backward()} and
 * {@link Optimizer#step()}; parameters without a gradient are passed over.
 */
public final class GradientClipping {

    /** Whole cache lines for each thread. */
    private static final int ALIGNMENT = 64;
    private static final double NANOS = 0.2; // an element

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
        float[][] gradients = parameters.stream().filter(parameter -> parameter.grad() != null)
                .map(parameter -> parameter.grad().data()).toArray(float[][]::new);
        float norm = (float) Math.sqrt(squares(gradients));
        float factor = max / (norm + 1e-6f);
        if (factor < 1f && norm < Float.POSITIVE_INFINITY) {
            for (float[] g : gradients) {
                scale(g, factor);
            }
        }
        return norm;
    }

    /** A tensor is summed by one thread, so that the order of the sum is always the same. */
    private static double squares(float[]... gradients) {
        FloatMath math = FloatMath.get();
        float[] sums = new float[gradients.length];
        long elements = Stream.of(gradients).mapToLong(g -> g.length).sum();
        Parallel.current().forRange(sums.length, 1, (long) (NANOS * elements), (from, to) -> {
            for (int i = from; i < to; i++) {
                sums[i] = math.dot(gradients[i], 0, gradients[i], 0, gradients[i].length);
            }
        });
        double sum = 0;
        for (float squares : sums) {
            sum += squares;
        }
        return sum;
    }

    private static void scale(float[] values, float factor) {
        Parallel.current().forRange(values.length, ALIGNMENT, (long) (NANOS * values.length), (from, to) -> {
            for (int i = from; i < to; i++) {
                values[i] *= factor;
            }
        });
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
