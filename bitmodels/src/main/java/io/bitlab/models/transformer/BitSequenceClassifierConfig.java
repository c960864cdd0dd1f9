package io.bitlab.models.transformer;

import io.bitlab.models.BitModelConfig;
import io.bitlab.models.config.ConfigChecks;
import io.bitlab.models.io.JsonObject;
import java.util.Map;

/**
 * The sizes and choices of a {@link BitSequenceClassifier}. Immutable. The JSON has the members of
 * {@link BitTransformerConfig} and {@code num_labels}.
 *
 * @param encoder sizes and choices of the transformer; {@code tieWordEmbeddings} has no effect
 * @param numLabels number of classes
 */
public record BitSequenceClassifierConfig(BitTransformerConfig encoder, int numLabels)
        implements BitModelConfig<BitSequenceClassifier> {

    /** The {@code model_type} of these models. */
    public static final String MODEL_TYPE = "bittransformer_classifier";

    /** Checks the values. */
    public BitSequenceClassifierConfig {
        new ConfigChecks("BitSequenceClassifierConfig").positive("num_labels", numLabels);
    }

    @Override
    public String modelType() {
        return MODEL_TYPE;
    }

    @Override
    public Map<String, Object> toMap() {
        Map<String, Object> json = encoder.toMap();
        json.put("num_labels", numLabels);
        return json;
    }

    /**
     * Reads what {@link #toMap()} returns.
     *
     * @param json member by name, as for {@link BitTransformerConfig#fromMap}; {@code num_labels} is required
     * @return the configuration
     * @throws IllegalArgumentException if a member is unknown, missing or has a value that is not allowed
     */
    public static BitSequenceClassifierConfig fromMap(Map<String, ?> json) {
        JsonObject object = JsonObject.of("BitSequenceClassifierConfig", json);
        BitSequenceClassifierConfig config =
                new BitSequenceClassifierConfig(BitTransformerConfig.read(object), object.integer("num_labels"));
        object.requireNothingElse();
        return config;
    }

    @Override
    public BitSequenceClassifier newModel() {
        return new BitSequenceClassifier(this);
    }
}
