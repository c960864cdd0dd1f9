package io.bitlab.layers.optim;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Tensor;
import java.util.List;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, <i>Decoupled Weight Decay Regularization</i>, 2019), as
 * {@code torch.optim.AdamW}.
 *
 * <p>At a parameter's step t: {@code p -= lr·decay·p}; {@code m = β1·m + (1-β1)·g}; {@code v = β2·v + (1-β2)·g²};
 * {@code p -= lr/(1-β1^t) · m / (sqrt(v)/sqrt(1-β2^t) + eps)}, in PyTorch's order of operations.
 *
 * {@snippet class="io.bitlab.layers.snippets.OptimSnippets" region="adamW"}
 *
 * <p>Several threads share the work on a large parameter; the results don't depend on their number.
 */
public final class AdamW extends Optimizer {

    private static final double NANOS = 0.7; // per element

    private final float beta1;
    private final float beta2;
    private final float eps;

    /**
     * Creates an optimiser with PyTorch's defaults: betas 0.9 and 0.999, eps 1e-8, weight decay 0.01.
     *
     * @param parameters the live tensors to change
     * @param learningRate size of a step
     */
    public AdamW(List<Tensor> parameters, float learningRate) {
        this(builder().parameters(parameters).learningRate(learningRate));
    }

    /**
     * Creates an optimiser with the same settings for all parameters.
     *
     * @param parameters the live tensors to change
     * @param learningRate size of a step
     * @param beta1 decay of the running mean of gradients, in [0, 1)
     * @param beta2 decay of the running mean of squared gradients, in [0, 1)
     * @param eps positive; added to the divisor
     * @param weightDecay times the learning rate, the share of a parameter that each step subtracts; 0 for plain Adam
     */
    public AdamW(List<Tensor> parameters, float learningRate, float beta1, float beta2, float eps, float weightDecay) {
        this(builder().parameters(parameters).learningRate(learningRate).betas(beta1, beta2).eps(eps)
                .weightDecay(weightDecay));
    }

    private AdamW(Builder settings) {
        super(settings.checked().groups, settings.learningRate, settings.weightDecay, "mean", "variance");
        this.beta1 = settings.beta1;
        this.beta2 = settings.beta2;
        this.eps = settings.eps;
    }

    /**
     * Starts building an optimiser.
     *
     * @return a builder without parameters, with PyTorch's defaults
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    protected void update(float[] p, float[] g, float[][] memory, long step, float rate, float decay) {
        float[] m = memory[0];
        float[] v = memory[1];
        float stepSize = (float) (rate / (1 - StrictMath.pow(beta1, step)));
        float rootCorrection = (float) Math.sqrt(1 - StrictMath.pow(beta2, step));
        float kept = (float) (1 - (double) rate * decay);
        Parallel.current().forRange(p.length, FiniteGradients.ALIGNMENT, (long) (NANOS * p.length), (from, to) -> {
            for (int i = from; i < to; i++) {
                m[i] = beta1 * m[i] + (1f - beta1) * g[i];
                v[i] = beta2 * v[i] + (1f - beta2) * g[i] * g[i];
                p[i] = p[i] * kept - stepSize * m[i] / ((float) Math.sqrt(v[i]) / rootCorrection + eps);
            }
        });
    }

    @Override
    public String toString() {
        return "AdamW(betas " + beta1 + " and " + beta2 + ", eps " + eps + ")";
    }

    /** Collects the settings of an {@link AdamW}. */
    public static final class Builder extends OptimizerBuilder<Builder> {
        private float beta1 = 0.9f;
        private float beta2 = 0.999f;
        private float eps = 1e-8f;

        private Builder() {
            super(0.01f);
        }

        @Override
        Builder self() {
            return this;
        }

        private Builder checked() {
            if (!(beta1 >= 0f && beta1 < 1f && beta2 >= 0f && beta2 < 1f && eps > 0f && weightDecay >= 0f)) {
                throw new IllegalArgumentException("AdamW: beta1 " + beta1 + " and beta2 " + beta2
                        + " must be in [0, 1), eps " + eps + " positive, weight decay " + weightDecay
                        + " not negative");
            }
            return this;
        }

        /**
         * Sets the decay of the running means.
         *
         * @param first β1, for the gradients, in [0, 1); default 0.9
         * @param second β2, for their squares, in [0, 1); default 0.999, usually 0.95 for language models
         * @return this builder
         */
        public Builder betas(float first, float second) {
            beta1 = first;
            beta2 = second;
            return this;
        }

        /**
         * Sets the number added to the divisor.
         *
         * @param value positive; default 1e-8
         * @return this builder
         */
        public Builder eps(float value) {
            eps = value;
            return this;
        }

        /**
         * Creates the optimiser.
         *
         * @return the optimiser
         * @throws IllegalArgumentException if there are no parameters, one occurs twice, or a setting is out of range
         */
        public AdamW build() {
            return new AdamW(this);
        }
    }
}
