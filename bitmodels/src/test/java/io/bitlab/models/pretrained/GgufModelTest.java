package io.bitlab.models.pretrained;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.Granularity;
import io.bitlab.core.WeightScale;
import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.ops.RotaryEmbedding.Pairing;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.quant.TernaryQuantizer;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer.Mode;
import io.bitlab.layers.StateDict;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.gguf.GgufFile;
import io.bitlab.models.io.gguf.GgufType;
import io.bitlab.models.io.gguf.GgufValueType;
import io.bitlab.models.io.gguf.GgufWriter;
import io.bitlab.models.io.gguf.I2sLayout;
import io.bitlab.models.io.gguf.RawGguf;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import io.bitlab.models.transformer.HiddenAct;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** GGUF files of models with random ternary weights: what is loaded computes the same bits. */
class GgufModelTest {

    private static final int VOCABULARY = 70;

    /** Sub-norms, squared ReLU, tied: BitNet b1.58 2B4T. */
    private static final BitTransformerConfig BITNET = BitTransformerConfig.builder(VOCABULARY, 256, 2, 4)
            .numKeyValueHeads(2).intermediateSize(512).maxPositionEmbeddings(64).ropeTheta(500_000f).build();
    private static final BitTransformerConfig LLAMA = BITNET.toBuilder().subNorms(false).tieWordEmbeddings(false)
            .hiddenAct(HiddenAct.SILU).ropePairing(Pairing.ADJACENT).rmsNormEps(1e-6f).build();

    private static final Map<String, String> NAMES = Map.ofEntries(
            Map.entry("model.embed_tokens", "token_embd"), Map.entry("model.norm", "output_norm"),
            Map.entry("lm_head", "output"), Map.entry("input_layernorm", "attn_norm"),
            Map.entry("self_attn.q_proj", "attn_q"), Map.entry("self_attn.k_proj", "attn_k"),
            Map.entry("self_attn.v_proj", "attn_v"), Map.entry("self_attn.o_proj", "attn_output"),
            Map.entry("self_attn.attn_sub_norm", "attn_sub_norm"),
            Map.entry("post_attention_layernorm", "ffn_norm"), Map.entry("mlp.gate_proj", "ffn_gate"),
            Map.entry("mlp.up_proj", "ffn_up"), Map.entry("mlp.down_proj", "ffn_down"),
            Map.entry("mlp.ffn_sub_norm", "ffn_sub_norm"));

    @TempDir
    Path folder;
    private Path file;
    private final Map<String, Object> metadata = new LinkedHashMap<>();
    private final Random random = new Random(5);

    private static String ggufName(String name) {
        String path = name.substring(0, name.length() - ".weight".length());
        if (!path.startsWith("model.layers.")) {
            return NAMES.get(path) + ".weight";
        }
        String[] parts = path.split("\\.", 4);
        return "blk." + parts[2] + "." + NAMES.get(parts[3]) + ".weight";
    }

    /** A deployed model whose scales are F16 numbers; with blocks, one for each 256 columns. */
    private BitTransformer model(BitTransformerConfig config, boolean blocks) {
        BitTransformer drawn = AutoBitModel.fromConfig(config, 8);
        StateDict before = drawn.stateDict(Mode.DEPLOYED);
        StateDict state = new StateDict();
        for (String name : before.names()) {
            if (!before.isTernary(name)) {
                float[] values = before.tensor(name).toArray();
                for (int i = 0; i < values.length; i++) {
                    values[i] += (float) random.nextGaussian() / 20;
                }
                state.put(name, Tensor.of(values, before.tensor(name).shape()));
                continue;
            }
            int out = before.ternary(name).outFeatures();
            int in = before.ternary(name).inFeatures();
            byte[] trits = new byte[out * in];
            for (int i = 0; i < trits.length; i++) {
                trits[i] = (byte) (random.nextInt(3) - 1);
            }
            float[] scales = new float[blocks ? out * in / 256 : 1];
            for (int i = 0; i < scales.length; i++) {
                scales[i] = Float.float16ToFloat(Float.floatToFloat16(0.02f + random.nextFloat() / 10));
            }
            state.put(name, blocks ? TernaryMatrix.ofBlocks(trits, out, in, scales, 256)
                    : TernaryMatrix.of(trits, out, in, scales));
        }
        BitTransformer model = new BitTransformer(config);
        model.loadStateDict(state);
        model.eval();
        return model;
    }

