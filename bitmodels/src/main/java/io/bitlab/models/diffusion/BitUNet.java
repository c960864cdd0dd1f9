package io.bitlab.models.diffusion;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Conv2d;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.Layer;
import io.bitlab.layers.ReLU;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.Upsample;
import java.util.List;

/**
 * A ternary convolutional network that makes pictures (J. Ho et al., <i>Denoising Diffusion Probabilistic Models</i>,
 * 2020): residual blocks at the full resolution, a half, a quarter and so on, and back, with what was seen on the way
 * down added on the way up.
 *
 * {@snippet class="io.bitlab.models.snippets.DiffusionSnippets" region="unet"}
 *
 * <p>Ternary are the 3x3 convolutions and the attention; the first and the last convolution, the 1x1 shortcuts and what
 * brings in time and class stay float.
 *
 * <p><b>Thread safety:</b> in evaluation, any number of threads may share a model.
 */
public final class BitUNet extends ImageGenerator {

    private final BitUNetConfig config;
    private final Condition condition;
    private final Conv2d stem;
    private final UNetBlock[][] down; // blocks of each level
    private final Layer[] reductions; // between levels
    private final UNetBlock middle;
    private final UNetBlock[] up;
    private final Upsample upsample;
    private final Conv2d last;

    /**
     * Builds the network, in training, not yet initialised.
     *
     * @param config sizes and choices
     */
    public BitUNet(BitUNetConfig config) {
        this.config = config;
        List<Integer> channels = config.channels();
        int levels = channels.size();
        int images = config.imageInput().channels();
        condition = child("condition", new Condition(config.classNames().size(), config.conditionFeatures()));
        stem = child("stem", Conv2d.builder(images, channels.getFirst(), 3).padding(1).build());
        down = new UNetBlock[levels][config.blocks()];
        Layer[] downLayers = new Layer[levels];
        reductions = new Layer[levels - 1];
        up = new UNetBlock[levels];
        for (int level = 0; level < levels; level++) {
            int here = channels.get(level);
            for (int b = 0; b < config.blocks(); b++) {
                down[level][b] = new UNetBlock(config, here, here, config.attendsAt(level));
            }
            downLayers[level] = new Sequential(down[level]);
            if (level < levels - 1) {
                int next = channels.get(level + 1);
                reductions[level] = new Sequential(config.convolution(here, next, 2), config.norm().layer(next),
                        new ReLU());
            }
            int below = channels.get(Math.min(level + 1, levels - 1));
            up[level] = new UNetBlock(config, here + below, here, config.attendsAt(level));
        }
        child("down", new Sequential(downLayers));
        child("reductions", new Sequential(reductions));
        middle = child("middle", new UNetBlock(config, channels.getLast(), channels.getLast(),
                config.attendsAt(levels - 1)));
        child("up", new Sequential(up));
        upsample = child("upsample", new Upsample(2));
        last = child("last", Conv2d.builder(channels.getFirst(), images, 3).padding(1).initializer(Initializer.ZEROS)
                .build());
    }

    @Override
    public BitUNetConfig config() {
        return config;
    }

    @Override
    protected Tensor prediction(Tensor images, float[] times, int[] labels) {
        Tensor c = condition.forward(times, labels);
        Tensor[] seen = new Tensor[down.length];
        Tensor y = stem.forward(images);
        for (int level = 0; level < down.length; level++) {
            if (level > 0) {
                y = reductions[level - 1].forward(y);
            }
            for (UNetBlock block : down[level]) {
                y = block.forward(y, c);
            }
            seen[level] = y;
        }
        y = middle.forward(y, c);
        for (int level = down.length - 1; level >= 0; level--) {
            if (level < down.length - 1) {
                y = upsample.forward(y);
            }
            y = up[level].forward(Tensor.concat(1, y, seen[level]), c);
        }
        return last.forward(y);
    }

    @Override
    protected String describe() {
        return "BitUNet(" + config.channels() + " channels, " + config.blocks() + " blocks, "
                + config.classNames().size() + " classes)";
    }
}
