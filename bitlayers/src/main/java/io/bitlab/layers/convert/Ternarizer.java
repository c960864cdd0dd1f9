package io.bitlab.layers.convert;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import java.util.function.BiPredicate;

/**
 * Makes a float network ternary, in place: each {@link Linear} becomes a {@code BitLinear} with the same latent weights
 * and bias.
 *
 * <p>It works on any network, also on layers that keep their children in fields. Accuracy drops at first; train some
 * more afterwards, see {@code BitLinear.quantStrength}.
 */
public final class Ternarizer {

    private Ternarizer() {
    }

    /**
     * Converts every float linear layer.
     *
     * @param network the network; modified
     * @param config how the new layers quantise
     * @return what stands in the network's place: the network itself, or a BitLinear if it was a Linear
     */
    public static Layer convert(Layer network, BitQuantConfig config) {
        return convert(network, config, (path, linear) -> true);
    }

    /**
     * Converts some of the float linear layers.
     *
     * @param network the network; modified
     * @param config how the new layers quantise
     * @param which says, for a layer's path and the layer, whether to convert it
     * @return what stands in the network's place
     * @throws IllegalStateException if the network is not in training
     */
    public static Layer convert(Layer network, BitQuantConfig config, BiPredicate<String, Linear> which) {
        if (network.mode() != Layer.Mode.TRAIN) {
            throw new IllegalStateException("Ternarizer.convert: the network is in mode " + network.mode()
                    + "; call train() first");
        }
        return network.replaceLayers((path, layer) -> layer instanceof Linear linear && which.test(path, linear)
                ? linear.toBitLinear(config)
                : layer);
    }
}
