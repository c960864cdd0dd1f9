package io.bitlab.core.ops;

import io.bitlab.core.math.ActivationFunction;
import io.bitlab.core.math.Elementary;
import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;

/**
 * Sum, mean, maximum and softmax along one axis. Sums are added in the order of {@link FloatMath#sum}.
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="reductions"}
 */
public final class Reductions {

    private Reductions() {
    }

    /**
     * Sum along an axis; the gradient of each element is that of its sum.
     *
     * @param x a tensor of rank 1 or more
     * @param axis the axis to remove; a negative one counts from the end
     * @return the sums, without the axis
     */
    public static Tensor sum(Tensor x, int axis) {
        return weightedSum("sum", x, axis, 1f);
    }

    /**
     * Mean along an axis; the gradient of each element is that of its mean, divided by the length.
     *
     * @param x a tensor of rank 1 or more
     * @param axis the axis to remove; a negative one counts from the end
     * @return the sums times {@code 1 / length}, without the axis
     */
    public static Tensor mean(Tensor x, int axis) {
        int[] shape = x.shape();
        return weightedSum("mean", x, axis, 1f / shape[Shape.axis("mean", axis, shape)]);
    }

    private static Tensor weightedSum(String operation, Tensor x, int axis, float weight) {
        AxisSlices slices = AxisSlices.of(operation, x, axis);
        FloatMath math = FloatMath.get();
        float[] y = Workspace.floats(slices.count());
        float[] slice = slices.scratch();
        for (int i = 0; i < y.length; i++) {
            slices.read(x.data(), i, slice);
            y[i] = math.sum(slice, 0, slices.length) * weight;
        }
        return Autograd.result(operation, y, slices.shapeWithout(), g -> {
            float[] dx = x.gradBuffer();
            for (int i = 0; i < g.length; i++) {
                for (int j = 0, at = slices.start(i); j < slices.length; j++, at += slices.stride) {
                    dx[at] += g[i] * weight;
                }
            }
        }, x);
    }

    /**
     * Maximum along an axis. NaN counts as larger than every number, so that it shows in the result.
     *
     * @param x a tensor of rank 1 or more
     * @param axis the axis to remove; a negative one counts from the end
     * @return the maxima, without the axis; the gradient goes to the first of equal elements
     */
    public static Tensor max(Tensor x, int axis) {
        AxisSlices slices = AxisSlices.of("max", x, axis);
        float[] in = x.data();
        float[] y = Workspace.floats(slices.count());
        int[] source = Workspace.ints(y.length);
        for (int i = 0; i < y.length; i++) {
            int best = slices.start(i);
            for (int j = 1, at = best + slices.stride; j < slices.length; j++, at += slices.stride) {
                if (in[at] > in[best] || Float.isNaN(in[at]) && !Float.isNaN(in[best])) {
                    best = at;
                }
            }
            source[i] = best;
            y[i] = in[best];
        }
        return Autograd.result("max", y, slices.shapeWithout(), g -> {
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
     * @param axis the axis; a negative one counts from the end
     * @return values from 0 to 1 that sum to about 1 along the axis, of x's shape
     */
    public static Tensor softmax(Tensor x, int axis) {
        AxisSlices slices = AxisSlices.of("softmax", x, axis);
        FloatMath math = FloatMath.get();
        float[] y = Workspace.floats(x.size());
        float[] slice = slices.scratch();
        for (int i = 0; i < slices.count(); i++) {
            slices.read(x.data(), i, slice);
            math.softmax(slice, 0, slice, 0, slice.length);
            slices.write(slice, i, y);
        }
        return Autograd.result("softmax", y, x.shape(), g -> {
            float[] dx = x.gradBuffer();
            float[] gradient = slices.scratch();
            float[] value = slices.scratch();
            for (int i = 0; i < slices.count(); i++) {
                slices.read(g, i, gradient);
                slices.read(y, i, value);
                float dot = math.dot(gradient, 0, value, 0, slices.length);
                for (int j = 0, at = slices.start(i); j < slices.length; j++, at += slices.stride) {
                    dx[at] += value[j] * (gradient[j] - dot);
                }
            }
        }, x);
    }

    /**
     * Logarithm of the softmax along an axis; gradient {@code g - exp(y) * sum(g)}.
     *
     * @param x a tensor of rank 1 or more
     * @param axis the axis; a negative one counts from the end
     * @return {@code x - max - log(sum(exp(x - max)))}, of x's shape
     */
    public static Tensor logSoftmax(Tensor x, int axis) {
        AxisSlices slices = AxisSlices.of("logSoftmax", x, axis);
        FloatMath math = FloatMath.get();
        float[] y = Workspace.floats(x.size());
        float[] slice = slices.scratch();
        float[] exponentials = slices.scratch();
        for (int i = 0; i < slices.count(); i++) {
            slices.read(x.data(), i, slice);
            float max = math.max(slice, 0, slice.length);
            for (int j = 0; j < slice.length; j++) {
                slice[j] -= max;
            }
            math.apply(ActivationFunction.EXP, slice, 0, exponentials, 0, slice.length);
            float logSum = Elementary.log(math.sum(exponentials, 0, slice.length));
            for (int j = 0; j < slice.length; j++) {
                slice[j] -= logSum;
            }
            slices.write(slice, i, y);
        }
        return Autograd.result("logSoftmax", y, x.shape(), g -> {
            float[] dx = x.gradBuffer();
            float[] gradient = slices.scratch();
            for (int i = 0; i < slices.count(); i++) {
                slices.read(g, i, gradient);
                float sum = math.sum(gradient, 0, slices.length);
                for (int j = 0, at = slices.start(i); j < slices.length; j++, at += slices.stride) {
                    dx[at] += gradient[j] - Elementary.exp(y[at]) * sum;
                }
            }
        }, x);
    }
}