    private void describe(String architecture, BitTransformerConfig c) {
        metadata.put("general.architecture", architecture);
        metadata.put(architecture + ".embedding_length", c.hiddenSize());
        metadata.put(architecture + ".feed_forward_length", c.intermediateSize());
        metadata.put(architecture + ".block_count", c.numHiddenLayers());
        metadata.put(architecture + ".attention.head_count", c.numAttentionHeads());
        metadata.put(architecture + ".attention.head_count_kv", c.numKeyValueHeads());
        metadata.put(architecture + ".attention.layer_norm_rms_epsilon", c.rmsNormEps());
        metadata.put(architecture + ".rope.freq_base", c.ropeTheta());
        metadata.put(architecture + ".rope.dimension_count", c.headDim());
        metadata.put(architecture + ".context_length", c.maxPositionEmbeddings());
        metadata.put(architecture + ".vocab_size", c.vocabSize());
    }

    private void write(BitTransformer model, GgufType type, GgufType table, I2sLayout layout) throws IOException {
        GgufWriter writer = new GgufWriter(layout);
        metadata.forEach((key, value) -> {
            if (value instanceof Integer) {
                writer.put(key, GgufValueType.U32, value);
            } else {
                writer.put(key, value);
            }
        });
        StateDict state = model.stateDict();
        for (String name : state.names()) {
            if (state.isTernary(name)) {
                TernaryMatrix matrix = state.ternary(name);
                if (type.isTernary()) {
                    writer.ternary(ggufName(name), type, matrix.outFeatures(), matrix.inFeatures(), () -> matrix);
                } else {
                    writer.floats(ggufName(name), type, matrix::dequantize, matrix.outFeatures(), matrix.inFeatures());
                }
            } else {
                Tensor tensor = state.tensor(name);
                writer.floats(ggufName(name), tensor.rank() == 2 ? table : GgufType.F32, tensor::toArray,
                        tensor.shape());
            }
        }
        file = folder.resolve("model.gguf");
        writer.write(file);
    }

    private static float[] logits(BitTransformer model) {
        float[] tokens = {3, 17, 0, 69, 44, 44, 7, 12, 30};
        return model.forward(Tensor.of(tokens, tokens.length)).toArray();
    }

    private BitTransformer load() throws IOException {
        return AutoBitModel.load(file, BitTransformer.class);
    }

    // ---------------------------------------------------------------- the same bits

    @ParameterizedTest
    @EnumSource(value = GgufType.class, names = {"TQ1_0", "TQ2_0", "I2_S", "F32", "F16"})
    void bitnet(GgufType type) throws IOException {
        BitTransformer model = model(BITNET, false);
        describe("bitnet-b1.58", BITNET);
        write(model, type, GgufType.F32, I2sLayout.X86);
        BitTransformer loaded = load();
        assertEquals(BITNET, loaded.config());
        assertEquals(Mode.DEPLOYED, loaded.mode());
        assertArrayEquals(logits(model), logits(loaded));
        Files.delete(file);
    }

    @ParameterizedTest
    @EnumSource(value = GgufType.class, names = {"TQ1_0", "TQ2_0", "I2_S"})
    void llama(GgufType type) throws IOException {
        BitTransformer model = model(LLAMA, false);
        describe("llama", LLAMA);
        write(model, type, GgufType.F32, I2sLayout.X86);
        BitTransformer loaded = load();
        assertEquals(LLAMA, loaded.config());
        assertArrayEquals(logits(model), logits(loaded));
    }

