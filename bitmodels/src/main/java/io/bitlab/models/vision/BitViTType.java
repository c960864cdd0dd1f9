package io.bitlab.models.vision;

import io.bitlab.models.BitModelConfig;
import io.bitlab.models.BitModelType;
import java.util.Map;

/** Registers {@link BitViT} as a kind of model that {@link io.bitlab.models.AutoBitModel} can load. */
public final class BitViTType implements BitModelType {

    /** Called by the service loader. */
    public BitViTType() {
    }

    @Override
    public String modelType() {
        return BitViTConfig.MODEL_TYPE;
    }

    @Override
    public BitModelConfig<?> readConfig(Map<String, ?> json) {
        return BitViTConfig.fromMap(json);
    }
}
