package io.bitlab.models.tabular;

import io.bitlab.models.BitModelConfig;
import io.bitlab.models.BitModelType;
import java.util.Map;

/** Registers {@link BitTabular} as a kind of model that {@link io.bitlab.models.AutoBitModel} can load. */
public final class BitTabularType implements BitModelType {

    /** Called by the service loader. */
    public BitTabularType() {
    }

    @Override
    public String modelType() {
        return BitTabularConfig.MODEL_TYPE;
    }

    @Override
    public BitModelConfig<?> readConfig(Map<String, ?> json) {
        return BitTabularConfig.fromMap(json);
    }
}
