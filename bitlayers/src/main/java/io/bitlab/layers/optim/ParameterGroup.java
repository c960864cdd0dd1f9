package io.bitlab.layers.optim;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import java.util.List;

/**
 * Parameters with a common learning rate and weight decay, given as factors of the optimiser's. So a {@link Schedule}
 * that changes the optimiser's rates reaches all groups.
 *
 * {@snippet class="io.bitlab.layers.snippets.OptimSnippets" region="groups"}
 *
 * @param parameters the live tensors to change; may be empty
 * @param learningRateFactor factor of the optimiser's learning rate, not negative
 * @param weightDecayFactor factor of the optimiser's weight decay, not negative
 */
public record ParameterGroup(List<Tensor> parameters, float learningRateFactor, float weightDecayFactor) {

    /**
     * Checks the factors and copies the list.
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
     * A group with the optimiser's own learning rate and weight decay.
     *
     * @param parameters the live tensors
     * @return a group whose factors are 1
     */
    public static ParameterGroup of(List<Tensor> parameters) {
        return new ParameterGroup(parameters, 1f, 1f);
    }

    /**
     * The usual two groups: weight decay for matrices and kernels (rank 2 and more), none for norms and biases (rank 0
     * and 1). Decay keeps large weight matrices from growing; scales and offsets don't benefit from it (as in the
     * recipes of GPT-3 and LLaMA).
     *
     * @param network any layer; its parameters keep the order of {@link Layer#namedParameters()}
     * @return the group with decay, then the group without; one of them may be empty
     */
    public static List<ParameterGroup> splitByRank(Layer network) {
        List<Tensor> all = network.parameters();
        return List.of(of(all.stream().filter(parameter -> parameter.rank() >= 2).toList()),
                of(all.stream().filter(parameter -> parameter.rank() < 2).toList()).withWeightDecayFactor(0f));
    }

    /**
     * Changes the learning rate.
     *
     * @param factor factor of the optimiser's learning rate, such as 0.1 for layers that only need fine-tuning
     * @return the changed copy
     */
    public ParameterGroup withLearningRateFactor(float factor) {
        return new ParameterGroup(parameters, factor, weightDecayFactor);
    }

    /**
     * Changes the weight decay.
     *
     * @param factor factor of the optimiser's weight decay; 0 for none
     * @return the changed copy
     */
    public ParameterGroup withWeightDecayFactor(float factor) {
        return new ParameterGroup(parameters, learningRateFactor, factor);
    }
}
