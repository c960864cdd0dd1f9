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
 * The output head of a language model and its cross-entropy in one: {@code -mean(log softmax(x·Wᵀ)[target])}.
 *
 * <p>Logits exist for a few rows at a time only, so that memory doesn't grow with rows times vocabulary. The gradients
 * of a chunk are computed while its logits are there, and scaled in the backward (Hsu et al., <i>Liger Kernel</i>,
 * 2024).
 */
public final class LinearCrossEntropy {

    /** Logits in memory at once, as long as a row has fewer: 16 MB. */
    private static final int MOST_LOGITS = 1 << 22;
    private static final double EXP_NANOS = 0.5;

    private LinearCrossEntropy() {
    }

    /**
     * What came out.
     *
     * @param loss a scalar: the mean over the rows that count, in nats; 0 if none does
     * @param correct for how many of them the target has the largest logit
     * @param counted how many rows count
     */
    public record Result(Tensor loss, int correct, int counted) {
    }

    /**
     * Computes the loss.
     *
     * @param x {@code [..., features]}
     * @param weight {@code [classes, features]}
     * @param targets the right class of each row, the leading axes flattened; negative for a row that doesn't count
     * @param layer what to call the head in messages
     * @return loss and how many rows were right; logits equal those of {@link LinearOps#linear} to the bit
     * @throws IllegalArgumentException if the sizes don't fit together or a target is not a class
     */
    public static Result of(Tensor x, Tensor weight, int[] targets, String layer) {
        int features = weight.length(1);
        int classes = weight.length(0);
        int rows = Shape.requireFeatures(x, features, layer);
        int counted = requireTargets(targets, rows, classes, layer);
        boolean learns = Autograd.isRecording() && (x.needsGrad() || weight.needsGrad());
        float[] dx = learns && x.needsGrad() ? Workspace.floats(x.size()) : null;
        float[] dw = learns && weight.needsGrad() ? Workspace.zeros(weight.size()) : null;
        FloatMath math = FloatMath.get();
        Rows all = new Rows(rows, classes, targets, counted);
        for (int from = 0; from < rows; from += all.together) {
            int chunk = Math.min(all.together, rows - from);
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
     * Computes the loss of a head in evaluation. It has no gradient: a backward that reaches it is refused.
     *
     * @param x {@code [..., features]}
     * @param head {@code [classes, features]}
     * @param targets as for the other form
     * @param layer what to call the head in messages
     * @return loss and how many rows were right
     * @throws IllegalArgumentException as the other form
     */
    public static Result of(Tensor x, EmbeddingTable head, int[] targets, String layer) {
        int features = head.columns();
        int rows = Shape.requireFeatures(x, features, layer);
        int counted = requireTargets(targets, rows, head.rows(), layer);
        Rows all = new Rows(rows, head.rows(), targets, counted);
        for (int from = 0; from < rows; from += all.together) {
            int chunk = Math.min(all.together, rows - from);
            float[] part = Arrays.copyOfRange(x.data(), from * features, (from + chunk) * features);
            head.multiply(part, chunk, all.logits);
            all.chunk(from, chunk);
        }
        return new Result(Autograd.unrecorded("linearCrossEntropy", () -> layer, all.loss(), new int[0], x),
                all.correct(), counted);
    }

    /** The rows of one loss: logits of some of them at a time, and what came out. */
    private static final class Rows {
        private final int classes;
        private final int[] targets;
        private final float share;
        private final int together;
        private final float[] logits;
        private final float[] losses;
        private final int[] best;

        Rows(int rows, int classes, int[] targets, int counted) {
            this.classes = classes;
            this.targets = targets;
            share = 1f / Math.max(1, counted);
            together = Math.clamp(MOST_LOGITS / classes, 1, rows);
            logits = Workspace.floats(together * classes);
            losses = Workspace.floats(rows);
            best = Workspace.ints(rows);
        }

        /** Turns the logits of some rows into their gradients. */
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

    /** Turns a row of logits into their gradient, and notes its loss and its largest class. */
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
        while (largest < classes - 1 && logits[at + largest] != max) { // to the last one if max is NaN
            largest++;
        }
        best[r] = largest;
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
                        + "; a negative one would not count");
            }
            counted += targets[r] < 0 ? 0 : 1;
        }
        return counted;
    }
}
