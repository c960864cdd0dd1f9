package io.bitlab.models.transformer;

import io.bitlab.models.BitModelConfig;
import io.bitlab.models.BitModelType;
import java.util.Map;

/** Registers {@link BitSequenceClassifier} as a kind of model that {@link io.bitlab.models.AutoBitModel} can load. */
public final class BitSequenceClassifierType implements BitModelType {

    /** Called by the service loader. */
    public BitSequenceClassifierType() {
    }

    @Override
    public String modelType() {
        return BitSequenceClassifierConfig.MODEL_TYPE;
    }

    @Override
    public BitModelConfig<?> readConfig(Map<String, ?> json) {
        return BitSequenceClassifierConfig.fromMap(json);
    }
}
