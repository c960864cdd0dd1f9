package io.bitlab.models.pretrained;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.Granularity;
import io.bitlab.core.WeightScale;
import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.quant.TernaryQuantizer;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Layer;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.io.safetensors.SafetensorsFile;
import io.bitlab.models.pretrained.CheckpointFolder.Stored;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.DecodingSession;
import io.bitlab.models.transformer.HiddenAct;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Hugging Face folders against PyTorch's results, and in all their forms. */
@ResourceLock(Resources.SYSTEM_ERR)
class HuggingFaceTest {

    private static final Path GOLDEN = CheckpointFolder.GOLDEN.resolve("bitnet-tiny");
    private static final String QUERY = "model.layers.1.self_attn.q_proj.weight";
    private static final float[] TOKENS = {3, 17, 0, 159, 44, 44, 7};

    @TempDir
    Path folder;
    private CheckpointFolder checkpoint;

    @BeforeEach
    void read() throws IOException {
        checkpoint = CheckpointFolder.read(GOLDEN);
    }

    private static BitTransformer load(Path path) throws IOException {
        return AutoBitModel.load(path, BitTransformer.class);
    }

    private static float[] logits(BitTransformer model) {
        return model.forward(Tensor.of(TOKENS, TOKENS.length)).toArray();
    }

    /** Loads, and returns what was logged. */
    private static String logOf(Path path) throws IOException {
        PrintStream err = System.err;
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
        try {
            load(path);
        } finally {
            System.setErr(err);
        }
        return log.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bitnet-tiny", "bitnet-tiny-divided"})
    void logitsAndGreedyTokensArePyTorchs(String name) throws IOException {
        Path golden = CheckpointFolder.GOLDEN.resolve(name);
        BitTransformer model = load(golden);
        assertEquals(Layer.Mode.DEPLOYED, model.mode());
        try (SafetensorsFile expected = SafetensorsFile.open(golden.resolve("expected.safetensors"))) {
            float[] prompt = expected.floats("prompt");
            float[] logits = expected.floats("logits");
            float[] found = model.forward(Tensor.of(prompt, prompt.length)).toArray();
            float largest = 0;
            for (float logit : logits) {
                largest = Math.max(largest, Math.abs(logit));
            }
            assertArrayEquals(logits, found, 1e-4f * largest);

            DecodingSession session = model.newSession();
            float[] last = null;
            for (float token : prompt) {
                last = session.append((int) token);
            }
            for (long greedy : expected.longs("greedy")) {
                int best = 0;
                for (int i = 1; i < last.length; i++) {
                    best = last[i] > last[best] ? i : best;
                }
                assertEquals(greedy, best);
                last = session.append(best);
            }
        }
    }

    @Test
    void tritsAndScaleAreTheFiles() throws IOException {
        BitTransformer model = load(GOLDEN);
        BitLinear query = assertInstanceOf(BitLinear.class, model.layers().get(QUERY.replace(".weight", "")));
        TernaryMatrix matrix = query.ternaryWeight();
        assertArrayEquals(CheckpointFolder.trits(checkpoint.tensors.get(QUERY)), matrix.trits());
        assertEquals(EmbeddingFormat.BFLOAT16, model.config().embeddingFormat());
        assertEquals(128, model.config().maxPositionEmbeddings());
        assertEquals("", logOf(GOLDEN));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 5})
    void shardsAreOneModel(int count) throws IOException {
        checkpoint.writeShards(folder, count);
        assertArrayEquals(logits(load(GOLDEN)), logits(load(folder)));
    }

    @ParameterizedTest
    @EnumSource(value = EmbeddingFormat.class, names = "FLOAT16", mode = EnumSource.Mode.EXCLUDE)
    void tablesInEveryFormat(EmbeddingFormat format) throws IOException {
        BitTransformer model = AutoBitModel.load(GOLDEN, BitTransformer.class,
                LoadOptions.defaults().withEmbeddingFormat(format).withMaxPositionEmbeddings(32));
        assertEquals(format, model.config().embeddingFormat());
        assertEquals(32, model.newSession().room());
        float[] exact = logits(load(GOLDEN));
        float error = format == EmbeddingFormat.NF4 ? 0.5f : format == EmbeddingFormat.INT8 ? 0.1f : 1e-5f;
        assertArrayEquals(exact, logits(model), error);
    }

    @Test
    void aLoadedModelIsSavedAndTheFolderCanBeReplaced() throws IOException {
        checkpoint.write(folder);
        BitTransformer model = load(folder);
        AutoBitModel.save(model, folder);
        assertFalse(PretrainedTransformer.isPublished(folder));
        assertArrayEquals(logits(model), logits(load(folder)));
        checkpoint.writeConfig(folder); // the copy differs now, and doesn't count
        assertArrayEquals(logits(model), logits(load(folder)));
    }

    @Test
    void progressIsToldOfEachTensor() throws IOException {
        List<String> names = new ArrayList<>();
        List<Integer> done = new ArrayList<>();
        AutoBitModel.load(GOLDEN, LoadOptions.defaults().withProgress((name, now, total) -> {
            assertEquals(24, total);
            names.add(name);
            done.add(now);
        }));
        assertEquals(24, names.stream().distinct().count());
        assertEquals(24, done.getLast());
    }

