package io.bitlab.models.diffusion;

import io.bitlab.models.BitModelConfig;
import io.bitlab.models.BitModelType;
import java.util.Map;

/** Registers {@link BitUNet} as a kind of model that {@link io.bitlab.models.AutoBitModel} can load. */
public final class BitUNetType implements BitModelType {

    /** Called by the service loader. */
    public BitUNetType() {
    }

    @Override
    public String modelType() {
        return BitUNetConfig.MODEL_TYPE;
    }

    @Override
    public BitModelConfig<?> readConfig(Map<String, ?> json) {
        return BitUNetConfig.fromMap(json);
    }
}
