package io.bitlab.models.transformer;

import io.bitlab.models.BitModelConfig;
import io.bitlab.models.BitModelType;
import java.util.Map;

/** Reads the configuration of a {@link BitTransformer} for {@link io.bitlab.models.AutoBitModel}. */
public final class BitTransformerType implements BitModelType {

    /** For the service loader. */
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
