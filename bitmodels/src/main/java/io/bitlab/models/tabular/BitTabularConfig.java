package io.bitlab.models.tabular;

import io.bitlab.models.BitModelConfig;
import io.bitlab.models.config.ConfigChecks;
import io.bitlab.models.io.JsonObject;
import io.bitlab.models.mlp.BitMlpConfig;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The configuration of a {@link BitTabular}: what a row must become, what the outputs mean, and the network between.
 * Immutable.
 *
 * {@snippet class="io.bitlab.models.snippets.TabularSnippets" region="config"}
 *
 * <p>The JSON names: {@code columns}, {@code target} and {@code network}, whose members are those of
 * {@link BitMlpConfig}.
 *
 * @param input what a row must become
 * @param target what the outputs mean
 * @param network the sizes and choices of the network; as many inputs and outputs as those have
 */
public record BitTabularConfig(TabularInput input, TabularTarget target, BitMlpConfig network)
        implements BitModelConfig<BitTabular> {

    /** The {@code model_type} of these models. */
    public static final String MODEL_TYPE = "bittabular";

    private static final int HIDDEN = 64;

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the network has other numbers of inputs or outputs
     */
    public BitTabularConfig {
        ConfigChecks checks = new ConfigChecks("BitTabularConfig");
        checks.require(input != null, "input", null, "what a row must become");
        checks.require(target != null, "target", null, "what the outputs mean");
        checks.require(network != null, "network", null, "the sizes of the network");
        checks.require(network.inChannels() == input.width(), "network.inChannels", network.inChannels(),
                input.width() + ": one for each column of numbers and each category");
        checks.require(network.outChannels() == target.outputs(), "network.outChannels", network.outChannels(),
                target.outputs() + ": one for each class, or 1 for a number");
    }

    /**
     * A network of three layers of {@value #HIDDEN} features. The first and the last, which hold few weights, stay
     * float: tables have few columns, and the answers of a regression are as fine as its last layer.
     *
     * @param input what a row must become
     * @param target what the outputs mean
     * @return the configuration
     */
    public static BitTabularConfig of(TabularInput input, TabularTarget target) {
        return of(input, target, BitMlpConfig.builder().nLayers(3).hiddenDim(HIDDEN).floatEdges(true));
    }

    /**
     * A network of other sizes.
     *
     * @param input what a row must become
     * @param target what the outputs mean
     * @param network sizes and choices; its numbers of inputs and outputs are set here
     * @return the configuration
     */
    public static BitTabularConfig of(TabularInput input, TabularTarget target, BitMlpConfig.Builder network) {
        return new BitTabularConfig(input, target,
                network.inChannels(input.width()).outChannels(target.outputs()).build());
    }

    /**
     * The same network with float layers, for comparison. With the same seed, it starts from the same weights.
     *
     * @return this configuration without quantisation
     */
    public BitTabularConfig floatTwin() {
        return new BitTabularConfig(input, target, network.floatTwin());
    }

    @Override
    public String modelType() {
        return MODEL_TYPE;
    }

    @Override
    public Map<String, Object> toMap() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("columns", input.toList());
        json.put("target", target.toMap());
        json.put("network", network.toMap());
        return json;
    }

    /**
     * Reads what {@link #toMap()} returns.
     *
     * @param json member by name; all are required
     * @return the configuration
     * @throws IllegalArgumentException if a member is unknown, missing or has a value that is not allowed
     */
    public static BitTabularConfig fromMap(Map<String, ?> json) {
        JsonObject object = JsonObject.of("BitTabularConfig", json);
        BitTabularConfig config = new BitTabularConfig(TabularInput.fromList(object.objects("columns")),
                TabularTarget.fromJson(object.object("target")),
                BitMlpConfig.fromMap(object.object("network").members()));
        object.requireNothingElse();
        return config;
    }

    @Override
    public BitTabular newModel() {
        return new BitTabular(this);
    }
}
