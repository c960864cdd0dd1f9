package io.bitlab.models.vision;

import io.bitlab.layers.Layer;
import io.bitlab.layers.LayerNorm;
import io.bitlab.layers.RMSNorm;

/** How a {@link BitViT} normalises each position. */
public enum TokenNorm {
    /** {@link LayerNorm}, as in the original (Dosovitskiy et al., 2021). */
    LAYER_NORM,
    /** {@link RMSNorm}, as in BitNet and Llama. */
    RMS_NORM;

    Layer layer(int features) {
        return this == LAYER_NORM ? new LayerNorm(features) : new RMSNorm(features, LayerNorm.DEFAULT_EPS);
    }
}
