package io.bitlab.models.vision;

import io.bitlab.core.ops.Resampling;
import io.bitlab.core.tensor.ChannelsLast;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Dropout;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import io.bitlab.layers.Parameter;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.StateDict;

/**
 * A vision transformer (Dosovitskiy et al., <i>An Image is Worth 16x16 Words</i>, 2021) with ternary blocks. The image
 * is cut into square patches; {@linkplain PatchEmbedding each becomes a vector}, to which a learned one for its
 * position is added; in the blocks, every patch attends to every other. Images {@code [n, channels, height, width]} to
 * logits {@code [n, classes]}.
 *
 * {@snippet class="io.bitlab.models.snippets.VitSnippets" region="model"}
 *
 * <p>Ternary are the projections of attention and feed-forward, which have no bias and hold nearly all weights. Patch
 * embedding, positions, norms and the head stay float. A transformer knows nothing of images at first and needs many;
 * with fewer, let a convolutional network teach it:
 *
 * {@snippet class="io.bitlab.models.snippets.VitSnippets" region="distillation"}
 *
 * <p>With int8 activations and {@link PatchEmbedding#LINEAR}, outputs of training, without dropout and stochastic
 * depth, and of evaluation are equal to the bit. {@link PatchEmbedding#CONVOLUTIONS} has batch norms, which see the
 * batch in training.
 *
 * <p><b>Thread safety:</b> in evaluation, any number of threads may share a model.
 */
public final class BitViT extends ImageClassifier {

    /** Standard deviation of initial weights. */
    static final double DEVIATION = 0.02;

    private static final String POSITIONS = "pos_embed";

    private final BitViTConfig config;
    private final Layer patchEmbedding;
    private final Parameter classToken; // or null
    private final Parameter positions;
    private final Dropout dropout;
    private final Layer blocks;
    private final Layer norm;
    private final Linear head;

    /**
     * Builds the network, in training, not yet initialised.
     *
     * @param config sizes and choices
     */
    public BitViT(BitViTConfig config) {
        this.config = config;
        int hidden = config.hiddenSize();
        patchEmbedding = child("patch_embed",
                config.patchEmbedding().layer(config.imageInput().channels(), config.patchSize(), hidden));
        classToken = config.pooling() == TokenPooling.CLASS_TOKEN
                ? parameter("cls_token", Initializer.normal(DEVIATION), 1, hidden) : null;
        positions = parameter(POSITIONS, Initializer.normal(DEVIATION), config.patches(), hidden);
        dropout = child("embed_dropout", new Dropout(config.dropout()));
        VisionBlock[] layers = new VisionBlock[config.numHiddenLayers()];
        for (int i = 0; i < layers.length; i++) {
            layers[i] = new VisionBlock(config, i);
        }
        blocks = child("blocks", new Sequential(layers));
        norm = child("norm", config.norm().layer(hidden));
        head = child("head", new Linear(hidden, config.classNames().size(), true, Initializer.normal(DEVIATION)));
    }

    @Override
    public BitViTConfig config() {
        return config;
    }

    @Override
    protected Tensor logits(Tensor images) {
        int n = images.length(0);
        int hidden = config.hiddenSize();
        Tensor patches = ChannelsLast.pixels(patchEmbedding.forward(images));
        Tensor x = patches.reshape(n, config.patches(), hidden).add(positions.tensor());
        if (classToken != null) { // its position needs no vector of its own: the token is learned, too
            Tensor tokens = classToken.tensor().gather(0, new int[n]).reshape(n, 1, hidden);
            x = Tensor.concat(1, tokens, x);
        }
        Tensor y = blocks.forward(dropout.forward(x));
        return head.forward(classToken != null ? norm.forward(y.slice(1, 0, 1).reshape(n, hidden))
                : norm.forward(y).mean(1));
    }

    /**
     * Makes a model for images of another size: the same weights, and positions that are interpolated (bilinearly)
     * between those of this model. Finer or coarser images are classified somewhat worse until the new model is trained
     * on them.
     *
     * {@snippet class="io.bitlab.models.snippets.VitSnippets" region="resized"}
     *
     * @param height rows of pixels, a multiple of the patch size
     * @param width columns of pixels, a multiple of the patch size
     * @return a new model, in training, or deployed if this one is; shares no weights with this one
     * @throws IllegalArgumentException if the size is out of range or no multiple of the patch size
     */
    public BitViT resized(int height, int width) {
        ImageInput input = config.imageInput();
        BitViTConfig other = config.toBuilder()
                .imageInput(new ImageInput(height, width, input.fit(), input.normalization())).build();
        BitViT model = new BitViT(other);
        Tensor grid = positions.tensor().detach().reshape(1, config.patchRows(), config.patchColumns(),
                config.hiddenSize());
        Tensor resized = ChannelsLast.pixels(Resampling.bilinear(ChannelsLast.images(grid), other.patchRows(),
                other.patchColumns(), "BitViT.resized"));
        model.loadMatching(stateDict());
        model.loadMatching(new StateDict().put(POSITIONS, resized.reshape(other.patches(), config.hiddenSize())));
        return model;
    }

    @Override
    protected String describe() {
        return "BitViT(" + config.patchRows() + " x " + config.patchColumns() + " patches, "
                + config.numHiddenLayers() + " layers, width " + config.hiddenSize() + " -> "
                + config.classNames().size() + " classes)";
    }
}
