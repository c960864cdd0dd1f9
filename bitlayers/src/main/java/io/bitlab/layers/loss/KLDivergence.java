package io.bitlab.layers.loss;

import io.bitlab.core.ops.Losses;
import io.bitlab.core.tensor.Tensor;

/**
 * How far a student's class distribution is from a teacher's, for distillation (Hinton, Vinyals and Dean, <i>Distilling
 * the Knowledge in a Neural Network</i>, 2015). With {@code p = softmax(teacher / T)} and
 * {@code q = softmax(student / T)} it is {@code T² · mean over rows of Σ p·(log p - log q)}. Immutable.
 *
 * <p>On logits {@code [n, classes]} this is PyTorch's
 * {@code T * T * kl_div(log_softmax(student / T, -1), log_softmax(teacher / T, -1), reduction='batchmean',
 * log_target=True)}. Of logits with more axes each row counts as one, as if they were flattened before; PyTorch would
 * divide by the length of the first axis alone. The factor T² keeps the gradients as large as those of hard labels, so
 * that the two can be added with weights that don't depend on T.
 *
 * <pre>{@code
 * Tensor logits = student.forward(x);
 * Tensor soft = new KLDivergence(4f).forward(logits, Autograd.noGrad(() -> teacher.forward(x)));
 * Tensor hard = new CrossEntropy().forward(logits, labels);
 * soft.mul(0.9f).add(hard.mul(0.1f)).backward();
 * }</pre>
 */
public final class KLDivergence {

    private final float temperature;

    /** Makes the loss for the distributions as they are: temperature 1. */
    public KLDivergence() {
        this(1f);
    }

    /**
     * Makes the loss for softened distributions.
     *
     * @param temperature T: above 1, the teacher's small probabilities count more
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
     * @param teacher logits of the same shape; they are differentiated only if they ask for it
     * @return a scalar
     * @throws IllegalArgumentException if the shapes differ or are scalars
     */
    public Tensor forward(Tensor student, Tensor teacher) {
        return Losses.klDivergence(student, teacher, temperature);
    }
}
