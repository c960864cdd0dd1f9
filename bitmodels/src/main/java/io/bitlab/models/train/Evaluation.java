package io.bitlab.models.train;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import java.util.stream.IntStream;

/**
 * What a classifier makes of a data set, in whatever mode it is: in training, too, nothing is recorded and no parameter
 * changes.
 */
public final class Evaluation {

    private static final int BATCH = 256;

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
        int[] found = new int[data.size()];
        Workspace workspace = new Workspace();
        for (int from = 0; from < found.length; from += BATCH) {
            int[] indices = IntStream.range(from, Math.min(found.length, from + BATCH)).toArray();
            Tensor batch = data.batch(indices);
            int[] classes = workspace.call(() -> Autograd.noGrad(() -> model.forward(batch)).argmax());
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
     */
    public static double accuracy(Layer model, Dataset data) {
        int[] found = predictions(model, data);
        int[] truth = data.labels(IntStream.range(0, data.size()).toArray());
        return correct(found, truth) / (double) truth.length;
    }

    static int correct(int[] found, int[] truth) {
        int correct = 0;
        for (int i = 0; i < truth.length; i++) {
            correct += found[i] == truth[i] ? 1 : 0;
        }
        return correct;
    }
}
