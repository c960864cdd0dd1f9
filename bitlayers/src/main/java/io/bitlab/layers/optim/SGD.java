package io.bitlab.layers.optim;

import io.bitlab.core.tensor.Tensor;
import java.util.List;

/**
 * Stochastic gradient descent, plain or with momentum (Sutskever et al., <i>On the importance of initialization and
 * momentum in deep learning</i>, 2013), as {@code torch.optim.SGD} without dampening.
 *
 * {@snippet class="io.bitlab.layers.snippets.OptimSnippets" region="sgd"}
 *
 * <p>With {@code d = g + decay·p} a step is {@code p -= lr·d}. With momentum μ it is {@code b = μ·b + d} and
 * {@code p -= lr·b}, or {@code p -= lr·(d + μ·b)} in Nesterov's form. The weight decay is added to the gradient, so
 * that it passes through the momentum; {@link AdamW}'s doesn't.
 */
public final class SGD extends Optimizer {

    private final float momentum;
    private final boolean nesterov;

    /**
     * Creates plain gradient descent: no momentum, no weight decay.
     *
     * @param parameters the live tensors to change
     * @param learningRate size of a step
     */
    public SGD(List<Tensor> parameters, float learningRate) {
        this(builder().parameters(parameters).learningRate(learningRate));
    }

    private SGD(Builder settings) {
        super(settings.groups, settings.learningRate, settings.weightDecay, buffers(settings.momentum));
        this.momentum = settings.momentum;
        this.nesterov = settings.nesterov;
        if (!(momentum >= 0f && momentum < 1f)) {
            throw new IllegalArgumentException("SGD: momentum " + momentum + " is not in [0, 1)");
        }
        if (nesterov && momentum == 0f) {
            throw new IllegalArgumentException("SGD: Nesterov's form needs a momentum above 0, such as 0.9");
        }
    }

    private static String[] buffers(float momentum) {
        return momentum == 0f ? new String[0] : new String[] {"momentum"};
    }

    /**
     * Starts building an optimiser.
     *
     * @return a builder without parameters, momentum and weight decay
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    protected void update(float[] p, float[] g, float[][] memory, long step, float rate, float decay) {
        if (momentum == 0f) {
            for (int i = 0; i < p.length; i++) {
                p[i] -= rate * (g[i] + decay * p[i]);
            }
            return;
        }
        float[] b = memory[0];
        for (int i = 0; i < p.length; i++) {
            float d = g[i] + decay * p[i];
            b[i] = momentum * b[i] + d;
            p[i] -= rate * (nesterov ? d + momentum * b[i] : b[i]);
        }
    }

    @Override
    public String toString() {
        return "SGD(momentum " + momentum + (nesterov ? ", Nesterov's form)" : ")");
    }

    /** Collects the settings of an {@link SGD}. */
    public static final class Builder extends OptimizerBuilder<Builder> {
        private float momentum;
        private boolean nesterov;

        private Builder() {
            super(0f);
        }

        @Override
        Builder self() {
            return this;
        }

        /**
         * Sets the momentum.
         *
         * @param value μ, in [0, 1); default 0, usually 0.9
         * @return this builder
         */
        public Builder momentum(float value) {
            momentum = value;
            return this;
        }

        /**
         * Chooses Nesterov's form of momentum, which looks one step ahead.
         *
         * @param value true for Nesterov's form; default false
         * @return this builder
         */
        public Builder nesterov(boolean value) {
            nesterov = value;
            return this;
        }

        /**
         * Creates the optimiser.
         *
         * @return the optimiser
         * @throws IllegalArgumentException if there are no parameters, one occurs twice, or a setting is out of range
         */
        public SGD build() {
            return new SGD(this);
        }
    }
}
