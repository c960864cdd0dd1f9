package io.bitlab.layers;

import io.bitlab.core.ops.Pooling;
import io.bitlab.core.tensor.Tensor;

/**
 * The mean of each channel, as input of a linear layer (Lin, Chen and Yan, <i>Network in Network</i>, 2014). Input
 * {@code [n, channels, height, width]}, output {@code [n, channels]}.
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="globalAvgPool2d"}
 */
public final class GlobalAvgPool2d extends Layer {

    /** Creates a pooling layer; it has no parameters. */
    public GlobalAvgPool2d() {
    }

    @Override
    public Tensor forward(Tensor x) {
        Tensor means = Pooling.adaptiveMean(x, 1, 1, describeWithPath());
        return observed(means.reshape(x.length(0), x.length(1)));
    }
}
