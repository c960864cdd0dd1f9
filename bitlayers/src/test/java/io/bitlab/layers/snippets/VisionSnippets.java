package io.bitlab.layers.snippets;

import io.bitlab.core.ops.Sinusoids;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.AdaptiveAvgPool2d;
import io.bitlab.layers.AvgPool2d;
import io.bitlab.layers.BatchNorm2d;
import io.bitlab.layers.BitConv2d;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Concat;
import io.bitlab.layers.Conv2d;
import io.bitlab.layers.GroupNorm;
import io.bitlab.layers.Layer;
import io.bitlab.layers.PixelShuffle;
import io.bitlab.layers.PixelUnshuffle;
import io.bitlab.layers.RMSNorm;
import io.bitlab.layers.ReLU;
import io.bitlab.layers.Residual;
import io.bitlab.layers.ResizeBilinear;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.SinusoidalEmbedding;
import io.bitlab.layers.StochasticDepth;

/** Code in the Javadoc of the layers of vision networks; {@code SnippetsTest} runs it. */
final class VisionSnippets {

    private VisionSnippets() {
    }

    static void norms() {
        Tensor x = Tensor.randn(1, 8, 3, 32, 32);
        // @start region="batchNorm2d"
        Layer block = new Sequential(
                BitConv2d.builder(3, 16, 3).padding(1).bias(false).build(),
                new BatchNorm2d(16),
                new ReLU());
        Tensor y = block.forward(x); // [8, 16, 32, 32], by the statistics of the batch
        block.eval();
        Tensor same = block.forward(x); // by the running statistics
        // @end
        // @start region="groupNorm"
        Tensor grouped = new GroupNorm(4, 16).forward(y); // 4 groups of 4 channels
        // @end
        grouped.add(same).toArray();
    }

    static void pooling() {
        Tensor x = Tensor.randn(1, 8, 16, 30, 20);
        // @start region="adaptiveAvgPool2d"
        Tensor y = new AdaptiveAvgPool2d(7, 7).forward(x); // [8, 16, 7, 7], whatever the size of the images
        // @end
        y.toArray();
    }

    static void resolution() {
        Tensor x = Tensor.randn(1, 8, 16, 30, 20);
        // @start region="resizeBilinear"
        Tensor doubled = new ResizeBilinear(2).forward(x); // [8, 16, 60, 40]
        Tensor sized = new ResizeBilinear(64, 64).forward(x); // [8, 16, 64, 64]
        // @end
        // @start region="pixelUnshuffle"
        Tensor patches = new PixelUnshuffle(4).forward(sized); // [8, 256, 16, 16]
        // @end
        // @start region="pixelShuffle"
        Tensor image = new PixelShuffle(4).forward(patches); // [8, 16, 64, 64], as sized
        // @end
        doubled.toArray();
        image.toArray();
    }

    static void branches() {
        // @start region="residual"
        Layer body = new Sequential(
                BitConv2d.builder(16, 32, 3).padding(1).stride(2).bias(false).build(), new BatchNorm2d(32), new ReLU(),
                BitConv2d.builder(32, 32, 3).padding(1).bias(false).build(), new BatchNorm2d(32));
        Layer shortcut = new Sequential(new AvgPool2d(2), Conv2d.builder(16, 32, 1).build());
        Layer block = new Residual(body, shortcut, new ReLU());
        Tensor y = block.forward(Tensor.randn(1, 8, 16, 30, 20)); // [8, 32, 15, 10]
        // @end
        // @start region="concat"
        Layer branches = new Concat(
                new Sequential(), // the input itself
                BitConv2d.builder(32, 8, 1).build(),
                BitConv2d.builder(32, 8, 3).padding(1).build());
        Tensor joined = branches.forward(y); // 32 + 8 + 8 = 48 channels
        // @end
        joined.toArray();
    }

    static void stochasticDepth() {
        Tensor x = Tensor.randn(1, 8, 64);
        // @start region="stochasticDepth"
        Layer block = new Residual(new Sequential(
                new RMSNorm(64), BitLinear.builder(64, 64).build(), new StochasticDepth(0.1f)));
        Tensor y = block.forward(x); // about a tenth of the rows equal x
        // @end
        y.toArray();
    }

    static void sinusoidalEmbedding() {
        // @start region="sinusoidalEmbedding"
        Layer embedding = new SinusoidalEmbedding(64, Sinusoids.Arrangement.COSINES_FIRST);
        Tensor y = embedding.forward(Tensor.of(new float[] {0f, 0.25f, 999f}, 3)); // [3, 64]
        // @end
        y.toArray();
    }
}
