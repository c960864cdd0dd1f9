package io.bitlab.models.transformer;

import io.bitlab.models.BitModelConfig;
import io.bitlab.models.io.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a {@link BitSequenceClassifier} is built from. In JSON, the members of {@link BitTransformerConfig} and
 * {@code num_labels}.
 *
 * @param encoder sizes and choices of the transformer; what it says of the output head doesn't matter
 * @param numLabels how many classes there are
 */
public record BitSequenceClassifierConfig(BitTransformerConfig encoder, int numLabels)
        implements BitModelConfig<BitSequenceClassifier> {

    /** The {@code model_type} of these models. */
    public static final String MODEL_TYPE = "bittransformer_classifier";

    /** Checks the values. */
    public BitSequenceClassifierConfig {
        if (numLabels < 1) {
            throw new IllegalArgumentException(
                    "BitSequenceClassifierConfig: num_labels is " + numLabels + ", expected at least 1");
        }
    }

    @Override
    public String modelType() {
        return MODEL_TYPE;
    }

    @Override
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>(encoder.toMap());
        map.put("num_labels", numLabels);
        return map;
    }

    /**
     * Reads what {@link #toMap()} gives.
     *
     * @param json member by name
     * @return the configuration
     * @throws IllegalArgumentException if a member is unknown, missing or has a value that is not allowed
     */
    public static BitSequenceClassifierConfig fromMap(Map<String, ?> json) {
        JsonObject reader = JsonObject.of("BitSequenceClassifierConfig", json);
        BitSequenceClassifierConfig config =
                new BitSequenceClassifierConfig(BitTransformerConfig.read(reader, json), reader.integer("num_labels"));
        reader.requireNothingElse();
        return config;
    }

    @Override
    public BitSequenceClassifier newModel() {
        return new BitSequenceClassifier(this);
    }
}
