package io.bitlab.layers.optim;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import java.util.List;

/**
 * Parameters that an optimiser treats alike: how their learning rate and weight decay differ from the optimiser's own.
 * Both are factors, so that a {@link Schedule} of the optimiser's rates reaches all groups.
 *
 * @param parameters the live tensors to change; may be empty
 * @param learningRateFactor what the optimiser's learning rate is multiplied with, not negative
 * @param weightDecayFactor what the optimiser's weight decay is multiplied with, not negative
 */
public record ParameterGroup(List<Tensor> parameters, float learningRateFactor, float weightDecayFactor) {

    /**
     * Checks and copies.
     *
     * @throws IllegalArgumentException if a factor is negative, NaN or infinite
     */
    public ParameterGroup {
        parameters = List.copyOf(parameters);
        requireFactor("learning-rate factor", learningRateFactor);
        requireFactor("weight-decay factor", weightDecayFactor);
    }

    private static void requireFactor(String field, float value) {
        if (!(value >= 0f && value < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "ParameterGroup: " + field + " " + value + " is not a number of 0 or more");
        }
    }

    /**
     * Parameters with the optimiser's own learning rate and weight decay.
     *
     * @param parameters the live tensors
     * @return a group of both factors 1
     */
    public static ParameterGroup of(List<Tensor> parameters) {
        return new ParameterGroup(parameters, 1f, 1f);
    }

    /**
     * The usual two groups: weight decay for matrices and kernels (rank 2 and more), none for norms and biases (rank 0
     * and 1). Decay keeps large weight matrices from growing; the few scales and offsets it would only pull away from
     * where the data wants them (as in the GPT-3 and LLaMA recipes).
     *
     * @param network any layer; its parameters in the order of {@link Layer#namedParameters()}
     * @return the group with decay, then the group without; one of them may be empty
     */
    public static List<ParameterGroup> splitByRank(Layer network) {
        List<Tensor> all = network.parameters();
        return List.of(of(all.stream().filter(parameter -> parameter.rank() >= 2).toList()),
                of(all.stream().filter(parameter -> parameter.rank() < 2).toList()).withWeightDecayFactor(0f));
    }

    /**
     * The same parameters with another learning rate.
     *
     * @param factor what the optimiser's learning rate is multiplied with, such as 0.1 for layers that only need
     *     fine-tuning
     * @return the changed copy
     */
    public ParameterGroup withLearningRateFactor(float factor) {
        return new ParameterGroup(parameters, factor, weightDecayFactor);
    }

    /**
     * The same parameters with another weight decay.
     *
     * @param factor what the optimiser's weight decay is multiplied with; 0 for none
     * @return the changed copy
     */
    public ParameterGroup withWeightDecayFactor(float factor) {
        return new ParameterGroup(parameters, learningRateFactor, factor);
    }
}
