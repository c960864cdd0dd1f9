package io.bitlab.core.ops;

import io.bitlab.core.math.ActivationFunction;
import io.bitlab.core.math.Elementary;
import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;

/** Sums, means, maxima and softmaxes along one axis. Sums are added in the order of {@link FloatMath#sum}. */
public final class Reductions {

    private Reductions() {
    }

    /**
     * Sum along an axis; every element gets the gradient of its sum.
     *
     * @param x a tensor of rank 1 or more
     * @param axis which axis; it disappears
     * @return the sums
     */
    public static Tensor sum(Tensor x, int axis) {
        return weightedSum("sum", x, axis, 1f);
    }

    /**
     * Mean along an axis.
     *
     * @param x a tensor of rank 1 or more
     * @param axis which axis; it disappears
     * @return the sums times {@code 1 / length}
     */
    public static Tensor mean(Tensor x, int axis) {
        int[] shape = x.shape();
        return weightedSum("mean", x, axis, 1f / shape[Shape.axis("mean", axis, shape)]);
    }

    private static Tensor weightedSum(String operation, Tensor x, int axis, float weight) {
        Lanes lanes = Lanes.of(operation, x, axis);
        FloatMath math = FloatMath.get();
        float[] y = Workspace.floats(lanes.count());
        float[] lane = lanes.scratch();
        for (int i = 0; i < y.length; i++) {
            lanes.read(x.data(), i, lane);
            y[i] = math.sum(lane, 0, lanes.length) * weight;
        }
        return Autograd.result(operation, y, lanes.shapeWithout(), g -> {
            float[] dx = x.gradBuffer();
            for (int i = 0; i < g.length; i++) {
                for (int j = 0, at = lanes.start(i); j < lanes.length; j++, at += lanes.stride) {
                    dx[at] += g[i] * weight;
                }
            }
        }, x);
    }

    /**
     * Maximum along an axis. NaN wins over every number, so that it isn't hidden.
     *
     * @param x a tensor of rank 1 or more
     * @param axis which axis; it disappears
     * @return the maxima; the gradient goes to the first element that is the maximum
     */
    public static Tensor max(Tensor x, int axis) {
        Lanes lanes = Lanes.of("max", x, axis);
        float[] in = x.data();
        float[] y = Workspace.floats(lanes.count());
        int[] source = Workspace.ints(y.length);
        for (int i = 0; i < y.length; i++) {
            int best = lanes.start(i);
            for (int j = 1, at = best + lanes.stride; j < lanes.length; j++, at += lanes.stride) {
                if (in[at] > in[best] || Float.isNaN(in[at]) && !Float.isNaN(in[best])) {
                    best = at;
                }
            }
            source[i] = best;
            y[i] = in[best];
        }
        return Autograd.result("max", y, lanes.shapeWithout(), g -> {
            float[] dx = x.gradBuffer();
            for (int i = 0; i < g.length; i++) {
                dx[source[i]] += g[i];
            }
        }, x);
    }

    /**
     * Softmax along an axis; gradient {@code y * (g - sum(g * y))}.
     *
     * @param x a tensor of rank 1 or more
     * @param axis which axis
     * @return positive values that sum to 1 along the axis
     */
    public static Tensor softmax(Tensor x, int axis) {
        Lanes lanes = Lanes.of("softmax", x, axis);
        FloatMath math = FloatMath.get();
        float[] y = Workspace.floats(x.size());
        float[] lane = lanes.scratch();
        for (int i = 0; i < lanes.count(); i++) {
            lanes.read(x.data(), i, lane);
            math.softmax(lane, 0, lane, 0, lane.length);
            lanes.write(lane, i, y);
        }
        return Autograd.result("softmax", y, x.shape(), g -> {
            float[] dx = x.gradBuffer();
            float[] gradient = lanes.scratch();
            float[] value = lanes.scratch();
            for (int i = 0; i < lanes.count(); i++) {
                lanes.read(g, i, gradient);
                lanes.read(y, i, value);
                float dot = math.dot(gradient, 0, value, 0, lanes.length);
                for (int j = 0, at = lanes.start(i); j < lanes.length; j++, at += lanes.stride) {
                    dx[at] += value[j] * (gradient[j] - dot);
                }
            }
        }, x);
    }

    /**
     * Logarithm of the softmax along an axis; gradient {@code g - exp(y) * sum(g)}.
     *
     * @param x a tensor of rank 1 or more
     * @param axis which axis
     * @return {@code x - max - log(sum(exp(x - max)))}
     */
    public static Tensor logSoftmax(Tensor x, int axis) {
        Lanes lanes = Lanes.of("logSoftmax", x, axis);
        FloatMath math = FloatMath.get();
        float[] y = Workspace.floats(x.size());
        float[] lane = lanes.scratch();
        float[] exponentials = lanes.scratch();
        for (int i = 0; i < lanes.count(); i++) {
            lanes.read(x.data(), i, lane);
            float max = math.max(lane, 0, lane.length);
            for (int j = 0; j < lane.length; j++) {
                lane[j] -= max;
            }
            math.apply(ActivationFunction.EXP, lane, 0, exponentials, 0, lane.length);
            float logSum = Elementary.log(math.sum(exponentials, 0, lane.length));
            for (int j = 0; j < lane.length; j++) {
                lane[j] -= logSum;
            }
            lanes.write(lane, i, y);
        }
        return Autograd.result("logSoftmax", y, x.shape(), g -> {
            float[] dx = x.gradBuffer();
            float[] gradient = lanes.scratch();
            for (int i = 0; i < lanes.count(); i++) {
                lanes.read(g, i, gradient);
                float sum = math.sum(gradient, 0, lanes.length);
                for (int j = 0, at = lanes.start(i); j < lanes.length; j++, at += lanes.stride) {
                    dx[at] += gradient[j] - Elementary.exp(y[at]) * sum;
                }
            }
        }, x);
    }
}
