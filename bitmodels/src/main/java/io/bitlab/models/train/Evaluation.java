package io.bitlab.models.train;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.ops.LinearCrossEntropy;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.models.transformer.BitTransformer;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Predictions, accuracy and loss of models on data.
 *
 * {@snippet class="io.bitlab.models.snippets.TrainSnippets" region="evaluation"}
 *
 * <p>The model may be in any mode; nothing is recorded for a backward pass, and no parameter changes. In training mode,
 * dropout is active.
 */
public final class Evaluation {

    /** The samples of a batch, and how many values they may have together: large images come in smaller batches. */
    private static final int BATCH = 256;
    private static final int BATCH_VALUES = 1 << 20;
    /** Layers of images have many times the values of their input, which should stay in the caches. */
    private static final int IMAGE_VALUES = 1 << 16;
    private static final int TOKENS = 4096;

    private Evaluation() {
    }

    /**
     * Returns the predicted class of each sample: the one with the largest logit.
     *
     * @param model a classifier that maps {@code [n, ...sampleShape]} to {@code [n, classes]}
     * @param data the samples; read in batches that fit their size
     * @return one class per sample
     * @throws IllegalArgumentException if a logit is NaN or infinite
     */
    public static int[] predictions(Layer model, SampleSource data) {
        return predictions(model, data, false);
    }

    private static int[] predictions(Layer model, SampleSource data, boolean checkLabels) {
        int[] shape = data.sampleShape();
        int most = shape.length == 3 ? IMAGE_VALUES : BATCH_VALUES;
        int together = Math.clamp(most / Shape.product(shape, 0, shape.length), 1, BATCH);
        int[] found = new int[data.size()];
        Workspace workspace = new Workspace();
        for (int from = 0; from < found.length; from += together) {
            int[] indices = IntStream.range(from, Math.min(found.length, from + together)).toArray();
            Tensor batch = data.batch(indices);
            Tensor logits = workspace.call(() -> Autograd.noGrad(() -> model.forward(batch)));
            if (logits.rank() != 2 || logits.length(0) != indices.length) {
                throw new IllegalArgumentException("Evaluation: the model made " + Arrays.toString(logits.shape())
                        + " of " + indices.length + " samples, expected a row of logits for each");
            }
            if (checkLabels && from == 0) { // once it is known how many classes the model has
                TrainingPreconditions.requireClasses("Evaluation.accuracy: the data", data,
                        logits.length(logits.rank() - 1));
            }
            if (!NonFiniteDiagnosis.isFinite(logits.data())) {
                throw new IllegalArgumentException("Evaluation: the logits of samples " + from + " to "
                        + (from + indices.length - 1) + " are not all finite; the model has diverged or is damaged");
            }
            int[] classes = logits.argmax();
            System.arraycopy(classes, 0, found, from, classes.length);
            workspace.reset();
        }
        return found;
    }

    /**
     * Returns the share of samples that a model classifies correctly.
     *
     * @param model a classifier that maps {@code [n, ...sampleShape]} to {@code [n, classes]}
     * @param data the samples with their true classes
     * @return from 0 to 1
     * @throws IllegalArgumentException if the model has no output for one of the labels
     */
    public static double accuracy(Layer model, SampleSource data) {
        int[] found = predictions(model, data, true);
        int[] truth = data.labels(IntStream.range(0, data.size()).toArray());
        return correct(found, truth) / (double) truth.length;
    }

    /**
     * Returns the mean loss of a language model on a text. Each token but the first is predicted once, in consecutive
     * windows, from at most {@code context} tokens before it.
     *
     * @param model the language model
     * @param data the text
     * @return nats per token; {@code ln(vocabSize)} for uniform predictions
     * @throws IllegalArgumentException if a token is not in the vocabulary, or the context is too long for the model
     */
    public static double loss(BitTransformer model, TokenDataset data) {
        NextTokenTask.requireFit(model, data, "evaluation");
        return score(model, data).number(Task.Score.LOSS);
    }

    static Task.Score score(BitTransformer model, TokenDataset data) {
        int context = data.context();
        int targets = data.length() - 1;
        int together = Math.max(1, TOKENS / context) * context;
        Workspace workspace = new Workspace();
        double lossSum = 0;
        long correct = 0;
        for (int from = 0; from < targets;) {
            int whole = (targets - from) / context * context; // the rest forms a shorter window
            int count = whole == 0 ? targets - from : Math.min(together, whole);
            int[] tokens = new int[count];
            int[] next = new int[count];
            data.copy(from, tokens, 0, count);
            data.copy(from + 1, next, 0, count);
            int windows = Math.max(1, count / context);
            LinearCrossEntropy.Result part =
                    workspace.call(() -> Autograd.noGrad(() -> model.loss(tokens, windows, next)));
            lossSum += part.loss().item() * (double) count;
            correct += part.correct();
            workspace.reset();
            from += count;
        }
        return Task.Score.ofTokens(correct / (double) targets, lossSum / targets);
    }

    static int correct(int[] found, int[] truth) {
        int correct = 0;
        for (int i = 0; i < truth.length; i++) {
            correct += found[i] == truth[i] ? 1 : 0;
        }
        return correct;
    }
}
