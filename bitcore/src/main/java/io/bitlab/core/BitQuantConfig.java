package io.bitlab.core;

import io.bitlab.core.internal.JsonNames;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * How a ternary layer quantises its weights and its inputs. Immutable.
 *
 * {@snippet class="io.bitlab.core.snippets.CoreSnippets" region="builder"}
 *
 * @param weightGranularity whether the whole weight has one scale, or each output channel (row) its own
 * @param weightScale how a weight scale follows from the float weights
 * @param activationDtype type of the inputs that the ternary weights multiply
 * @param activationGranularity whether the whole batch has one scale, or each row (token, patch) or sample (image,
 *     sequence) its own; ignored for {@link ActivationDtype#FLOAT32}
 */
public record BitQuantConfig(
        Granularity weightGranularity,
        WeightScale weightScale,
        ActivationDtype activationDtype,
        Granularity activationGranularity) {

    private static final Granularity[] OF_WEIGHTS = {Granularity.PER_TENSOR, Granularity.PER_CHANNEL};
    private static final String WEIGHT_GRANULARITY = "weight_granularity";
    private static final String WEIGHT_SCALE = "weight_scale";
    private static final String ACTIVATION_DTYPE = "activation_dtype";
    private static final String ACTIVATION_GRANULARITY = "activation_granularity";
    private static final List<String> KEYS =
            List.of(WEIGHT_GRANULARITY, WEIGHT_SCALE, ACTIVATION_DTYPE, ACTIVATION_GRANULARITY);

    private static final BitQuantConfig DEFAULTS = new BitQuantConfig(
            // One scale, as in the training of BitNet b1.58 and in the published checkpoints.
            Granularity.PER_TENSOR,
            // The papers' absmean keeps about a third of the weights at zero.
            WeightScale.ABS_MEAN,
            // Integer sums are exact: fast, and the same bits everywhere.
            ActivationDtype.INT8,
            // One scale per row, so that the result of a sample does not depend on the rest of its batch.
            Granularity.PER_CHANNEL);

    /**
     * Checks the values.
     *
     * @throws NullPointerException if a value is null; the message names it
     * @throws IllegalArgumentException if weights are to have a scale per sample
     */
    public BitQuantConfig {
        require(weightGranularity, "weightGranularity");
        require(weightScale, "weightScale");
        require(activationDtype, "activationDtype");
        require(activationGranularity, "activationGranularity");
        if (weightGranularity == Granularity.PER_SAMPLE) {
            throw new IllegalArgumentException("BitQuantConfig: weightGranularity is PER_SAMPLE, and weights have no "
                    + "samples; expected PER_TENSOR or PER_CHANNEL");
        }
    }

    private static void require(Object value, String field) {
        Objects.requireNonNull(
                value, () -> "BitQuantConfig: " + field + " is null; leave it out of the builder to get the default");
    }

    /**
     * BitNet b1.58: one absmean scale per weight matrix, int8 activations with one scale per row.
     *
     * @return the defaults
     */
    public static BitQuantConfig defaults() {
        return DEFAULTS;
    }

    /**
     * A builder that starts from {@link #defaults()}.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return DEFAULTS.toBuilder();
    }

    /**
     * A builder that starts from this configuration.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /**
     * This configuration with another weight granularity.
     *
     * @param granularity the new value
     * @return the changed copy
     */
    public BitQuantConfig withWeightGranularity(Granularity granularity) {
        return toBuilder().weightGranularity(granularity).build();
    }

    /**
     * This configuration with another weight scale.
     *
     * @param scale the new value
     * @return the changed copy
     */
    public BitQuantConfig withWeightScale(WeightScale scale) {
        return toBuilder().weightScale(scale).build();
    }

    /**
     * This configuration with another activation type.
     *
     * @param dtype the new value
     * @return the changed copy
     */
    public BitQuantConfig withActivationDtype(ActivationDtype dtype) {
        return toBuilder().activationDtype(dtype).build();
    }

    /**
     * This configuration with another activation granularity.
     *
     * @param granularity the new value
     * @return the changed copy
     */
    public BitQuantConfig withActivationGranularity(Granularity granularity) {
        return toBuilder().activationGranularity(granularity).build();
    }

    /**
     * The JSON object of configuration files: {@code weight_granularity}, {@code weight_scale},
     * {@code activation_dtype} and {@code activation_granularity}, in this order, each a string. {@link #fromMap} reads
     * it back.
     *
     * @return an unmodifiable map
     */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(WEIGHT_GRANULARITY, weightGranularity.jsonName());
        map.put(WEIGHT_SCALE, weightScale.jsonName());
        map.put(ACTIVATION_DTYPE, activationDtype.jsonName());
        map.put(ACTIVATION_GRANULARITY, activationGranularity.jsonName());
        return Collections.unmodifiableMap(map);
    }

    /**
     * Reads the JSON object that {@link #toMap} writes. A missing key takes its default; {@code activation_granularity}
     * also accepts {@code "per_token"} for {@code "per_channel"}.
     *
     * @param map the JSON object; not modified
     * @return the configuration
     * @throws IllegalArgumentException if a key is unknown, or a value is not one of the allowed strings
     */
    public static BitQuantConfig fromMap(Map<String, ?> map) {
        for (String key : map.keySet()) {
            // Otherwise a misspelt key would silently leave the default.
            if (!KEYS.contains(String.valueOf(key))) {
                throw new IllegalArgumentException(
                        "BitQuantConfig: unknown key \"" + key + "\"; known are " + String.join(", ", KEYS));
            }
        }
        Object activations = map.get(ACTIVATION_GRANULARITY);
        return new BitQuantConfig(
                read(map, WEIGHT_GRANULARITY, OF_WEIGHTS, Granularity::jsonName, DEFAULTS.weightGranularity),
                read(map, WEIGHT_SCALE, WeightScale.values(), WeightScale::jsonName, DEFAULTS.weightScale),
                read(map, ACTIVATION_DTYPE, ActivationDtype.values(), ActivationDtype::jsonName,
                        DEFAULTS.activationDtype),
                "per_token".equals(activations)
                        ? Granularity.PER_CHANNEL
                        : read(map, ACTIVATION_GRANULARITY, Granularity.values(), Granularity::jsonName,
                                DEFAULTS.activationGranularity));
    }

    private static <E> E read(Map<String, ?> map, String key, E[] constants, Function<E, String> jsonName, E missing) {
        return map.containsKey(key) ? JsonNames.parse(constants, jsonName, "BitQuantConfig: " + key, map.get(key))
                : missing;
    }

    /** Builds a configuration from another one, by default {@link #defaults()}. */
    public static final class Builder {
        private Granularity weightGranularity;
        private WeightScale weightScale;
        private ActivationDtype activationDtype;
        private Granularity activationGranularity;

        private Builder(BitQuantConfig start) {
            weightGranularity = start.weightGranularity;
            weightScale = start.weightScale;
            activationDtype = start.activationDtype;
            activationGranularity = start.activationGranularity;
        }

        /**
         * Sets whether the whole weight has one scale, or each output channel its own.
         *
         * @param granularity the new value
         * @return this builder
         */
        public Builder weightGranularity(Granularity granularity) {
            weightGranularity = granularity;
            return this;
        }

        /**
         * Sets how a weight scale follows from the float weights.
         *
         * @param scale the new value
         * @return this builder
         */
        public Builder weightScale(WeightScale scale) {
            weightScale = scale;
            return this;
        }

        /**
         * Sets the type of the inputs that the ternary weights multiply.
         *
         * @param dtype the new value
         * @return this builder
         */
        public Builder activationDtype(ActivationDtype dtype) {
            activationDtype = dtype;
            return this;
        }

        /**
         * Sets whether the whole batch has one scale, or each row its own.
         *
         * @param granularity the new value
         * @return this builder
         */
        public Builder activationGranularity(Granularity granularity) {
            activationGranularity = granularity;
            return this;
        }

        /**
         * Builds the configuration.
         *
         * @return the configuration
         * @throws NullPointerException if a value was set to null
         */
        public BitQuantConfig build() {
            return new BitQuantConfig(weightGranularity, weightScale, activationDtype, activationGranularity);
        }
    }
}
