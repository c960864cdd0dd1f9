package io.bitlab.layers.loss;

import io.bitlab.core.ops.Losses;
import io.bitlab.core.tensor.Tensor;

/**
 * Mean cross-entropy between class logits and true classes: {@code -mean(log softmax(logits)[label])}, as
 * {@code torch.nn.CrossEntropyLoss}. Logits {@code [..., classes]}, one label for each row. Immutable.
 *
 * {@snippet class="io.bitlab.layers.snippets.LossSnippets" region="crossEntropy"}
 */
public final class CrossEntropy {

    /** Default label of rows to ignore, the convention of PyTorch and many data sets. */
    public static final int DEFAULT_IGNORE_INDEX = -100;

    private final float labelSmoothing;
    private final int ignoreIndex;

    /** Creates the loss without label smoothing; it ignores rows labelled {@link #DEFAULT_IGNORE_INDEX}. */
    public CrossEntropy() {
        this(0f, DEFAULT_IGNORE_INDEX);
    }

    private CrossEntropy(float labelSmoothing, int ignoreIndex) {
        this.labelSmoothing = labelSmoothing;
        this.ignoreIndex = ignoreIndex;
    }

    /**
     * The loss with smoothed labels: the true class weighs {@code 1 - s + s / classes}, every other class
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
     * The loss with another label for rows to ignore, such as padding.
     *
     * @param label any number; if it is a class, that class is ignored
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
     * @return a scalar: the mean over the rows that are not ignored; 0 if all are (PyTorch returns NaN then)
     * @throws IllegalArgumentException if the number of labels is not that of the rows, or a label is not a class
     */
    public Tensor forward(Tensor logits, int[] labels) {
        return Losses.crossEntropy(logits, labels, labelSmoothing, ignoreIndex);
    }
}
