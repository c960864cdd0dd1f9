package io.bitlab.models.transformer;

import io.bitlab.models.BitModelConfig;
import io.bitlab.models.BitModelType;
import java.util.Map;

/** Reads the configuration of a {@link BitSequenceClassifier} for {@link io.bitlab.models.AutoBitModel}. */
public final class BitSequenceClassifierType implements BitModelType {

    /** For the service loader. */
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
