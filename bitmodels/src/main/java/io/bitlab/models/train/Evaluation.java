package io.bitlab.models.train;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.ops.LinearCrossEntropy;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.models.transformer.BitTransformer;
import java.util.stream.IntStream;

/**
 * What a model makes of data, in whatever mode it is: in training, too, nothing is recorded and no parameter
 * changes.
 */
public final class Evaluation {

    private static final int BATCH = 256;
    private static final int TOKENS = 4096;

    private Evaluation() {
    }

    /**
     * The class that a model finds for each sample: the largest logit.
     *
     * <p>In training mode, dropout is as active as in training, and draws on; use a model without it, or
     * {@code eval()}.
     *
     * @param model gives {@code [n, classes]} for {@code [n, features]}
     * @param data the samples
     * @return one class a sample
     */
    public static int[] predictions(Layer model, Dataset data) {
        return predictions(model, data, false);
    }

    private static int[] predictions(Layer model, Dataset data, boolean checkLabels) {
        int[] found = new int[data.size()];
        Workspace workspace = new Workspace();
        for (int from = 0; from < found.length; from += BATCH) {
            int[] indices = IntStream.range(from, Math.min(found.length, from + BATCH)).toArray();
            Tensor batch = data.batch(indices);
            Tensor logits = workspace.call(() -> Autograd.noGrad(() -> model.forward(batch)));
            if (checkLabels) {
                Requirements.requireClasses("Evaluation.accuracy: the data", data, logits.length(logits.rank() - 1));
            }
            int[] classes = logits.argmax();
            System.arraycopy(classes, 0, found, from, classes.length);
            workspace.reset();
        }
        return found;
    }

    /**
     * The share of samples whose class a model finds.
     *
     * @param model gives {@code [n, classes]} for {@code [n, features]}
     * @param data the samples with their true classes
     * @return from 0 to 1
     * @throws IllegalArgumentException if a label is not among the model's classes
     */
    public static double accuracy(Layer model, Dataset data) {
        int[] found = predictions(model, data, true);
        int[] truth = data.labels(IntStream.range(0, data.size()).toArray());
        return correct(found, truth) / (double) truth.length;
    }

    /**
     * The mean loss of a language model on a text: that of each token but the first, seen once, in windows that follow
     * each other. The model sees at most {@code context} tokens before each.
     *
     * @param model the language model; dropout is as active in training mode as in training
     * @param data the text
     * @return in nats a token; {@code ln(vocabSize)} for a model that knows nothing
     * @throws IllegalArgumentException if a token is not in the vocabulary, or the context is too long for the model
     */
    public static double loss(BitTransformer model, TokenDataset data) {
        NextTokenTask.requireFit(model, data, "evaluation");
        return score(model, data).loss();
    }

    static Task.Score score(BitTransformer model, TokenDataset data) {
        int context = data.context();
        int targets = data.length() - 1;
        int together = Math.max(1, TOKENS / context) * context;
        Workspace workspace = new Workspace();
        double lossSum = 0;
        long correct = 0;
        for (int from = 0; from < targets;) {
            int whole = (targets - from) / context * context; // the rest is a shorter window by itself
            int count = whole == 0 ? targets - from : Math.min(together, whole);
            int[] tokens = new int[count];
            int[] next = new int[count];
            data.copy(from, tokens, 0, count);
            data.copy(from + 1, next, 0, count);
            int windows = Math.max(1, count / context);
            Task.Loss part = workspace.call(() -> Autograd.noGrad(() -> {
                LinearCrossEntropy.Result result = model.loss(tokens, windows, next);
                return new Task.Loss(result.loss(), result.correct());
            }));
            lossSum += part.mean().item() * (double) count;
            correct += part.correct();
            workspace.reset();
            from += count;
        }
        return new Task.Score(correct / (double) targets, lossSum / targets);
    }

    static int correct(int[] found, int[] truth) {
        int correct = 0;
        for (int i = 0; i < truth.length; i++) {
            correct += found[i] == truth[i] ? 1 : 0;
        }
        return correct;
    }
}
