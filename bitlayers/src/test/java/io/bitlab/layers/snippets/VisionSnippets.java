package io.bitlab.layers.snippets;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.AdaptiveAvgPool2d;
import io.bitlab.layers.BatchNorm2d;
import io.bitlab.layers.BitConv2d;
import io.bitlab.layers.GroupNorm;
import io.bitlab.layers.Layer;
import io.bitlab.layers.ReLU;
import io.bitlab.layers.Sequential;

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
}
