package io.bitlab.models.diffusion;

import io.bitlab.core.ops.Modulation;
import io.bitlab.core.tensor.ChannelsLast;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Conv2d;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.Linear;
import io.bitlab.layers.Parameter;
import io.bitlab.layers.PixelShuffle;
import io.bitlab.layers.Sequential;

/**
 * A ternary diffusion transformer that makes pictures (W. Peebles and S. Xie, <i>Scalable Diffusion Models with
 * Transformers</i>, 2022; X. Lu et al., <i>TerDiT</i>, 2024): an image is cut into patches, all patches attend to each
 * other, and time and class steer each block.
 *
 * {@snippet class="io.bitlab.models.snippets.DiffusionSnippets" region="generate"}
 *
 * <p>Ternary are attention and feed-forward layers and what reads time and class in each block; patch embedding and
 * last layer stay float.
 *
 * <p><b>Thread safety:</b> in evaluation, any number of threads may share a model.
 */
public final class BitDiT extends ImageGenerator {

    private final BitDiTConfig config;
    private final Conv2d patchEmbedding;
    private final Parameter positions;
    private final Condition condition;
    private final DiTBlock[] blocks;
    private final Linear lastModulation;
    private final Linear last;
    private final PixelShuffle pixels;

    /**
     * Builds the network, in training, not yet initialised.
     *
     * @param config sizes and choices
     */
    public BitDiT(BitDiTConfig config) {
        this.config = config;
        int hidden = config.hiddenSize();
        int channels = config.imageInput().channels();
        int patch = config.patchSize();
        patchEmbedding = child("patch_embed", Conv2d.builder(channels, hidden, patch).stride(patch)
                .initializer(Initializer.normal(1 / Math.sqrt((double) channels * patch * patch))).build());
        positions = parameter("pos_embed", Initializer.normal(0.02), config.patches(), hidden);
        condition = child("condition", new Condition(config.classNames().size(), config.conditionSize()));
        blocks = new DiTBlock[config.numHiddenLayers()];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = new DiTBlock(config);
        }
        child("blocks", new Sequential(blocks));
        lastModulation =
                child("last_modulation", new Linear(config.conditionSize(), 2 * hidden, true, Initializer.ZEROS));
        last = child("last", new Linear(hidden, channels * patch * patch, true, Initializer.ZEROS));
        pixels = child("pixels", new PixelShuffle(patch));
    }

    @Override
    public BitDiTConfig config() {
        return config;
    }

    @Override
    protected Tensor prediction(Tensor images, float[] times, int[] labels) {
        int n = images.length(0);
        int hidden = config.hiddenSize();
        Tensor c = condition.forward(times, labels);
        Tensor x = ChannelsLast.pixels(patchEmbedding.forward(images)).reshape(n, config.patches(), hidden)
                .add(positions.tensor());
        for (DiTBlock block : blocks) {
            x = block.forward(x, c);
        }
        Tensor m = lastModulation.forward(c);
        Tensor y = last.forward(Modulation.modulatedNorm(x, m.slice(1, 0, hidden), m.slice(1, hidden, 2 * hidden),
                DiTBlock.EPS, "BitDiT"));
        return pixels.forward(ChannelsLast.images(y.reshape(n, config.patchRows(), config.patchColumns(),
                y.length(2))));
    }

    @Override
    protected String describe() {
        return "BitDiT(" + config.patchRows() + " x " + config.patchColumns() + " patches, "
                + config.numHiddenLayers() + " layers, width " + config.hiddenSize() + ", "
                + config.classNames().size() + " classes)";
    }
}
