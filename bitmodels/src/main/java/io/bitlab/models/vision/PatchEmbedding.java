package io.bitlab.models.vision;

import io.bitlab.layers.BatchNorm2d;
import io.bitlab.layers.Conv2d;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.Layer;
import io.bitlab.layers.ReLU;
import io.bitlab.layers.Sequential;
import io.bitlab.models.config.ConfigChecks;
import io.bitlab.models.internal.Convolution3x3;
import java.util.ArrayList;
import java.util.List;

/** How the pixels of a patch become a vector for the blocks of a {@link BitViT}. All of it is float. */
public enum PatchEmbedding {
    /** One linear projection of the patch, as in the original (Dosovitskiy et al., 2021). */
    LINEAR,
    /**
     * 3x3 convolutions, each of which halves height and width, doubles the channels, and is followed by a batch norm
     * and ReLU; then a 1x1 convolution (T. Xiao et al., <i>Early Convolutions Help Transformers See Better</i>, 2021).
     * A patch then sees some pixels of its neighbours. A small network learns much faster so, at little cost.
     */
    CONVOLUTIONS;

    void check(ConfigChecks checks, int patchSize, int hiddenSize) {
        if (this == CONVOLUTIONS) {
            checks.require(patchSize >= 2 && Integer.bitCount(patchSize) == 1, "patch_size", patchSize,
                    "a power of 2, as each convolution halves the image; or choose the patch_embedding \"linear\"");
            checks.require(hiddenSize % (patchSize / 2) == 0, "hidden_size", hiddenSize, "a multiple of "
                    + patchSize / 2 + ", as the convolutions double the channels up to it");
        }
    }

    Layer layer(int channels, int patchSize, int hiddenSize) {
        if (this == LINEAR) {
            return Conv2d.builder(channels, hiddenSize, patchSize).stride(patchSize)
                    .initializer(Initializer.normal(1 / Math.sqrt((double) channels * patchSize * patchSize))).build();
        }
        List<Layer> layers = new ArrayList<>();
        int in = channels;
        for (int rest = patchSize; rest > 1; rest /= 2) {
            int out = hiddenSize / (rest / 2);
            layers.addAll(List.of(Convolution3x3.of(in, out, 2, null), new BatchNorm2d(out), new ReLU()));
            in = out;
        }
        layers.add(Conv2d.builder(hiddenSize, hiddenSize, 1).build());
        return new Sequential(layers.toArray(Layer[]::new));
    }
}