    /** Replaces packed projections by floats that round to other trits and scales. */
    private void makeLatent(boolean bfloat16) {
        Random random = new Random(4);
        checkpoint.tensors.keySet().removeIf(name -> name.endsWith("weight_scale"));
        checkpoint.tensors.replaceAll((name, stored) -> {
            if (!name.contains("_proj")) {
                return stored;
            }
            float[] weights = new float[4 * stored.bytes().length];
            for (int i = 0; i < weights.length; i++) {
                float drawn = (float) random.nextGaussian() / 16;
                weights[i] = bfloat16 ? Float.intBitsToFloat(Float.floatToRawIntBits(drawn) & 0xffff0000) : drawn;
            }
            int out = 4 * stored.shape()[0];
            int in = stored.shape()[1];
            return bfloat16 ? CheckpointFolder.bfloat16(weights, out, in)
                    : CheckpointFolder.float32(weights, out, in);
        });
    }

    private void assertRounded(BitTransformer model) throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"))) {
            int[] shape = file.info(QUERY).shape();
            TernaryMatrix expected = TernaryQuantizer.quantize(file.floats(QUERY), shape[0], shape[1],
                    Granularity.PER_TENSOR, WeightScale.ABS_MEAN);
            BitLinear query = (BitLinear) model.layers().get(QUERY.replace(".weight", ""));
            assertEquals(expected, query.ternaryWeight());
        }
    }

    @Test
    void latentWeightsAreRoundedAsInTraining() throws IOException {
        makeLatent(true);
        checkpoint.config.put("quantization_config", Map.of("quant_method", "bitnet", "linear_class", "autobitlinear",
                "quantization_mode", "online"));
        checkpoint.write(folder);
        assertRounded(load(folder));
        assertEquals("", logOf(folder));
    }

    @Test
    void floatsAreRoundedWithAWarning() throws IOException {
        makeLatent(false);
        checkpoint.config.remove("quantization_config");
        checkpoint.write(folder);
        assertRounded(load(folder));
        String log = logOf(folder);
        assertTrue(log.contains("14 float projections were rounded to ternary weights, with a mean error of 4"), log);
        assertEquals(1, log.lines().count(), log);
    }

    @Test
    void floatsThatAreTernaryStay() throws IOException {
        CheckpointFolder floats = CheckpointFolder.read(GOLDEN);
        floats.config.remove("quantization_config");
        try (SafetensorsFile file = SafetensorsFile.open(GOLDEN.resolve("model.safetensors"))) {
            for (Map.Entry<String, Stored> entry : checkpoint.tensors.entrySet()) {
                String scaleName = entry.getKey() + "_scale";
                if (checkpoint.tensors.containsKey(scaleName)) {
                    float scale = file.floats(scaleName)[0];
                    byte[] trits = CheckpointFolder.trits(entry.getValue());
                    float[] weights = new float[trits.length];
                    for (int i = 0; i < weights.length; i++) {
                        weights[i] = trits[i] * scale;
                    }
                    int in = entry.getValue().shape()[1];
                    floats.tensors.put(entry.getKey(), CheckpointFolder.bfloat16(weights, weights.length / in, in));
                    floats.tensors.remove(scaleName);
                }
            }
        }
        floats.write(folder);
        assertArrayEquals(logits(load(GOLDEN)), logits(load(folder)));
        assertEquals("", logOf(folder));
    }

    @Test
    void llamaHasNoSubNormsASiluGateAndAHeadOfItsOwn() throws IOException {
        checkpoint.config.put("architectures", List.of("LlamaForCausalLM"));
        checkpoint.config.put("model_type", "llama");
        checkpoint.config.put("hidden_act", "silu");
        checkpoint.config.put("rope_scaling", null);
        checkpoint.config.put("head_dim", null);
        checkpoint.config.put("rope_parameters", Map.of("rope_type", "default", "rope_theta", 1_000_042));
        checkpoint.config.remove("tie_word_embeddings");
        checkpoint.config.put("quantization_config", Map.of("quant_method", "bitnet")); // bitlinear
        checkpoint.tensors.keySet().removeIf(name -> name.contains("sub_norm"));
        float[] head = new float[160 * 64];
        head[5 * 64 + 3] = 1.00001f;
        checkpoint.tensors.put("lm_head.weight", CheckpointFolder.float32(head, 160, 64));
        checkpoint.tensors.put("model.layers.0.self_attn.rotary_emb.inv_freq",
                CheckpointFolder.float32(new float[8], 8));
        checkpoint.tensors.put("model.extra", CheckpointFolder.float32(new float[8], 8));
        checkpoint.write(folder);
        BitTransformer model = load(folder);
        assertFalse(model.config().subNorms());
        assertFalse(model.config().tieWordEmbeddings());
        assertEquals(HiddenAct.SILU, model.config().hiddenAct());
        assertEquals(1_000_042f, model.config().ropeTheta());
        assertEquals(EmbeddingFormat.FLOAT32, model.config().embeddingFormat()); // the head's
        float[] logits = logits(model);
        for (int i = 0; i < 160; i++) {
            assertEquals(i == 5, logits[i] != 0f, "logit " + i);
        }
        assertTrue(logOf(folder).contains("1 tensors are not used: [model.extra]"));
    }

    @Test
    void scalesOfAnyFloatType() throws IOException {
        checkpoint.tensors.replaceAll((name, stored) -> {
            if (!name.endsWith("weight_scale")) {
                return stored;
            }
            int bits = (stored.bytes()[0] & 255) << 16 | stored.bytes()[1] << 24;
            return CheckpointFolder.float32(new float[] {Float.intBitsToFloat(bits)}); // shape []
        });
        checkpoint.write(folder);
        assertArrayEquals(logits(load(GOLDEN)), logits(load(folder)));
    }

    @Test
    void onlyAPlaceThatHasAModelIsPublished() throws IOException {
        assertFalse(PretrainedTransformer.isPublished(folder));
        assertTrue(PretrainedTransformer.isPublished(GOLDEN));
        Files.writeString(folder.resolve("config.json"), "{");
        assertFalse(PretrainedTransformer.isPublished(folder));
    }
}
