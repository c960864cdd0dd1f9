package io.bitlab.core;

import io.bitlab.core.internal.JsonNames;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * How a ternary layer quantises its weights and its inputs.
 *
 * <pre>{@code
 * BitQuantConfig config = BitQuantConfig.builder()
 *         .activationDtype(ActivationDtype.INT8)
 *         .weightGranularity(Granularity.PER_CHANNEL)
 *         .build();
 * }</pre>
 *
 * @param weightGranularity whether one scale serves the whole weight or each output channel (row) has its own
 * @param weightScale how a weight scale is measured
 * @param activationDtype what the weights are multiplied with
 * @param activationGranularity whether one scale serves the whole batch or each row (sample, token) has its own;
 *     without effect for {@link ActivationDtype#FLOAT32}
 */
public record BitQuantConfig(
        Granularity weightGranularity,
        WeightScale weightScale,
        ActivationDtype activationDtype,
        Granularity activationGranularity) {

    private static final String WEIGHT_GRANULARITY = "weight_granularity";
    private static final String WEIGHT_SCALE = "weight_scale";
    private static final String ACTIVATION_DTYPE = "activation_dtype";
    private static final String ACTIVATION_GRANULARITY = "activation_granularity";
    private static final List<String> KEYS =
            List.of(WEIGHT_GRANULARITY, WEIGHT_SCALE, ACTIVATION_DTYPE, ACTIVATION_GRANULARITY);

    private static final BitQuantConfig DEFAULTS = new BitQuantConfig(
            // One scale: what BitNet b1.58 trains with and the published checkpoints hold.
            Granularity.PER_TENSOR,
            // The papers' absmean keeps about a third of the weights at zero.
            WeightScale.ABS_MEAN,
            // Exact integer sums: fast, and the same bits everywhere.
            ActivationDtype.INT8,
            // A scale a row: the result of a sample does not depend on the rest of its batch.
            Granularity.PER_CHANNEL);

    /**
     * Checks that nothing is missing.
     *
     * @throws NullPointerException if a value is null; the message names it
     */
    public BitQuantConfig {
        require(weightGranularity, "weightGranularity");
        require(weightScale, "weightScale");
        require(activationDtype, "activationDtype");
        require(activationGranularity, "activationGranularity");
    }

    private static void require(Object value, String field) {
        Objects.requireNonNull(
                value, () -> "BitQuantConfig: " + field + " is null; leave it out of the builder to get the default");
    }

    /**
     * BitNet b1.58: one absmean scale for a weight matrix, int8 activations with a scale a row.
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
     * @param granularity the value to take instead
     * @return the changed copy
     */
    public BitQuantConfig withWeightGranularity(Granularity granularity) {
        return toBuilder().weightGranularity(granularity).build();
    }

    /**
     * This configuration with another measure of the weight scale.
     *
     * @param scale the value to take instead
     * @return the changed copy
     */
    public BitQuantConfig withWeightScale(WeightScale scale) {
        return toBuilder().weightScale(scale).build();
    }

    /**
     * This configuration with other activations.
     *
     * @param dtype the value to take instead
     * @return the changed copy
     */
    public BitQuantConfig withActivationDtype(ActivationDtype dtype) {
        return toBuilder().activationDtype(dtype).build();
    }

    /**
     * This configuration with another activation granularity.
     *
     * @param granularity the value to take instead
     * @return the changed copy
     */
    public BitQuantConfig withActivationGranularity(Granularity granularity) {
        return toBuilder().activationGranularity(granularity).build();
    }

    /**
     * The form that configuration files hold: {@code weight_granularity}, {@code weight_scale}, {@code
     * activation_dtype} and {@code activation_granularity}, in this order, each a string. {@link #fromMap} reads it
     * back.
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
     * Reads the form that {@link #toMap} writes. A missing key takes its default; {@code activation_granularity} may
     * also be {@code "per_token"}, another word for {@code "per_channel"}.
     *
     * @param map as read from JSON; not modified
     * @return the configuration
     * @throws IllegalArgumentException if a key is unknown, or a value is not one of the allowed strings
     */
    public static BitQuantConfig fromMap(Map<String, ?> map) {
        for (String key : map.keySet()) {
            // A misspelt key would otherwise pass for a default.
            if (!KEYS.contains(String.valueOf(key))) {
                throw new IllegalArgumentException(
                        "BitQuantConfig: unknown key \"" + key + "\"; known are " + String.join(", ", KEYS));
            }
        }
        Object activations = map.get(ACTIVATION_GRANULARITY);
        return new BitQuantConfig(
                read(map, WEIGHT_GRANULARITY, Granularity.values(), Granularity::jsonName, DEFAULTS.weightGranularity),
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

    /** Sets the values that differ from where it started. */
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
         * One weight scale, or one an output channel.
         *
         * @param granularity the value to take
         * @return this builder
         */
        public Builder weightGranularity(Granularity granularity) {
            weightGranularity = granularity;
            return this;
        }

        /**
         * How a weight scale is measured.
         *
         * @param scale the value to take
         * @return this builder
         */
        public Builder weightScale(WeightScale scale) {
            weightScale = scale;
            return this;
        }

        /**
         * What the weights are multiplied with.
         *
         * @param dtype the value to take
         * @return this builder
         */
        public Builder activationDtype(ActivationDtype dtype) {
            activationDtype = dtype;
            return this;
        }

        /**
         * One activation scale, or one a row.
         *
         * @param granularity the value to take
         * @return this builder
         */
        public Builder activationGranularity(Granularity granularity) {
            activationGranularity = granularity;
            return this;
        }

        /**
         * Makes the configuration.
         *
         * @return the configuration
         * @throws NullPointerException if a value was set to null
         */
        public BitQuantConfig build() {
            return new BitQuantConfig(weightGranularity, weightScale, activationDtype, activationGranularity);
        }
    }
}
