package io.bitlab.models.vision;

import io.bitlab.models.BitModelConfig;
import io.bitlab.models.BitModelType;
import java.util.Map;

/** Registers {@link BitResNet} as a kind of model that {@link io.bitlab.models.AutoBitModel} can load. */
public final class BitResNetType implements BitModelType {

    /** Called by the service loader. */
    public BitResNetType() {
    }

    @Override
    public String modelType() {
        return BitResNetConfig.MODEL_TYPE;
    }

    @Override
    public BitModelConfig<?> readConfig(Map<String, ?> json) {
        return BitResNetConfig.fromMap(json);
    }
}
