package io.bitlab.core.ops;

import io.bitlab.core.embedding.EmbeddingTable;
import io.bitlab.core.math.Elementary;
import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/**
 * The output head of a language model fused with its cross-entropy: {@code -mean(log softmax(x·Wᵀ)[target])}.
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="linearCrossEntropy"}
 *
 * <p>Only a chunk of rows has its logits in memory at a time, so memory doesn't grow with rows times vocabulary. The
 * gradients of a chunk are computed together with its logits, and only scaled in the backward (Hsu et al., <i>Liger
 * Kernel</i>, 2024).
 */
public final class LinearCrossEntropy {

    /** Upper limit of logits in memory (16 MB), unless a single row has more. */
    private static final int MOST_LOGITS = 1 << 22;
    private static final double EXP_NANOS = 0.5;

    private LinearCrossEntropy() {
    }

    /**
     * The loss, and how many predictions are right.
     *
     * @param loss a scalar: the mean over the rows that are not ignored, in nats; 0 if all are ignored
     * @param correct number of these rows whose target has the largest logit
     * @param counted number of these rows
     */
    public record Result(Tensor loss, int correct, int counted) {
    }

    /**
     * Computes the loss, and in the same pass its gradients, if they are needed.
     *
     * @param x {@code [..., features]}
     * @param weight {@code [classes, features]}
     * @param targets the true class of each row, the leading axes flattened; negative for a row to ignore
     * @param layer name of the head for messages
     * @return the loss, from logits that equal those of {@link LinearOps#linear} to the bit
     * @throws IllegalArgumentException if the sizes don't fit together or a target is not a class
     */
    public static Result of(Tensor x, Tensor weight, int[] targets, String layer) {
        return of(x, weight, targets, layer, MOST_LOGITS);
    }

    /** As above, with another limit of the logits in memory; one row has all of its own. */
    static Result of(Tensor x, Tensor weight, int[] targets, String layer, int mostLogits) {
        LinearOps.requireMatrix(weight, layer);
        int features = weight.length(1);
        int classes = weight.length(0);
        int rows = Shape.requireFeatures(x, features, layer);
        int counted = requireTargets(targets, rows, classes, layer);
        boolean learns = Autograd.isRecording() && (x.needsGrad() || weight.needsGrad());
        float[] dx = learns && x.needsGrad() ? Workspace.floats(x.size()) : null;
        float[] dw = learns && weight.needsGrad() ? Workspace.zeros(weight.size()) : null;
        FloatMath math = FloatMath.get();
        Rows all = new Rows(rows, classes, targets, counted, mostLogits);
        for (int from = 0; from < rows; from += all.chunkRows) {
            int chunk = Math.min(all.chunkRows, rows - from);
            float[] logits = all.logits;
            math.gemmTransposedB(chunk, classes, features, x.data(), from * features, weight.data(), 0, logits, 0,
                    false);
            all.chunk(from, chunk);
            if (dx != null) {
                math.gemm(chunk, features, classes, logits, 0, weight.data(), 0, dx, from * features, false);
            }
            if (dw != null) {
                math.gemmTransposedA(classes, features, chunk, logits, 0, x.data(), from * features, dw, 0, true);
            }
        }
        Tensor result = Autograd.result("linearCrossEntropy", all.loss(), new int[0], g -> {
            if (dx != null) {
                math.axpy(g[0], dx, 0, x.gradBuffer(), 0, dx.length);
            }
            if (dw != null) {
                math.axpy(g[0], dw, 0, weight.gradBuffer(), 0, dw.length);
            }
        }, x, weight);
        return new Result(result, all.correct(), counted);
    }

