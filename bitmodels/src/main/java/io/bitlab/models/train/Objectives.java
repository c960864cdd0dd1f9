package io.bitlab.models.train;

import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.loss.CrossEntropy;
import io.bitlab.layers.loss.KLDivergence;
import java.util.Objects;

/**
 * The usual objectives of classifiers.
 *
 * {@snippet class="io.bitlab.models.snippets.TrainSnippets" region="distillation"}
 */
public final class Objectives {

    private Objectives() {
    }

    /**
     * Creates the cross-entropy with the labels.
     *
     * @return the default objective of a {@link Trainer}
     */
    public static Objective crossEntropy() {
        return crossEntropy(0f);
    }

    /**
     * Creates the cross-entropy with smoothed labels (Szegedy et al., <i>Rethinking the Inception Architecture</i>,
     * 2016, section 7), which keeps a network from becoming overconfident.
     *
     * @param smoothing share of the probability that is spread over all classes, from 0 to below 1; 0.1 is usual
     * @return the objective
     * @throws IllegalArgumentException if the share is outside that range
     */
    public static Objective crossEntropy(float smoothing) {
        CrossEntropy loss = smoothing == 0f ? new CrossEntropy() : new CrossEntropy().withLabelSmoothing(smoothing);
        return (logits, batch, labels) -> loss.forward(logits, labels);
    }

    /**
     * Creates the distillation loss (Hinton, Vinyals and Dean, <i>Distilling the Knowledge in a Neural Network</i>,
     * 2015): the student learns the softened predictions of the teacher, and the labels:
     * {@code (1 - hardShare)·T²·KL(softmax(teacher / T), softmax(student / T)) + hardShare·crossEntropy(student,
     * labels)}.
     *
     * <p>For image classifiers, {@link io.bitlab.models.vision.ImageClassifier#distillation} also checks that the
     * teacher expects the student's pixels and classes.
     *
     * @param teacher a trained classifier of any kind for the same input, of any rank, and the same classes; put into
     *     evaluation mode, its parameters are not changed. It answers to the augmented batch that the student sees
     * @param temperature T, positive; the larger, the softer the predictions; 2 to 5 is usual
     * @param hardShare weight of the labels, from 0 to 1; a half or less is usual
     * @return the objective
     * @throws IllegalArgumentException if the temperature or the share is outside its range
     */
    public static Objective distillation(Layer teacher, float temperature, float hardShare) {
        if (!(hardShare >= 0f && hardShare <= 1f)) {
            throw new IllegalArgumentException("distillation: hard share " + hardShare + " is not in [0, 1]");
        }
        Objects.requireNonNull(teacher, "distillation: the teacher is null");
        return new Distillation(teacher.eval(), new KLDivergence(temperature), hardShare);
    }

    /** A class, so that the teacher answers once for both labels of mixed samples. */
    private record Distillation(Layer teacher, KLDivergence soft, float hardShare) implements Objective {

        private static final Objective HARD = crossEntropy();

        @Override
        public Tensor loss(Tensor logits, Tensor batch, int[] labels) {
            return loss(logits, batch, HARD.loss(logits, batch, labels));
        }

        @Override
        public Tensor loss(Tensor logits, Tensor batch, int[] labels, int[] others, float share) {
            return loss(logits, batch, HARD.loss(logits, batch, labels, others, share));
        }

        private Tensor loss(Tensor logits, Tensor batch, Tensor hard) {
            Tensor answers = Autograd.noGrad(() -> teacher.forward(batch));
            if (!NonFiniteDiagnosis.isFinite(answers.data())) {
                throw new IllegalArgumentException("distillation: the teacher's logits are not all finite; it has "
                        + "diverged or is damaged, choose another");
            }
            return soft.forward(logits, answers).mul(1f - hardShare).add(hard.mul(hardShare));
        }
    }
}
