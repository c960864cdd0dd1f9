package io.bitlab.models.transformer;

import io.bitlab.core.ops.AttentionMask;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.Linear;
import io.bitlab.models.BitModel;

/**
 * A classifier of whole sequences, such as the topic of a text: the blocks of {@link BitTransformer}, in which each
 * position sees all, the mean over the positions, and a float head.
 *
 * <p>Input {@code [batch, length]}: tokens as whole numbers, and any negative number behind the end of a shorter
 * sequence. Output {@code [batch, numLabels]}: logits. So a {@link io.bitlab.models.train.Dataset} of token rows trains
 * it as any other classifier.
 *
 * <p><b>Thread safety:</b> in evaluation, any number of threads may use one model.
 */
public final class BitSequenceClassifier extends BitModel {

    private final BitSequenceClassifierConfig config;
    private final TransformerBody body;
    private final Linear score;

    /**
     * Builds the network.
     *
     * @param config sizes and choices
     */
    public BitSequenceClassifier(BitSequenceClassifierConfig config) {
        this.config = config;
        this.body = child("model", new TransformerBody(config.encoder()));
        this.score = child("score", new Linear(config.encoder().hiddenSize(), config.numLabels(), true,
                Initializer.normal(config.encoder().initializerRange())));
    }

    @Override
    public BitSequenceClassifierConfig config() {
        return config;
    }

    @Override
    public Tensor forward(Tensor tokens) {
        int[] ids = BitTransformer.tokens(tokens);
        int batch = tokens.rank() == 2 ? tokens.length(0) : 1;
        int length = ids.length / batch;
        int[] lengths = new int[batch];
        float[] share = new float[ids.length]; // of each position in its sequence's mean
        for (int b = 0; b < batch; b++) {
            int end = length(ids, b * length, length);
            if (end == 0) {
                throw new IllegalArgumentException(
                        "BitSequenceClassifier: sequence " + b + " has no tokens, only padding");
            }
            lengths[b] = end;
            for (int i = 0; i < length; i++) {
                share[b * length + i] = i < end ? 1f / end : 0f;
                ids[b * length + i] = i < end ? ids[b * length + i] : 0; // nobody sees it
            }
        }
        Tensor hidden =
                body.hidden("BitSequenceClassifier.forward", ids, batch, AttentionMask.FULL.withLengths(lengths));
        return observed(score.forward(hidden.mul(Tensor.of(share, batch, length, 1)).sum(1)));
    }

    /** How many tokens stand before the padding. */
    private static int length(int[] ids, int from, int length) {
        int end = length;
        while (end > 0 && ids[from + end - 1] < 0) {
            end--;
        }
        return end;
    }

    @Override
    protected Tensor exampleInput() {
        return Tensor.zeros(1, Math.min(8, config.encoder().maxPositionEmbeddings()));
    }

    @Override
    protected String describe() {
        return "BitSequenceClassifier(" + config.numLabels() + " labels, " + config.encoder().numHiddenLayers()
                + " layers, width " + config.encoder().hiddenSize() + ")";
    }
}
