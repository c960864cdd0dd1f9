package io.bitlab.models.transformer;

import io.bitlab.core.ops.AttentionMask;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.Linear;
import io.bitlab.models.BitModel;

/**
 * Classifies whole sequences, for instance texts by topic: transformer blocks with full (bidirectional) attention, the
 * mean over the positions, and a float head. Tokens {@code [batch, length]} to logits {@code [batch, numLabels]}.
 *
 * {@snippet class="io.bitlab.models.snippets.TransformerSnippets" region="classifier"}
 *
 * <p>Shorter sequences of a batch are padded with negative numbers at their end. A
 * {@link io.bitlab.models.train.Dataset} whose rows are tokens trains this model like any other classifier.
 *
 * <p><b>Thread safety:</b> in evaluation, any number of threads may share a model.
 */
public final class BitSequenceClassifier extends BitModel {

    private final BitSequenceClassifierConfig config;
    private final TransformerBackbone backbone;
    private final Linear score;

    /**
     * Builds the network, in training, not yet initialised.
     *
     * @param config sizes and choices
     */
    public BitSequenceClassifier(BitSequenceClassifierConfig config) {
        this.config = config;
        this.backbone = child("model", new TransformerBackbone(config.encoder()));
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
        float[] share = new float[ids.length]; // weight of each position in the mean of its sequence
        for (int b = 0; b < batch; b++) {
            int end = length(ids, b * length, length);
            if (end == 0) {
                throw new IllegalArgumentException(
                        "BitSequenceClassifier: sequence " + b + " has no tokens, only padding");
            }
            lengths[b] = end;
            for (int i = 0; i < length; i++) {
                share[b * length + i] = i < end ? 1f / end : 0f;
                ids[b * length + i] = i < end ? ids[b * length + i] : 0; // masked, any token will do
            }
        }
        Tensor hidden =
                backbone.hidden("BitSequenceClassifier.forward", ids, batch, AttentionMask.FULL.withLengths(lengths));
        return observed(score.forward(hidden.mul(Tensor.of(share, batch, length, 1)).sum(1)));
    }

    /** The number of tokens before the padding. */
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
