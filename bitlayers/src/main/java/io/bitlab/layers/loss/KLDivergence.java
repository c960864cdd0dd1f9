package io.bitlab.layers.loss;

import io.bitlab.core.ops.Losses;
import io.bitlab.core.tensor.Tensor;

/**
 * Kullback-Leibler divergence of a student's class distribution from a teacher's, for distillation (Hinton, Vinyals and
 * Dean, <i>Distilling the Knowledge in a Neural Network</i>, 2015). With {@code p = softmax(teacher / T)} and
 * {@code q = softmax(student / T)} it is {@code T² · mean over rows of Σ p·(log p - log q)}. Logits
 * {@code [..., classes]}. Immutable.
 *
 * {@snippet class="io.bitlab.layers.snippets.LossSnippets" region="klDivergence"}
 *
 * <p>For logits {@code [n, classes]} this is PyTorch's
 * {@code T * T * kl_div(log_softmax(student / T, -1), log_softmax(teacher / T, -1), reduction='batchmean',
 * log_target=True)}. Logits with more axes are treated as if they were flattened to rows first; PyTorch would divide by
 * the length of the first axis only. The factor T² keeps the gradients as large as those of hard labels, so the weights
 * of the two losses don't depend on T.
 */
public final class KLDivergence {

    private final float temperature;

    /** Creates the loss with temperature 1, which leaves the distributions as they are. */
    public KLDivergence() {
        this(1f);
    }

    /**
     * Creates the loss for softened distributions.
     *
     * @param temperature T; above 1, the teacher's small probabilities count more
     * @throws IllegalArgumentException if it is not positive and finite
     */
    public KLDivergence(float temperature) {
        if (!(temperature > 0f && temperature < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "KLDivergence: temperature " + temperature + " is not positive and finite");
        }
        this.temperature = temperature;
    }

    /**
     * Computes the loss.
     *
     * @param student logits {@code [..., classes]}, unnormalised
     * @param teacher logits of the same shape; they receive a gradient only if they require one
     * @return a scalar
     * @throws IllegalArgumentException if the shapes differ or are scalars
     */
    public Tensor forward(Tensor student, Tensor teacher) {
        return Losses.klDivergence(student, teacher, temperature);
    }
}
