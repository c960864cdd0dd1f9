package io.bitlab.models.internal;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.layers.BitConv2d;
import io.bitlab.layers.Conv2d;
import io.bitlab.layers.Layer;

/** The convolution that ternary networks of images are made of, and its float twin. */
public final class Convolution3x3 {

    private Convolution3x3() {
    }

    /**
     * Builds a 3x3 convolution with a padding of 1, without bias, as a norm follows.
     *
     * @param in channels of the input
     * @param out channels of the output
     * @param stride pixels from one position to the next
     * @param config how it quantises; null for a float convolution
     * @return a new layer
     */
    public static Layer of(int in, int out, int stride, BitQuantConfig config) {
        return config == null ? Conv2d.builder(in, out, 3).stride(stride).padding(1).bias(false).build()
                : BitConv2d.builder(in, out, 3).stride(stride).padding(1).bias(false).quantConfig(config).build();
    }
}
