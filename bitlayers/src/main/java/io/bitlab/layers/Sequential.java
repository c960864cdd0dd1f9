package io.bitlab.layers;

import io.bitlab.core.tensor.Tensor;

/**
 * A chain of layers: the output of each is the input of the next. The children's names are 0, 1, 2...
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="sequential"}
 *
 * <p>In evaluation, a {@link BatchNorm2d} right after a {@link BitConv2d} becomes a part of it, unless one of the two
 * is {@linkplain #observe observed}.
 */
public final class Sequential extends Layer {

    /**
     * Creates a chain.
     *
     * @param layers in the order in which the input passes through them; none for the identity
     */
    public Sequential(Layer... layers) {
        for (int i = 0; i < layers.length; i++) {
            child(Integer.toString(i), layers[i]);
        }
    }

    @Override
    public Tensor forward(Tensor x) {
        Tensor y = x;
        Layer[] layers = children().values().toArray(Layer[]::new);
        for (int i = 0; i < layers.length; i++) {
            if (i + 1 < layers.length && layers[i + 1] instanceof BatchNorm2d norm
                    && layers[i] instanceof BitConv2d convolution && canFold(convolution, norm)) {
                y = convolution.forward(y, norm);
                i++;
            } else {
                y = layers[i].forward(y);
            }
        }
        return observed(y);
    }

    /** Whether nobody sees the output between the two. */
    private static boolean canFold(BitConv2d convolution, BatchNorm2d norm) {
        return convolution.mode() != Mode.TRAIN && norm.mode() != Mode.TRAIN
                && convolution.outFeatures() == norm.channels() && convolution.node().observers().isEmpty()
                && norm.node().observers().isEmpty();
    }
}
