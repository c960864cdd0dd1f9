package io.bitlab.models.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.ops.RotaryEmbedding.Pairing;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.io.Json;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BitTransformerConfigTest {

    @Test
    void isReadAsItWasWritten() {
        Stream.of(BitTransformerConfig.character(65), BitTransformerConfig.small(1000), BitTransformerConfig.base(1000),
                BitTransformerConfig.bitnet2B4T(), BitTransformerConfig.character(65).floatTwin(),
                BitTransformerConfig.builder(10, 32, 3, 4).ropePairing(Pairing.ADJACENT).dropout(0.1f)
                        .hiddenAct(HiddenAct.GELU_NEW).gated(false)
                        .embeddingFormat(EmbeddingFormat.NF4).build())
                .forEach(config -> assertEquals(config, BitTransformerConfig.fromMap(config.toMap())));
        assertNull(BitTransformerConfig.character(65).floatTwin().quantConfig());
    }

    /** No two numbers have the same value, so none can take the place of another unnoticed. */
    @Test
    void everySettingIsKept() throws IOException {
        BitQuantConfig quantConfig = BitQuantConfig.defaults().withWeightGranularity(Granularity.PER_CHANNEL);
        BitTransformerConfig config = BitTransformerConfig.builder(11, 96, 5, 6).intermediateSize(13)
                .numKeyValueHeads(3).headDim(14).maxPositionEmbeddings(17).ropeTheta(19f).ropePairing(Pairing.ADJACENT)
                .rmsNormEps(0.25f).hiddenAct(HiddenAct.GELU_NEW).gated(false).subNorms(true).tieWordEmbeddings(false)
                .initializerRange(0.5f).dropout(0.75f).embeddingFormat(EmbeddingFormat.NF4).quantConfig(quantConfig)
                .build();
        assertEquals(new BitTransformerConfig(11, 96, 13, 5, 6, 3, 14, 17, 19f, Pairing.ADJACENT, 0.25f,
                HiddenAct.GELU_NEW, false, true, false, 0.5f, 0.75f, EmbeddingFormat.NF4, quantConfig), config);
        assertEquals("{\"vocab_size\":11,\"hidden_size\":96,\"intermediate_size\":13,\"num_hidden_layers\":5,"
                + "\"num_attention_heads\":6,\"num_key_value_heads\":3,\"head_dim\":14,"
                + "\"max_position_embeddings\":17,\"rope_theta\":19.0,\"rope_pairing\":\"adjacent\","
                + "\"rms_norm_eps\":0.25,\"hidden_act\":\"gelu_new\",\"gated\":false,\"sub_norms\":true,"
                + "\"tie_word_embeddings\":false,\"initializer_range\":0.5,\"dropout\":0.75,"
                + "\"table_format\":\"nf4\",\"quantization_config\":" + Json.compact(quantConfig.toMap()) + "}",
                Json.compact(config.toMap()));
        assertEquals(config, BitTransformerConfig.fromMap(config.toMap()));
        assertEquals(config, config.toBuilder().build());
    }

    @Test
    void presetsHaveTheSizesThatTheirDescriptionsGive() {
        assertEquals(801_888, BitTransformerConfig.character(65).newModel().parameterCount());
        assertEquals(2_084_044_800L, ternary(BitTransformerConfig.bitnet2B4T()));
        assertEquals(27.3e6, ternary(BitTransformerConfig.small(32_000)), 0.1e6);
        assertEquals(99e6, ternary(BitTransformerConfig.base(32_000)), 2e6);
    }

    private static long ternary(BitTransformerConfig c) {
        long attention = (long) c.hiddenSize() * c.headDim() * 2 * (c.numAttentionHeads() + c.numKeyValueHeads());
        return c.numHiddenLayers() * (attention + 3L * c.hiddenSize() * c.intermediateSize());
    }

    @ParameterizedTest
    @CsvSource({"8, 24", "12, 32", "64, 172", "128, 344", "255, 680", "256, 768", "288, 768", "512, 1536", "768, 2048",
        "1024, 2816"})
    void theDefaultFeedForwardWidthIsRoundedUp(int hiddenSize, int expected) {
        BitTransformerConfig config = BitTransformerConfig.builder(10, hiddenSize, 1, 1).headDim(2).build();
        assertEquals(expected, config.intermediateSize());
        assertTrue(expected >= 8L * hiddenSize / 3);
        assertEquals(0, expected % (hiddenSize < 256 ? 4 : 256));
    }

    /** As all models have been saved: the width that a model was trained with is none of the defaults of today. */
    @Test
    void aWidthThatWasSavedStays() {
        Map<String, Object> json = new HashMap<>(BitTransformerConfig.builder(10, 256, 1, 4).build().toMap());
        json.put("intermediate_size", 682);
        BitTransformerConfig config = BitTransformerConfig.fromMap(json);
        assertEquals(682, config.intermediateSize());
        assertEquals(682, config.toBuilder().dropout(0.1f).build().intermediateSize());
        assertEquals(682,
                config.floatTwin().withEmbeddingFormat(EmbeddingFormat.INT8).toMap().get("intermediate_size"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "vocab_size | 0 | vocab_size is 0, expected at least 1",
        "num_hidden_layers | 2000 | num_hidden_layers is 2000, expected at most 1000",
        "num_key_value_heads | 3 | num_key_value_heads is 3, expected a divisor of num_attention_heads, 4",
        "head_dim | 7 | head_dim is 7, expected an even number from 2 to 4096",
        "head_dim | 262144 | head_dim is 262144, expected an even number from 2 to 4096",
        "hidden_size | 2097152 | hidden_size is 2097152, expected at most 1048576",
        "rope_theta | 1 | rope_theta is 1.0, expected a number above 1",
        "rms_norm_eps | 0 | rms_norm_eps is 0.0, expected a small positive number",
        "dropout | 1 | dropout is 1.0, expected a probability in [0, 1)",
        "max_position_embeddings | 99999999 | max_position_embeddings is 99999999, expected at most 16777216"})
    void refuses(String field, int value, String message) {
        Map<String, Object> json = new HashMap<>(BitTransformerConfig.character(65).toMap());
        json.put(field, value);
        Exception e = assertThrows(IllegalArgumentException.class, () -> BitTransformerConfig.fromMap(json));
        assertEquals("BitTransformerConfig: " + message, e.getMessage());
    }

    @Test
    void refusesOneScaleForSeveralTokens() {
        for (Granularity granularity : List.of(Granularity.PER_SAMPLE, Granularity.PER_TENSOR)) {
            BitQuantConfig config = BitQuantConfig.defaults().withActivationGranularity(granularity);
            BitTransformerConfig.Builder builder = BitTransformerConfig.character(65).toBuilder().quantConfig(config);
            assertEquals("BitTransformerConfig: activation_granularity is "
                    + granularity.name().toLowerCase(Locale.ROOT) + ", expected per_channel: a token must depend "
                    + "neither on those after it nor on other texts",
                    assertThrows(IllegalArgumentException.class, builder::build).getMessage());
            builder.quantConfig(config.withActivationDtype(ActivationDtype.FLOAT32)).build(); // no scales
        }
    }

    @Test
    void refusesUnknownNames() {
        Map<String, Object> json = new HashMap<>(BitTransformerConfig.character(65).toMap());
        json.put("hidden_act", "tanh");
        Exception e = assertThrows(IllegalArgumentException.class, () -> BitTransformerConfig.fromMap(json));
        assertEquals("hidden_act is tanh, expected one of [relu2, silu, gelu, gelu_new, relu]", e.getMessage());
        json.put("hidden_act", "relu2");
        json.put("rope_pairing", "thirds");
        e = assertThrows(IllegalArgumentException.class, () -> BitTransformerConfig.fromMap(json));
        assertEquals("rope_pairing is thirds, expected \"halves\" or \"adjacent\"", e.getMessage());
        json.put("rope_pairing", "halves");
        json.put("table_format", "int7");
        e = assertThrows(IllegalArgumentException.class, () -> BitTransformerConfig.fromMap(json));
        assertEquals("embedding format is \"int7\", expected \"float32\" or \"bfloat16\" or \"int8\" or \"nf4\"",
                e.getMessage());
    }

    @Test
    void aModelIsBuiltFromJson() throws Exception {
        assertEquals(2, ((BitTransformer) AutoBitModel.fromConfig("""
                {"model_type": "bittransformer", "vocab_size": 9, "hidden_size": 16, "num_hidden_layers": 2,
                 "num_attention_heads": 2}
                """)).config().numHiddenLayers());
    }
}
