package io.bitlab.layers.convert;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.layers.FloatLayer;
import io.bitlab.layers.Layer;
import java.util.function.BiPredicate;

/**
 * Makes a float network ternary, in place: each {@code Linear} becomes a {@code BitLinear}, each {@code Conv2d} a
 * {@code BitConv2d}, with the same latent weights and bias.
 *
 * <p>It works on any network, also on layers that keep their children in fields. Accuracy drops at first; train some
 * more afterwards, see {@code TernaryLayer.quantStrength}.
 */
public final class Ternarizer {

    private Ternarizer() {
    }

    /**
     * Converts every float layer that has a ternary form.
     *
     * @param network the network; modified
     * @param config how the new layers quantise
     * @return what stands in the network's place: the network itself, or its ternary form if it was such a layer
     */
    public static Layer convert(Layer network, BitQuantConfig config) {
        return convert(network, config, (path, layer) -> true);
    }

    /**
     * Converts some of the float layers.
     *
     * @param network the network; modified
     * @param config how the new layers quantise
     * @param which says, for a layer's path and the layer, whether to convert it
     * @return what stands in the network's place
     * @throws IllegalStateException if the network is not in training
     */
    public static Layer convert(Layer network, BitQuantConfig config, BiPredicate<String, FloatLayer> which) {
        if (network.mode() != Layer.Mode.TRAIN) {
            throw new IllegalStateException("Ternarizer.convert: the network is in mode " + network.mode()
                    + "; call train() first");
        }
        return network.replaceLayers((path, layer) -> layer instanceof FloatLayer floats && which.test(path, floats)
                ? floats.toTernary(config)
                : layer);
    }
}
