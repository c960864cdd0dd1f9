package io.bitlab.models.mlp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.WeightScale;
import io.bitlab.models.io.Json;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BitMlpConfigTest {

    private static final BitMlpConfig FULL = new BitMlpConfig(4, 64, 33, 10, 0.1f, true, true,
            new BitQuantConfig(Granularity.PER_CHANNEL, WeightScale.ABS_MEDIAN, ActivationDtype.FLOAT32,
                    Granularity.PER_TENSOR));

    private static BitMlpConfig read(String json) throws IOException {
        return BitMlpConfig.fromMap(Json.parse(json, "test"));
    }

    @Test
    void defaultsAreThoseTheBuilderNames() {
        assertEquals(new BitMlpConfig(3, 7, 128, 2, 0f, false, false, BitQuantConfig.defaults()),
                BitMlpConfig.builder().inChannels(7).outChannels(2).build());
    }

    @Test
    void everyBuilderMethodSetsItsField() {
        assertEquals(FULL, BitMlpConfig.builder().nLayers(4).inChannels(64).hiddenDim(33).outChannels(10).dropout(0.1f)
                .floatEdges(true).norm(true).quantConfig(FULL.quantConfig()).build());
    }

    @Test
    void survivesJson() throws IOException {
        for (BitMlpConfig config : List.of(FULL, FULL.floatTwin(),
                BitMlpConfig.builder().inChannels(1).outChannels(1).build())) {
            assertEquals(config, read(Json.compact(config.toMap())));
            assertEquals(config, read(Json.pretty(config.toMap())));
            assertEquals(config, BitMlpConfig.fromMap(config.toMap()));
        }
    }

    @Test
    void jsonHasTheNamesOfThePythonOriginal() {
        assertEquals("{\"n_layers\":4,\"in_channels\":64,\"hidden_dim\":33,\"out_channels\":10,\"dropout\":0.1,"
                + "\"float_edges\":true,\"norm\":true,\"quantization_config\":{\"weight_granularity\":\"per_channel\","
                + "\"weight_scale\":\"absmedian\",\"activation_dtype\":\"float32\","
                + "\"activation_granularity\":\"per_tensor\"}}", Json.compact(FULL.toMap()));
        assertEquals("bitmlp", FULL.modelType());
        assertEquals("bitmlp", new BitMlpType().modelType());
        assertEquals(FULL, new BitMlpType().readConfig(FULL.toMap()));
    }

    @Test
    void floatTwinDiffersInQuantizationOnly() {
        BitMlpConfig twin = FULL.floatTwin();
        assertNull(twin.quantConfig());
        assertEquals(FULL, new BitMlpConfig(twin.nLayers(), twin.inChannels(), twin.hiddenDim(), twin.outChannels(),
                twin.dropout(), twin.floatEdges(), twin.norm(), FULL.quantConfig()));
    }

    @Test
    void missingMembersTakeTheirDefaults() throws IOException {
        assertEquals(BitMlpConfig.builder().inChannels(5).outChannels(3).build(),
                read("{\"in_channels\":5,\"out_channels\":3}"));
        assertNull(read("{\"in_channels\":5,\"out_channels\":3,\"quantization_config\":null}").quantConfig());
        assertEquals(BitQuantConfig.defaults(),
                read("{\"in_channels\":5,\"out_channels\":3,\"quantization_config\":{}}").quantConfig());
    }

    @Test
    void perTokenIsPerChannelForActivations() throws IOException {
        assertEquals(Granularity.PER_CHANNEL, read("{\"in_channels\":5,\"out_channels\":3,\"quantization_config\":"
                + "{\"activation_granularity\":\"per_token\"}}").quantConfig().activationGranularity());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "n_layers | 0 | BitMlpConfig: nLayers is 0, expected at least 1",
        "n_layers | 2000000000 | BitMlpConfig: nLayers is 2000000000, expected at most 1000",
        "in_channels | -64 | BitMlpConfig: inChannels is -64, expected at least 1",
        "hidden_dim | 0 | BitMlpConfig: hiddenDim is 0, expected at least 1",
        "out_channels | -1 | BitMlpConfig: outChannels is -1, expected at least 1",
        "in_channels | 6.5 | BitMlpConfig: in_channels is 6.5, expected a whole number",
        "in_channels | 3000000000 | BitMlpConfig: in_channels is 3000000000, expected a whole number",
        "in_channels | null | BitMlpConfig: in_channels is null, expected a whole number",
        "n_layers | \"3\" | BitMlpConfig: n_layers is '3', expected a whole number",
        "dropout | 1 | BitMlpConfig: dropout is 1.0, expected a probability in [0, 1)",
        "dropout | -0.1 | BitMlpConfig: dropout is -0.1, expected a probability in [0, 1)",
        "dropout | \"0.1\" | BitMlpConfig: dropout is '0.1', expected a number",
        "norm | 1 | BitMlpConfig: norm is 1, expected true or false",
        "float_edges | null | BitMlpConfig: float_edges is null, expected true or false",
        "quantization_config | \"int8\" | BitMlpConfig: quantization_config is 'int8', expected an object",
        "quantization_config | {\"weight_granularity\": \"per_block\"} | BitQuantConfig: weight_granularity is "
                + "\"per_block\", expected \"per_tensor\" or \"per_channel\"",
        "quantization_config | {\"weight_granularity\": \"per_token\"} | BitQuantConfig: weight_granularity is "
                + "\"per_token\", expected \"per_tensor\" or \"per_channel\"",
        "quantization_config | {\"activation_dtype\": \"int4\"} | BitQuantConfig: activation_dtype is "
                + "\"int4\", expected \"float32\" or \"int8\"",
        "quantization_config | {\"weight_granuality\": \"per_tensor\"} | BitQuantConfig: unknown key "
                + "\"weight_granuality\"; known are weight_granularity, weight_scale, activation_dtype, "
                + "activation_granularity"})
    void refusesValues(String member, String value, String message) throws IOException {
        Map<String, Object> json = new LinkedHashMap<>(Map.of("in_channels", 5, "out_channels", 3));
        json.put(member, Json.parse("{\"value\":" + value + "}", "test").get("value"));
        Exception e = assertThrows(IllegalArgumentException.class, () -> BitMlpConfig.fromMap(json));
        assertEquals(message, e.getMessage());
    }

    @Test
    void refusesMissingAndUnknownMembers() {
        assertEquals("BitMlpConfig: in_channels is missing, expected a whole number",
                refusal("{\"out_channels\":3}"));
        assertEquals("BitMlpConfig: out_channels is missing, expected a whole number",
                refusal("{\"in_channels\":3}"));
        String message = refusal("{\"in_channels\":5,\"out_channels\":3,\"n_layer\":2,\"model_type\":\"bitmlp\"}");
        assertTrue(message.startsWith("BitMlpConfig: unknown members [n_layer, model_type]; known are [n_layers, "),
                message);
        assertTrue(message.endsWith("quantization_config]"), message);
    }

    private static String refusal(String json) {
        return assertThrows(IllegalArgumentException.class, () -> read(json)).getMessage();
    }

    @Test
    void theBuilderNeedsChannels() {
        assertEquals("BitMlpConfig: inChannels is 0, expected at least 1", assertThrows(IllegalArgumentException.class,
                () -> BitMlpConfig.builder().outChannels(3).build()).getMessage());
        assertThrows(IllegalArgumentException.class,
                () -> BitMlpConfig.builder().inChannels(1).outChannels(1).dropout(Float.NaN).build());
    }
}
