package io.bitlab.models.detection;

import io.bitlab.models.BitModelConfig;
import io.bitlab.models.BitModelType;
import java.util.Map;

/** Registers {@link BitDetector} as a kind of model that {@link io.bitlab.models.AutoBitModel} can load. */
public final class BitDetectorType implements BitModelType {

    /** Called by the service loader. */
    public BitDetectorType() {
    }

    @Override
    public String modelType() {
        return BitDetectorConfig.MODEL_TYPE;
    }

    @Override
    public BitModelConfig<?> readConfig(Map<String, ?> json) {
        return BitDetectorConfig.fromMap(json);
    }
}
