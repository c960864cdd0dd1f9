package io.bitlab.models.mlp;

import io.bitlab.models.BitModelConfig;
import io.bitlab.models.BitModelType;
import java.util.Map;

/** Registers {@link BitMlp} as a kind of model that {@link io.bitlab.models.AutoBitModel} can load. */
public final class BitMlpType implements BitModelType {

    /** Called by the service loader. */
    public BitMlpType() {
    }

    @Override
    public String modelType() {
        return BitMlpConfig.MODEL_TYPE;
    }

    @Override
    public BitModelConfig<?> readConfig(Map<String, ?> json) {
        return BitMlpConfig.fromMap(json);
    }
}
