package io.bitlab.models.mlp;

import io.bitlab.models.BitModelConfig;
import io.bitlab.models.BitModelType;
import java.util.Map;

/** Reads the configuration of a {@link BitMlp} for {@link io.bitlab.models.AutoBitModel}. */
public final class BitMlpType implements BitModelType {

    /** For the service loader. */
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