    @ParameterizedTest
    @EnumSource(value = GgufType.class, names = {"TQ1_0", "TQ2_0"})
    void scalesOfBlocksAreKept(GgufType type) throws IOException {
        BitTransformer model = model(BITNET, true);
        describe("bitnet-25", BITNET);
        write(model, type, GgufType.F32, I2sLayout.X86);
        BitTransformer loaded = load();
        assertArrayEquals(logits(model), logits(loaded));
        AutoBitModel.save(loaded, folder.resolve("own"));
        assertArrayEquals(logits(model),
                logits(AutoBitModel.load(folder.resolve("own"), BitTransformer.class)));
    }

    @Test
    void bitnetOfTheFirstPaperHasSilu() throws IOException {
        BitTransformerConfig config = BITNET.toBuilder().hiddenAct(HiddenAct.SILU).build();
        BitTransformer model = model(config, false);
        describe("bitnet", config);
        metadata.remove("bitnet.vocab_size");
        write(model, GgufType.I2_S, GgufType.F32, I2sLayout.X86);
        BitTransformer loaded = load();
        assertEquals(config, loaded.config());
        assertArrayEquals(logits(model), logits(loaded));
    }

    @Test
    void theVocabularyIsCounted() throws IOException {
        describe("bitnet-b1.58", BITNET);
        metadata.remove("bitnet-b1.58.vocab_size");
        metadata.put("tokenizer.ggml.tokens", Collections.nCopies(VOCABULARY, "a"));
        write(model(BITNET, false), GgufType.TQ2_0, GgufType.F32, I2sLayout.X86);
        assertEquals(VOCABULARY, load().config().vocabSize());
    }

    @Test
    void filesOfArm() throws IOException {
        BitTransformer model = model(BITNET, false);
        describe("bitnet-b1.58", BITNET);
        write(model, GgufType.I2_S, GgufType.F32, I2sLayout.ARM);
        assertArrayEquals(logits(model), logits(AutoBitModel.load(file, BitTransformer.class,
                LoadOptions.defaults().withI2sLayout(I2sLayout.ARM))));
    }

    @ParameterizedTest
    @EnumSource(value = GgufType.class, names = {"F16", "BF16", "Q8_0"})
    void tablesOfOtherTypes(GgufType table) throws IOException {
        BitTransformer model = model(BITNET, false);
        describe("bitnet-b1.58", BITNET);
        write(model, GgufType.TQ1_0, table, I2sLayout.X86);
        BitTransformer exact = load();
        assertEquals(table == GgufType.BF16 ? EmbeddingFormat.BFLOAT16 : EmbeddingFormat.FLOAT32,
                exact.config().embeddingFormat());
        float[] expected = logits(model);
        double square = 0;
        double difference = 0;
        float[] found = logits(exact);
        for (int i = 0; i < expected.length; i++) {
            square += expected[i] * expected[i];
            difference += (found[i] - expected[i]) * (found[i] - expected[i]);
        }
        assertTrue(difference < 0.01 * square, difference + " of " + square);
    }

    /** llama-quantize's mixtures: tables and some projections of types that are only read. */
    @ParameterizedTest
    @EnumSource(value = GgufType.class,
            names = {"Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K"})
    void mixedFiles(GgufType type) throws IOException {
        BitTransformer model = model(LLAMA, false);
        describe("llama", LLAMA);
        write(model, GgufType.TQ2_0, GgufType.F32, I2sLayout.X86);
        RawGguf.replace(file, Map.of("token_embd.weight", new RawGguf.Added(type),
                "output.weight", new RawGguf.Added(GgufType.Q6_K),
                "blk.0.attn_v.weight", new RawGguf.Added(type),
                "blk.1.ffn_down.weight", new RawGguf.Added(type)), random);
        StateDict state = load().stateDict();
        try (GgufFile gguf = GgufFile.open(file)) {
            assertEquals(type, gguf.info("token_embd.weight").type());
            assertArrayEquals(gguf.floats("token_embd.weight"),
                    state.tensor("model.embed_tokens.weight").toArray());
            assertArrayEquals(gguf.floats("output.weight"), state.tensor("lm_head.weight").toArray());
            assertEquals(TernaryQuantizer.quantize(gguf.floats("blk.1.ffn_down.weight"), 256, 512,
                    Granularity.PER_TENSOR, WeightScale.ABS_MEAN),
                    state.ternary("model.layers.1.mlp.down_proj.weight"));
            assertEquals(TernaryQuantizer.quantize(gguf.floats("blk.0.attn_v.weight"), 128, 256,
                    Granularity.PER_TENSOR, WeightScale.ABS_MEAN),
                    state.ternary("model.layers.0.self_attn.v_proj.weight"));
        }
        assertEquals(model.stateDict().ternary("model.layers.0.mlp.up_proj.weight"),
                state.ternary("model.layers.0.mlp.up_proj.weight"));
    }

