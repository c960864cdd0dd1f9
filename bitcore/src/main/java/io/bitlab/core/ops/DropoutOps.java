package io.bitlab.core.ops;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;

/**
 * Dropout (Srivastava et al., 2014), a regularisation for training: random elements become 0.
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
        if (!(probability >= 0f && probability < 1f)) {
            throw new IllegalArgumentException("dropout: probability " + probability + " is not in [0, 1)");
        }
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
}