    /**
     * Computes the loss of a head in evaluation. The loss has no gradient: a backward that reaches it is refused, see
     * {@link Autograd#unrecorded}.
     *
     * @param x {@code [..., features]}
     * @param head {@code [classes, features]}
     * @param targets the true class of each row, the leading axes flattened; negative for a row to ignore
     * @param layer name of the head for messages
     * @return the loss
     * @throws IllegalArgumentException if the sizes don't fit together or a target is not a class
     */
    public static Result of(Tensor x, EmbeddingTable head, int[] targets, String layer) {
        int features = head.columns();
        int rows = Shape.requireFeatures(x, features, layer);
        int counted = requireTargets(targets, rows, head.rows(), layer);
        Rows all = new Rows(rows, head.rows(), targets, counted, MOST_LOGITS);
        for (int from = 0; from < rows; from += all.chunkRows) {
            int chunk = Math.min(all.chunkRows, rows - from);
            float[] part = Arrays.copyOfRange(x.data(), from * features, (from + chunk) * features);
            head.multiply(part, chunk, all.logits);
            all.chunk(from, chunk);
        }
        return new Result(Autograd.unrecorded("linearCrossEntropy", () -> layer, all.loss(), new int[0], x),
                all.correct(), counted);
    }

    /** The rows of one loss, computed in chunks that share the array of logits. */
    private static final class Rows {
        private final int classes;
        private final int[] targets;
        private final float share; // weight of a row in the mean
        private final int chunkRows;
        private final float[] logits;
        private final float[] losses;
        private final int[] best;

        Rows(int rows, int classes, int[] targets, int counted, int mostLogits) {
            this.classes = classes;
            this.targets = targets;
            share = 1f / Math.max(1, counted);
            chunkRows = Math.clamp(mostLogits / classes, 1, rows);
            logits = Workspace.floats(chunkRows * classes);
            losses = Workspace.floats(rows);
            best = Workspace.ints(rows);
        }

        /** Replaces the logits of a chunk by their gradients. */
        void chunk(int first, int rows) {
            Parallel.current().forRange(rows, 1, (long) (EXP_NANOS * rows * classes), (r0, r1) -> {
                for (int r = r0; r < r1; r++) {
                    row(logits, r * classes, classes, targets[first + r], share, first + r, losses, best);
                }
            });
        }

        float[] loss() {
            float[] loss = Workspace.floats(1);
            loss[0] = FloatMath.get().sum(losses, 0, losses.length) * share;
            return loss;
        }

        int correct() {
            int correct = 0;
            for (int r = 0; r < targets.length; r++) {
                correct += targets[r] >= 0 && best[r] == targets[r] ? 1 : 0;
            }
            return correct;
        }
    }

    /** Replaces a row of logits by their gradient, and stores its loss and its class with the largest logit. */
    private static void row(float[] logits, int at, int classes, int target, float share, int r, float[] losses,
            int[] best) {
        if (target < 0) {
            losses[r] = 0f;
            Arrays.fill(logits, at, at + classes, 0f);
            return;
        }
        FloatMath math = FloatMath.get();
        float max = math.max(logits, at, classes);
        int largest = 0;
        while (largest < classes - 1 && logits[at + largest] != max && !Float.isNaN(logits[at + largest])) {
            largest++;
        }
        best[r] = Float.isNaN(logits[at + largest]) ? -1 : largest; // NaN predicts nothing
        float wanted = logits[at + target] - max;
        math.softmax(logits, at, logits, at, classes);
        // log(sum) = -log of the largest probability, which is at least 1 / classes.
        losses[r] = -(wanted + Elementary.log(logits[at + largest]));
        for (int j = at; j < at + classes; j++) {
            logits[j] *= share;
        }
        logits[at + target] -= share;
    }

    private static int requireTargets(int[] targets, int rows, int classes, String layer) {
        if (targets.length != rows) {
            throw new IllegalArgumentException(layer + ": " + targets.length + " targets for " + rows + " rows");
        }
        int counted = 0;
        for (int r = 0; r < rows; r++) {
            if (targets[r] >= classes) {
                throw new IllegalArgumentException(layer + ": target " + targets[r] + " of row " + r
                        + " is not one of the " + classes + " classes 0 to " + (classes - 1)
                        + "; a negative target marks a row to ignore");
            }
            counted += targets[r] < 0 ? 0 : 1;
        }
        return counted;
    }
}
