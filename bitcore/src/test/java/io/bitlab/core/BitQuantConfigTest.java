package io.bitlab.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class BitQuantConfigTest {

    @Test
    void defaultsAreThoseOfThePapers() {
        BitQuantConfig expected = new BitQuantConfig(
                Granularity.PER_TENSOR, WeightScale.ABS_MEAN, ActivationDtype.INT8, Granularity.PER_CHANNEL);
        assertEquals(expected, BitQuantConfig.defaults());
        assertEquals(expected, BitQuantConfig.builder().build());
        assertEquals(expected, BitQuantConfig.fromMap(Map.of()));
    }

    @Test
    void builderSetsEachValue() {
        BitQuantConfig config = BitQuantConfig.builder()
                .weightGranularity(Granularity.PER_CHANNEL)
                .weightScale(WeightScale.ABS_MAX)
                .activationDtype(ActivationDtype.FLOAT32)
                .activationGranularity(Granularity.PER_TENSOR)
                .build();
        assertEquals(new BitQuantConfig(
                Granularity.PER_CHANNEL, WeightScale.ABS_MAX, ActivationDtype.FLOAT32, Granularity.PER_TENSOR), config);
        assertEquals(config, config.toBuilder().build());
    }

    @Test
    void withChangesOneValueAndLeavesTheOriginal() {
        BitQuantConfig defaults = BitQuantConfig.defaults();
        assertEquals(
                new BitQuantConfig(
                        Granularity.PER_CHANNEL, WeightScale.ABS_MEAN, ActivationDtype.INT8, Granularity.PER_CHANNEL),
                defaults.withWeightGranularity(Granularity.PER_CHANNEL));
        assertEquals(
                new BitQuantConfig(
                        Granularity.PER_TENSOR, WeightScale.ABS_MEDIAN, ActivationDtype.INT8, Granularity.PER_CHANNEL),
                defaults.withWeightScale(WeightScale.ABS_MEDIAN));
        assertEquals(
                new BitQuantConfig(
                        Granularity.PER_TENSOR, WeightScale.ABS_MEAN, ActivationDtype.FLOAT32, Granularity.PER_CHANNEL),
                defaults.withActivationDtype(ActivationDtype.FLOAT32));
        assertEquals(
                new BitQuantConfig(
                        Granularity.PER_TENSOR, WeightScale.ABS_MEAN, ActivationDtype.INT8, Granularity.PER_TENSOR),
                defaults.withActivationGranularity(Granularity.PER_TENSOR));
        assertEquals(Granularity.PER_TENSOR, defaults.weightGranularity());
    }

    @ParameterizedTest
    @CsvSource({"0, weightGranularity", "1, weightScale", "2, activationDtype", "3, activationGranularity"})
    void nullIsRefusedByName(int which, String field) {
        NullPointerException e = assertThrows(NullPointerException.class, () -> new BitQuantConfig(
                which == 0 ? null : Granularity.PER_TENSOR,
                which == 1 ? null : WeightScale.ABS_MEAN,
                which == 2 ? null : ActivationDtype.INT8,
                which == 3 ? null : Granularity.PER_TENSOR));
        assertEquals("BitQuantConfig: " + field + " is null; leave it out of the builder to get the default",
                e.getMessage());
    }

    static List<BitQuantConfig> allConfigs() {
        List<BitQuantConfig> all = new ArrayList<>();
        for (Granularity weights : List.of(Granularity.PER_TENSOR, Granularity.PER_CHANNEL)) {
            for (WeightScale scale : WeightScale.values()) {
                for (ActivationDtype dtype : ActivationDtype.values()) {
                    for (Granularity activations : Granularity.values()) {
                        all.add(new BitQuantConfig(weights, scale, dtype, activations));
                    }
                }
            }
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("allConfigs")
    void mapsRoundTrip(BitQuantConfig config) {
        assertEquals(config, BitQuantConfig.fromMap(config.toMap()));
    }

    @Test
    void mapHoldsThePublishedNamesInOrder() {
        Map<String, Object> map = BitQuantConfig.defaults().toMap();
        assertEquals("{weight_granularity=per_tensor, weight_scale=absmean, activation_dtype=int8, "
                + "activation_granularity=per_channel}", map.toString());
        assertThrows(UnsupportedOperationException.class, () -> map.put("weight_scale", "absmax"));
    }

    @Test
    void perTokenIsAnotherWordForPerChannelActivations() {
        assertEquals(
                BitQuantConfig.defaults(), BitQuantConfig.fromMap(Map.of("activation_granularity", "per_token")));
        assertRefused(Map.of("weight_granularity", "per_token"),
                "BitQuantConfig: weight_granularity is \"per_token\", expected \"per_tensor\" or \"per_channel\"");
    }

    @Test
    void weightsHaveNoSamples() {
        assertEquals(
                "BitQuantConfig: weightGranularity is PER_SAMPLE, and weights have no samples; expected "
                        + "PER_TENSOR or PER_CHANNEL",
                assertThrows(IllegalArgumentException.class,
                        () -> BitQuantConfig.defaults().withWeightGranularity(Granularity.PER_SAMPLE)).getMessage());
        assertRefused(Map.of("weight_granularity", "per_sample"),
                "BitQuantConfig: weight_granularity is \"per_sample\", expected \"per_tensor\" or \"per_channel\"");
        assertEquals(BitQuantConfig.defaults().withActivationGranularity(Granularity.PER_SAMPLE),
                BitQuantConfig.fromMap(Map.of("activation_granularity", "per_sample")));
    }

    @Test
    void missingKeysTakeDefaults() {
        assertEquals(BitQuantConfig.defaults().withActivationDtype(ActivationDtype.FLOAT32),
                BitQuantConfig.fromMap(Map.of("activation_dtype", "float32")));
    }

    @Test
    void badMapsAreRefused() {
        String known = "; known are weight_granularity, weight_scale, activation_dtype, activation_granularity";
        assertRefused(Map.of("weight_granularty", "per_tensor"),
                "BitQuantConfig: unknown key \"weight_granularty\"" + known);
        assertRefused(Collections.singletonMap(null, "x"), "BitQuantConfig: unknown key \"null\"" + known);
        assertRefused(Map.of("weight_granularity", "per_row"),
                "BitQuantConfig: weight_granularity is \"per_row\", expected \"per_tensor\" or \"per_channel\"");
        assertRefused(Map.of("activation_granularity", "PER_TENSOR"),
                "BitQuantConfig: activation_granularity is \"PER_TENSOR\", expected \"per_tensor\" or \"per_channel\" "
                        + "or \"per_sample\"");
        assertRefused(Map.of("activation_dtype", 8),
                "BitQuantConfig: activation_dtype is 8 (Integer), expected \"float32\" or \"int8\"");
        Map<String, Object> withNull = new HashMap<>();
        withNull.put("weight_scale", null);
        assertRefused(withNull,
                "BitQuantConfig: weight_scale is null, expected \"absmean\" or \"absmedian\" or \"absmax\"");
    }

    private static void assertRefused(Map<String, ?> map, String message) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> BitQuantConfig.fromMap(map), map::toString);
        assertEquals(message, e.getMessage());
    }

    @Test
    void namesInJson() {
        for (ActivationDtype dtype : ActivationDtype.values()) {
            assertEquals(dtype, ActivationDtype.fromJson(dtype.jsonName()));
        }
        for (Granularity granularity : Granularity.values()) {
            assertEquals(granularity, Granularity.fromJson(granularity.jsonName()));
        }
        for (WeightScale scale : WeightScale.values()) {
            assertEquals(scale, WeightScale.fromJson(scale.jsonName()));
        }
        assertEquals("ActivationDtype is \"int4\", expected \"float32\" or \"int8\"",
                assertThrows(IllegalArgumentException.class, () -> ActivationDtype.fromJson("int4")).getMessage());
        assertEquals("Granularity is null, expected \"per_tensor\" or \"per_channel\" or \"per_sample\"",
                assertThrows(IllegalArgumentException.class, () -> Granularity.fromJson(null)).getMessage());
        assertEquals("WeightScale is \"mean\", expected \"absmean\" or \"absmedian\" or \"absmax\"",
                assertThrows(IllegalArgumentException.class, () -> WeightScale.fromJson("mean")).getMessage());
    }
}
