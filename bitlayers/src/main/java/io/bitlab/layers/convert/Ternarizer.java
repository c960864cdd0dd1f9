package io.bitlab.layers.convert;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.layers.FloatLayer;
import io.bitlab.layers.Layer;
import java.util.function.BiPredicate;

/**
 * Makes a float network ternary, in place: each {@link io.bitlab.layers.Linear} becomes a
 * {@link io.bitlab.layers.BitLinear}, each {@link io.bitlab.layers.Conv2d} a {@link io.bitlab.layers.BitConv2d}, with
 * the float weights as latent weights and the same bias.
 *
 * {@snippet class="io.bitlab.layers.snippets.ConvertSnippets" region="convert"}
 *
 * <p>It works on any network, including layers that keep their children in fields. Accuracy drops at first; fine-tune
 * the network afterwards, see {@link io.bitlab.layers.TernaryLayer#quantStrength(float)}.
 */
public final class Ternarizer {

    private Ternarizer() {
    }

    /**
     * Converts every {@link FloatLayer}.
     *
     * @param network the network; modified
     * @param config how the new layers quantise
     * @return the network itself, or its ternary form if it is a single {@link FloatLayer}
     * @throws IllegalStateException if the network is not in training
     */
    public static Layer convert(Layer network, BitQuantConfig config) {
        return convert(network, config, (path, layer) -> true);
    }

    /**
     * Converts some of the float layers.
     *
     * @param network the network; modified
     * @param config how the new layers quantise
     * @param which decides by path and layer whether to convert it
     * @return the network itself, or its ternary form if it is a single {@link FloatLayer}
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
