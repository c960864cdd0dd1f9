package io.bitlab.layers.loss;

import io.bitlab.core.ops.Ops;
import io.bitlab.core.tensor.Tensor;

/** Mean cross-entropy between class logits and true classes: {@code -mean(log softmax(logits)[label])}. Stateless. */
public final class CrossEntropy {

    /** Makes the loss. */
    public CrossEntropy() {
    }

    /**
     * Computes the loss.
     *
     * @param logits {@code [n, classes]}, unnormalised
     * @param labels the true class of each row, from 0 to classes - 1
     * @return a scalar
     */
    public Tensor forward(Tensor logits, int[] labels) {
        return Ops.crossEntropy(logits, labels);
    }
}
