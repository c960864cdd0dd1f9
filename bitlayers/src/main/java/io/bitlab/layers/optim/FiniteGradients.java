package io.bitlab.layers.optim;

import io.bitlab.core.math.FloatMath;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Refuses gradients that are NaN, infinite or too large, before a step changes anything. */
final class FiniteGradients {

    /** Elements; threads get whole cache lines. */
    static final int ALIGNMENT = 64;
    private static final double NANOS = 0.2; // per element

    private FiniteGradients() {
    }

    /** Whether a step changes this parameter. */
    static boolean isChanged(Tensor parameter) {
        return parameter.requiresGrad() && parameter.grad() != null;
    }

    static void requireUsable(String optimizer, List<Tensor> parameters) {
        for (int i = 0; i < parameters.size(); i++) {
            if (isChanged(parameters.get(i)) && !isUsable(parameters.get(i).grad().data())) {
                throw refusal(optimizer, i, parameters.get(i));
            }
        }
    }

    /** A finite sum of squares, which is fast to compute, proves that every value is usable. */
    private static boolean isUsable(float[] gradient) {
        FloatMath math = FloatMath.get();
        AtomicBoolean finite = new AtomicBoolean(true);
        Parallel.current().forRange(gradient.length, ALIGNMENT, (long) (NANOS * gradient.length), (from, to) -> {
            if (!Float.isFinite(math.dot(gradient, from, gradient, from, to - from))) {
                finite.set(false);
            }
        });
        return finite.get() || firstUnusable(gradient) == gradient.length;
    }

    private static int firstUnusable(float... gradient) {
        int at = 0;
        while (at < gradient.length && Math.abs(gradient[at]) <= Optimizer.LARGEST_GRADIENT) {
            at++;
        }
        return at;
    }

    private static GradientException refusal(String optimizer, int index, Tensor parameter) {
        float[] gradient = parameter.grad().data();
        int at = firstUnusable(gradient);
        return new GradientException(optimizer + ".step: the gradient of parameter " + index + " of shape "
                + Arrays.toString(parameter.shape()) + " is " + gradient[at] + " at element " + at
                + ", expected a number of at most " + Optimizer.LARGEST_GRADIENT + "; nothing was changed. "
                + "Look for an operation without a finite slope, such as the root of 0, clip the gradients or lower "
                + "the learning rate; call zeroGrad() before the next backward()", parameter, at, gradient[at]);
    }
}
