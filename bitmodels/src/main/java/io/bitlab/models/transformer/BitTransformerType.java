package io.bitlab.models.transformer;

import io.bitlab.models.BitModelConfig;
import io.bitlab.models.BitModelType;
import java.util.Map;

/** Registers {@link BitTransformer} as a kind of model that {@link io.bitlab.models.AutoBitModel} can load. */
public final class BitTransformerType implements BitModelType {

    /** Called by the service loader. */
    public BitTransformerType() {
    }

    @Override
    public String modelType() {
        return BitTransformerConfig.MODEL_TYPE;
    }

    @Override
    public BitModelConfig<?> readConfig(Map<String, ?> json) {
        return BitTransformerConfig.fromMap(json);
    }
}
