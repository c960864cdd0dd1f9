package io.bitlab.layers.loss;

import io.bitlab.core.ops.Losses;
import io.bitlab.core.tensor.Tensor;

/**
 * Mean cross-entropy between class logits and true classes: {@code -mean(log softmax(logits)[label])}, as
 * {@code torch.nn.CrossEntropyLoss}. Immutable.
 *
 * <pre>{@code
 * CrossEntropy loss = new CrossEntropy().withLabelSmoothing(0.1f);
 * loss.forward(model.forward(x), labels).backward();
 * }</pre>
 */
public final class CrossEntropy {

    /** The label of rows that don't count, unless another was chosen: PyTorch's and many data sets' convention. */
    public static final int DEFAULT_IGNORE_INDEX = -100;

    private final float labelSmoothing;
    private final int ignoreIndex;

    /** Makes the loss, without label smoothing; rows labelled {@link #DEFAULT_IGNORE_INDEX} don't count. */
    public CrossEntropy() {
        this(0f, DEFAULT_IGNORE_INDEX);
    }

    private CrossEntropy(float labelSmoothing, int ignoreIndex) {
        this.labelSmoothing = labelSmoothing;
        this.ignoreIndex = ignoreIndex;
    }

    /**
     * The same loss against smoothed labels: the true class weighs {@code 1 - s + s / classes}, every other class
     * {@code s / classes} (Szegedy et al., <i>Rethinking the Inception Architecture</i>, 2016, section 7).
     *
     * @param smoothing s, from 0 (none) to 1; 0.1 is usual
     * @return a new loss
     * @throws IllegalArgumentException if s is outside that range
     */
    public CrossEntropy withLabelSmoothing(float smoothing) {
        if (!(smoothing >= 0f && smoothing <= 1f)) {
            throw new IllegalArgumentException("CrossEntropy: label smoothing " + smoothing + " is not in [0, 1]");
        }
        return new CrossEntropy(smoothing, ignoreIndex);
    }

    /**
     * The same loss with another label for rows that don't count, such as padding.
     *
     * @param label any number; a class of that number is ignored too
     * @return a new loss
     */
    public CrossEntropy withIgnoreIndex(int label) {
        return new CrossEntropy(labelSmoothing, label);
    }

    /**
     * Computes the loss.
     *
     * @param logits {@code [..., classes]}, unnormalised
     * @param labels the true class of each row, from 0 to classes - 1, or the ignored label; leading axes flattened
     * @return a scalar: the mean over the rows that count, 0 if none does (PyTorch returns NaN then)
     * @throws IllegalArgumentException if there is not one label a row, or a label is not a class
     */
    public Tensor forward(Tensor logits, int[] labels) {
        return Losses.crossEntropy(logits, labels, labelSmoothing, ignoreIndex);
    }
}
