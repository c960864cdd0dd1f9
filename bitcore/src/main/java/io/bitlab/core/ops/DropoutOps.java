package io.bitlab.core.ops;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.ChannelsLast;
import io.bitlab.core.tensor.Tensor;

/**
 * Dropout (Srivastava et al., 2014), a regularisation for training: random elements become 0, or random samples.
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="dropout"}
 */
public final class DropoutOps {

    private DropoutOps() {
    }

    /**
     * Zeroes each element with probability p and multiplies the others by {@code 1 / (1 - p)}, which keeps the mean.
     * The gradient is {@code g} times the same factors.
     *
     * @param x any tensor
     * @param probability p, from 0 to below 1
     * @param random draws one number for each element; its position advances by {@code x.size()}
     * @return a tensor of x's shape
     * @throws IllegalArgumentException if the probability is outside that range
     */
    public static Tensor dropout(Tensor x, float probability, CounterRandom random) {
        requireProbability("dropout", probability);
        float[] in = x.data();
        float[] factor = Workspace.floats(in.length);
        float[] y = Workspace.floats(in.length);
        float kept = 1f / (1f - probability);
        for (int i = 0; i < in.length; i++) {
            factor[i] = random.nextFloat() < probability ? 0f : kept;
            y[i] = in[i] * factor[i];
        }
        return Autograd.result("dropout", y, x.shape(), g -> {
            float[] dx = x.gradBuffer();
            for (int i = 0; i < g.length; i++) {
                dx[i] += g[i] * factor[i];
            }
        }, x);
    }

    /**
     * Stochastic depth (Huang et al., <i>Deep Networks with Stochastic Depth</i>, 2016), for the end of a residual
     * branch: zeroes each whole sample with probability p and multiplies the others by {@code 1 / (1 - p)}, which keeps
     * the mean. The gradient is {@code g} times the same factors.
     *
     * @param x {@code [samples, ...]}
     * @param probability p, from 0 to below 1
     * @param random draws one number for each sample; its position advances by the number of samples
     * @return a tensor of x's shape
     * @throws IllegalArgumentException if the probability is outside that range, or x is a scalar
     */
    public static Tensor dropSamples(Tensor x, float probability, CounterRandom random) {
        requireProbability("dropSamples", probability);
        if (x.rank() == 0) {
            throw new IllegalArgumentException("dropSamples: input is a scalar (rank 0), expected shape [samples, "
                    + "...]");
        }
        if (ChannelsLast.isStored(x)) {
            return ChannelsLast.images(dropSamples(ChannelsLast.pixels(x), probability, random));
        }
        int samples = x.length(0);
        int size = x.size() / samples;
        float[] factor = Workspace.floats(samples);
        for (int i = 0; i < samples; i++) {
            factor[i] = random.nextFloat() < probability ? 0f : 1f / (1f - probability);
        }
        float[] y = Workspace.zeros(x.size());
        addScaled(factor, x.data(), y, size);
        return Autograd.result("dropSamples", y, x.shape(), g -> addScaled(factor, g, x.gradBuffer(), size), x);
    }

    /** {@code y[i] += factor[i] * x[i]} for the samples that are kept. */
    private static void addScaled(float[] factor, float[] x, float[] y, int size) {
        FloatMath math = FloatMath.get();
        for (int i = 0; i < factor.length; i++) {
            if (factor[i] != 0f) {
                math.axpy(factor[i], x, i * size, y, i * size, size);
            }
        }
    }

    private static void requireProbability(String operation, float probability) {
        if (!(probability >= 0f && probability < 1f)) {
            throw new IllegalArgumentException(operation + ": probability " + probability + " is not in [0, 1)");
        }
    }
}
