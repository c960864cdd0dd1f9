package io.bitlab.models.train;

import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.loss.CrossEntropy;
import io.bitlab.layers.loss.KLDivergence;

/** The usual objectives of a classifier. */
public final class Objectives {

    private Objectives() {
    }

    /**
     * Cross-entropy with the labels.
     *
     * @return the objective of a {@link Trainer} that is given no other
     */
    public static Objective crossEntropy() {
        return crossEntropy(0f);
    }

    /**
     * Cross-entropy with smoothed labels (Szegedy et al., <i>Rethinking the Inception Architecture</i>, 2016, section
     * 7), which keeps a network from becoming too sure.
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
     * Distillation (Hinton, Vinyals and Dean, <i>Distilling the Knowledge in a Neural Network</i>, 2015): the student
     * learns the teacher's softened answers, and the labels:
     * {@code (1 - hardShare)·T²·KL(softmax(teacher / T), softmax(student / T)) + hardShare·crossEntropy(student,
     * labels)}.
     *
     * @param teacher answers the same questions; put into evaluation, nothing of it is trained
     * @param temperature T, positive: how soft the answers are; 2 to 5 is usual
     * @param hardShare weight of the labels, from 0 to 1; a half or less is usual
     * @return the objective
     * @throws IllegalArgumentException if the temperature or the share is outside its range
     */
    public static Objective distillation(Layer teacher, float temperature, float hardShare) {
        if (!(hardShare >= 0f && hardShare <= 1f)) {
            throw new IllegalArgumentException("distillation: hard share " + hardShare + " is not in [0, 1]");
        }
        KLDivergence soft = new KLDivergence(temperature);
        CrossEntropy hard = new CrossEntropy();
        teacher.eval();
        return (logits, batch, labels) -> {
            Tensor answers = Autograd.noGrad(() -> teacher.forward(batch));
            return soft.forward(logits, answers).mul(1f - hardShare).add(hard.forward(logits, labels).mul(hardShare));
        };
    }
}
