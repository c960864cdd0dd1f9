package io.bitlab.layers.optim;

import io.bitlab.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects the settings that all optimisers have: parameters, learning rate, weight decay.
 *
 * @param <B> type of the builder itself
 */
public abstract sealed class OptimizerBuilder<B extends OptimizerBuilder<B>> permits AdamW.Builder, SGD.Builder {

    final List<ParameterGroup> groups = new ArrayList<>();
    float learningRate = 1e-3f; // PyTorch's default, good for Adam on small networks
    float weightDecay;

    OptimizerBuilder(float weightDecay) {
        this.weightDecay = weightDecay;
    }

    abstract B self();

    /**
     * Adds a group of parameters.
     *
     * @param group the parameters and their factors
     * @return this builder
     */
    public final B group(ParameterGroup group) {
        groups.add(group);
        return self();
    }

    /**
     * Adds groups of parameters.
     *
     * @param more the groups, such as those of {@link ParameterGroup#splitByRank}
     * @return this builder
     */
    public final B groups(List<ParameterGroup> more) {
        groups.addAll(more);
        return self();
    }

    /**
     * Adds parameters with the optimiser's own learning rate and weight decay.
     *
     * @param parameters the live tensors
     * @return this builder
     */
    public final B parameters(List<Tensor> parameters) {
        return group(ParameterGroup.of(parameters));
    }

    /**
     * Sets the learning rate.
     *
     * @param value not negative; default 0.001
     * @return this builder
     */
    public final B learningRate(float value) {
        learningRate = value;
        return self();
    }

    /**
     * Sets the weight decay, which pulls parameters towards 0.
     *
     * @param value not negative
     * @return this builder
     */
    public final B weightDecay(float value) {
        weightDecay = value;
        return self();
    }
}