    // ---------------------------------------------------------------- refusals

    private void assertRefused(String message) {
        ModelFormatException e = assertThrows(ModelFormatException.class, this::load);
        assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
        assertTrue(e.getMessage().contains(message), "expected '" + message + "' in: " + e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "general.architecture | gpt2 | 'general.architecture' is 'gpt2', expected bitnet-b1.58",
        "llama.block_count | 3 | 9 tensors are missing: [model.layers.2.input_layernorm.weight",
        "llama.block_count | 2000000000 | num_hidden_layers is 2000000000, expected at most 1000",
        "llama.vocab_size | 69 | 'token_embd.weight' F32 [70, 256]: shape [70, 256], expected [69, 256]",
        "llama.attention.head_count | 0 | num_attention_heads is 0",
        "llama.attention.head_count_kv | 3 | num_key_value_heads is 3",
        "llama.rope.dimension_count | 32 | 'llama.rope.dimension_count' is 32, expected 64",
        "llama.rope.scaling.type | yarn | scaling 'yarn' with factor 0.0, expected none",
        "llama.rope.scaling.factor | 2 | scaling 'linear' with factor 2.0, expected none",
        "llama.rope.scale_linear | 4 | scaling 'linear' with factor 4.0, expected none",
        "split.count | 3 | is one of 3 parts of a model; merge them with 'llama-gguf-split --merge'",
        "llama.expert_count | 8 | 'llama.expert_count' is 8, expected 0",
        "llama.context_length | many | 'llama.context_length' is 'many', expected a whole number",
        "llama.rope.freq_base | 1 | rope_theta is 1.0",
        "llama.feed_forward_length | | 'llama.feed_forward_length' is missing, expected a whole number",
    })
    void metadataIsChecked(String key, String value, String message) throws IOException {
        describe("llama", LLAMA);
        if (value == null) {
            metadata.remove(key);
        } else {
            metadata.put(key, value.matches("\\d+") ? (Object) Integer.valueOf(value) : value);
        }
        write(model(LLAMA, false), GgufType.I2_S, GgufType.F32, I2sLayout.X86);
        assertRefused(message);
    }

    @Test
    void corruptWeights() throws IOException {
        describe("bitnet-b1.58", BITNET);
        write(model(BITNET, false), GgufType.TQ2_0, GgufType.F32, I2sLayout.X86);
        byte[] bytes = Files.readAllBytes(file);
        int down = 512 * 256 / 256 * 66; // the last but one of the file
        int norm = 256 * Float.BYTES;
        Arrays.fill(bytes, bytes.length - norm, bytes.length - norm + 8, (byte) 0xff);
        Files.write(file, bytes);
        assertRefused("'output_norm.weight' F32 [256]: the value in row 0, column 0 is NaN");
        bytes[bytes.length - norm - down / 2] = (byte) 0xff;
        Files.write(file, bytes);
        assertRefused("'blk.1.ffn_down.weight' TQ2_0 [256, 512]: the code at row 128, column 0 is 3");
    }

    @Test
    void otherFiles() throws IOException {
        file = folder.resolve("model.txt");
        Files.writeString(file, "a text that is no model, but long enough to be one");
        assertRefused("");
    }
}
