package io.bitlab.models.pretrained;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.embedding.EmbeddingTable;
import io.bitlab.core.ops.RotaryEmbedding.Pairing;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer.Mode;
import io.bitlab.layers.StateDict;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.generate.SamplingConfig;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.gguf.GgufFile;
import io.bitlab.models.io.gguf.I2sLayout;
import io.bitlab.models.io.safetensors.DType;
import io.bitlab.models.io.safetensors.SafetensorsFile;
import io.bitlab.models.tokenizer.BpeTokenizer;
import io.bitlab.models.tokenizer.CharacterTokenizer;
import io.bitlab.models.tokenizer.Pretokenizer;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.tokenizer.Tokenizers;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import io.bitlab.models.transformer.HiddenAct;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is written in one form and read back is the same model, in every form that can hold it. */
class ExportTest {

    static final BitTransformerConfig BITNET = BitTransformerConfig.builder(300, 256, 2, 4)
            .numKeyValueHeads(2).intermediateSize(512).maxPositionEmbeddings(64).ropeTheta(500_000f).build();
    private static final BitTransformerConfig LLAMA = BITNET.toBuilder().subNorms(false).tieWordEmbeddings(false)
            .hiddenAct(HiddenAct.SILU).rmsNormEps(1e-6f).build();

    @TempDir
    Path folder;

    /** A number that both F16 and BF16 hold. */
    private static float exact(double value) {
        return Float.intBitsToFloat(Float.floatToRawIntBits((float) value) & 0xffff0000);
    }

    /** A deployed model with random trits, one scale a matrix; all scales and tables are F16 and BF16 numbers. */
    static BitTransformer model(BitTransformerConfig config) {
        Random random = new Random(5);
        StateDict before = AutoBitModel.fromConfig(config.withEmbeddingFormat(EmbeddingFormat.FLOAT32), 8)
                .stateDict(Mode.DEPLOYED);
        StateDict state = new StateDict();
        for (String name : before.names()) {
            if (before.isTernary(name)) {
                int out = before.ternary(name).outFeatures();
                int in = before.ternary(name).inFeatures();
                byte[] trits = new byte[out * in];
                for (int i = 0; i < trits.length; i++) {
                    trits[i] = (byte) (random.nextInt(3) - 1);
                }
                state.put(name, TernaryMatrix.of(trits, out, in, new float[] {exact(0.02 + random.nextDouble() / 10)}));
                continue;
            }
            float[] values = before.tensor(name).toArray();
            for (int i = 0; i < values.length; i++) {
                double sign = random.nextBoolean() ? 1 : -1;
                values[i] = TransformerExport.isEmbedding(name) ? exact(sign * (0.01 + random.nextDouble() / 10))
                        : values[i] + (float) random.nextGaussian() / 20;
            }
            if (TransformerExport.isEmbedding(name) && config.embeddingFormat() != EmbeddingFormat.FLOAT32) {
                state.put(name,
                        EmbeddingTable.of(config.embeddingFormat(), values, config.vocabSize(), config.hiddenSize()));
            } else {
                state.put(name, Tensor.of(values, before.tensor(name).shape()));
            }
        }
        return loaded(config, state);
    }

    private static BitTransformer loaded(BitTransformerConfig config, StateDict state) {
        BitTransformer model = new BitTransformer(config);
        model.loadStateDict(state);
        model.eval();
        return model;
    }

    /** A model whose matrices are others. */
    static BitTransformer withMatrices(BitTransformer model, UnaryOperator<TernaryMatrix> f) {
        StateDict before = model.stateDict();
        StateDict state = new StateDict();
        for (String name : before.names()) {
            if (before.isTernary(name)) {
                state.put(name, f.apply(before.ternary(name)));
            } else {
                state.put(name, before.tensor(name));
            }
        }
        return loaded(model.config(), state);
    }

    private static float[] logits(BitTransformer model) {
        float[] tokens = {3, 17, 0, 69, 44, 44, 7, 12, 299};
        return model.forward(Tensor.of(tokens, tokens.length)).toArray();
    }

    static BpeTokenizer tokenizer() {
        Map<String, Integer> ids = new LinkedHashMap<>();
        List<String> alphabet = new ArrayList<>();
        for (int b = 0; b < 256; b++) {
            alphabet.add(ByteAlphabetText.of(b));
        }
        alphabet.forEach(letter -> ids.put(letter, ids.size()));
        BpeTokenizer.Builder builder = BpeTokenizer.builder();
        List<String> merges = List.of("t h", "th e", "i n", "Ġ the", "e r", "Ġ a", "w h", "wh a", "l e", "wha le");
        for (String merge : merges) {
            ids.put(merge.replace(" ", ""), ids.size());
        }
        ids.put("<end>", ids.size());
        builder.vocabulary(ids).special("<end>", ids.get("<end>")).eos(ids.get("<end>"))
                .pretokenizer(Pretokenizer.GPT2);
        merges.forEach(builder::merge);
        return builder.build();
    }

    /** GPT-2's way to write bytes as letters, written down a second time. */
    private static final class ByteAlphabetText {
        static String of(int b) {
            boolean plain = b >= '!' && b <= '~' || b >= 0xA1 && b <= 0xAC || b >= 0xAE;
            if (plain) {
                return Character.toString(b);
            }
            int before = 0;
            for (int other = 0; other < b; other++) {
                boolean otherPlain = other >= '!' && other <= '~' || other >= 0xA1 && other <= 0xAC || other >= 0xAE;
                before += otherPlain ? 0 : 1;
            }
            return Character.toString(256 + before);
        }
    }

    private Path target(ExportFormat format, String name) {
        return folder.resolve(name + (format.isGguf() ? ".gguf" : ""));
    }

    private static BitTransformer load(Path path) throws IOException {
        return AutoBitModel.load(path, BitTransformer.class);
    }

    // ---------------------------------------------------------------- the same model

    static Stream<Arguments> pairs() {
        return Stream.of(ExportFormat.values())
                .flatMap(first -> Stream.of(ExportFormat.values()).map(second -> Arguments.of(first, second)));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void everyPairKeepsAllBits(ExportFormat first, ExportFormat second) throws IOException {
        BitTransformer model = model(BITNET);
        BpeTokenizer tokenizer = tokenizer();
        ExportOptions options = ExportOptions.defaults().withEmbeddingFormat(EmbeddingFormat.FLOAT32);
        AutoBitModel.export(model, tokenizer, target(first, "one"), first, options);
        BitTransformer once = load(target(first, "one"));
        Tokenizer read = Tokenizers.ofModel(target(first, "one"));
        ExportReport report = AutoBitModel.export(once, read, target(second, "two"), second, options);
        assertEquals(0, report.scaleError());
        assertEquals(0, report.embeddingError());
        assertEquals(Files.size(report.model()), report.bytes());
        BitTransformer twice = load(target(second, "two"));
        assertEquals(Mode.DEPLOYED, twice.mode());
        assertEquals(BITNET, twice.config());
        assertTrue(ModelDifference.between(model, twice).isNone());
        assertArrayEquals(logits(model), logits(twice));
        assertEquals(text(model, tokenizer), text(twice, Tokenizers.ofModel(target(second, "two"))));
    }

    private static String text(BitTransformer model, Tokenizer tokenizer) {
        return TextGenerator.builder(model, tokenizer).maxTokens(20).sampling(SamplingConfig.GREEDY).build()
                .generate("the whale", _ -> {
                }).text();
    }

    @ParameterizedTest
    @EnumSource(ExportFormat.class)
    void llamaIsTheSameUpToTheOrderOfSums(ExportFormat format) throws IOException {
        BitTransformer model = model(LLAMA);
        AutoBitModel.export(model, null, target(format, "llama"), format);
        BitTransformer loaded = load(target(format, "llama"));
        assertEquals(format.isGguf() ? Pairing.ADJACENT : Pairing.HALVES, loaded.config().ropePairing());
        assertTrue(ModelDifference.between(model, loaded).isNone());
        assertArrayEquals(logits(model), logits(loaded), 1e-3f);
        AutoBitModel.export(loaded, null, folder.resolve("back"), ExportFormat.HUGGING_FACE);
        BitTransformer back = load(folder.resolve("back"));
        assertEquals(Pairing.HALVES, back.config().ropePairing());
        assertTrue(ModelDifference.between(model, back).isNone());
    }

    @ParameterizedTest
    @EnumSource(value = ExportFormat.class, names = "BITLAB", mode = EnumSource.Mode.EXCLUDE)
    void bfloat16TablesStay(ExportFormat format) throws IOException {
        BitTransformer model = model(BITNET.withEmbeddingFormat(EmbeddingFormat.BFLOAT16));
        AutoBitModel.export(model, null, target(format, "half"), format);
        BitTransformer loaded = load(target(format, "half"));
        assertEquals(model.config(), loaded.config());
        assertArrayEquals(logits(model), logits(loaded));
    }

    @ParameterizedTest
    @CsvSource({"HUGGING_FACE, FLOAT16", "TQ2_0, FLOAT16", "HUGGING_FACE, BFLOAT16", "I2_S, BFLOAT16",
        "BITLAB, BFLOAT16"})
    void exactTablesOfHalfTheBits(ExportFormat format, EmbeddingFormat table) throws IOException {
        BitTransformer model = model(BITNET);
        AutoBitModel.export(model, null, target(format, "half"), format,
                ExportOptions.defaults().withEmbeddingFormat(table));
        assertTrue(ModelDifference.between(model, load(target(format, "half"))).isNone());
    }

    @ParameterizedTest
    @EnumSource(ExportFormat.class)
    void trainingIsExportedAsItsTernaryForm(ExportFormat format) throws IOException {
        BitTransformer model = AutoBitModel.fromConfig(BITNET, 3);
        ExportReport report = AutoBitModel.export(model, null, target(format, "drawn"), format,
                ExportOptions.defaults().withRounding(true));
        assertEquals(Mode.TRAIN, model.mode());
        boolean rounds = format == ExportFormat.TQ1_0 || format == ExportFormat.TQ2_0;
        ModelDifference difference = ModelDifference.between(model, load(target(format, "drawn")));
        assertEquals(0, difference.trits());
        assertEquals(0, difference.floatError());
        assertEquals(report.scaleError(), difference.scaleError(), 1e-9);
        assertTrue(rounds ? difference.scaleError() > 0 && difference.scaleError() <= 0x1p-11
                : difference.scaleError() == 0, difference.toString());
        assertNull(report.tokenizer());
    }

    @ParameterizedTest
    @EnumSource(value = ExportFormat.class, names = {"BITLAB", "TQ1_0", "TQ2_0"})
    void scalesOfRowsAndBlocks(ExportFormat format) throws IOException {
        for (boolean blocks : new boolean[] {false, true}) {
            BitTransformer model = withMatrices(model(BITNET), matrix -> {
                int count = matrix.outFeatures() * (blocks ? matrix.inFeatures() / 256 : 1);
                float[] scales = new float[count];
                for (int i = 0; i < count; i++) {
                    scales[i] = exact(0.01 + i % 97 * 0.001);
                }
                return blocks
                        ? TernaryMatrix.ofBlocks(matrix.trits(), matrix.outFeatures(), matrix.inFeatures(), scales, 256)
                        : TernaryMatrix.of(matrix.trits(), matrix.outFeatures(), matrix.inFeatures(), scales);
            });
            AutoBitModel.export(model, null, target(format, "rows"), format);
            assertArrayEquals(logits(model), logits(load(target(format, "rows"))));
        }
    }

    @Test
    void filesForArm() throws IOException {
        BitTransformer model = model(BITNET);
        Path file = folder.resolve("arm.gguf");
        AutoBitModel.export(model, null, file, ExportFormat.I2_S, ExportOptions.defaults().withI2sLayout(I2sLayout.ARM)
                .withName("of arm"));
        assertTrue(ModelDifference.between(model, AutoBitModel.load(file, BitTransformer.class,
                LoadOptions.defaults().withI2sLayout(I2sLayout.ARM))).isNone());
        assertFalse(ModelDifference.between(model, load(file)).isNone());
        try (GgufFile gguf = GgufFile.open(file)) {
            assertEquals("of arm", gguf.metadata().get("general.name"));
            assertEquals(40L, gguf.metadata().get("general.file_type"));
            assertEquals("bitnet-b1.58", gguf.metadata().get("general.architecture"));
        }
    }

    @Test
    void progressAndScalesOfHuggingFace() throws IOException {
        BitTransformer model = model(BITNET);
        List<Integer> done = new ArrayList<>();
        AutoBitModel.export(model, null, folder.resolve("hf"), ExportFormat.HUGGING_FACE, ExportOptions.defaults()
                .withBfloat16Scales(true).withProgress((_, now, total) -> {
                    done.add(now);
                    assertEquals(24, total);
                }));
        assertEquals(24, done.size());
        assertEquals(24, done.getLast());
        assertTrue(ModelDifference.between(model, load(folder.resolve("hf"))).isNone());
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("hf/model.safetensors"))) {
            assertEquals(DType.BF16, file.info("model.layers.1.mlp.up_proj.weight_scale").dtype());
        }
    }

    @Test
    void roundingIsMeasured() throws IOException {
        BitTransformer model = AutoBitModel.fromConfig(BITNET, 3);
        for (ExportFormat format : ExportFormat.values()) {
            for (EmbeddingFormat table : EmbeddingFormat.values()) {
                boolean none = table == EmbeddingFormat.FLOAT16 && format == ExportFormat.BITLAB
                        || table == EmbeddingFormat.INT8 && format == ExportFormat.HUGGING_FACE
                        || table == EmbeddingFormat.NF4 && format != ExportFormat.BITLAB;
                if (none) {
                    continue;
                }
                ExportReport report = AutoBitModel.export(model, null, target(format, "rounded"), format,
                        ExportOptions.defaults().withRounding(true).withBfloat16Scales(true)
                                .withEmbeddingFormat(table));
                ModelDifference difference = ModelDifference.between(model, load(target(format, "rounded")));
                assertEquals(report.embeddingError(), difference.floatError(), 1e-7, format + " " + table);
                assertEquals(report.scaleError(), difference.scaleError(), 1e-9, format + " " + table);
                assertEquals(table != EmbeddingFormat.FLOAT32, difference.floatError() > 0, format + " " + table);
            }
        }
    }

    // ---------------------------------------------------------------- tokenizers

    @ParameterizedTest
    @EnumSource(ExportFormat.class)
    void tokenizersStayTheSame(ExportFormat format) throws IOException {
        BpeTokenizer tokenizer = tokenizer();
        ExportReport report = AutoBitModel.export(model(BITNET), tokenizer, target(format, "m"), format);
        assertEquals(format.isGguf() ? report.model() : target(format, "m").resolve("tokenizer.json"),
                report.tokenizer());
        Tokenizer read = Tokenizers.ofModel(target(format, "m"));
        Tokenizers.write(tokenizer, folder.resolve("tokenizer.json"));
        Tokenizer fromJson = Tokenizers.read(folder.resolve("tokenizer.json"));
        for (String text : List.of("", "the whale in the other water", " a  whale's tail\n\n12345 Ärger 🐋", "<end>")) {
            assertArrayEquals(fromJson.encode(text), read.encode(text), text);
            assertArrayEquals(fromJson.encodeWithSpecial(text), read.encodeWithSpecial(text), text);
            assertEquals(text, read.decode(read.encode(text)));
        }
        assertEquals(fromJson.eos(), read.eos());
        assertEquals(fromJson.addsBos(), read.addsBos());
    }

    /** Where a file says nothing, transformers take the ids of the model after which the type is named. */
    @Test
    void transformersAreToldThatThereAreNoEnds() throws IOException {
        Path target = folder.resolve("m");
        AutoBitModel.export(model(BITNET), null, target, ExportFormat.HUGGING_FACE);
        Map<String, Object> config = Json.read(target.resolve("config.json"));
        for (String key : List.of("bos_token_id", "eos_token_id")) {
            assertTrue(config.containsKey(key), key);
            assertNull(config.get(key), key);
        }
        AutoBitModel.export(model(BITNET), tokenizer(), target, ExportFormat.HUGGING_FACE);
        assertEquals(tokenizer().eos().orElseThrow(), Json.read(target.resolve("config.json")).get("eos_token_id"));
        assertTrue(Files.exists(target.resolve("tokenizer_config.json")));
    }

    @Test
    void ggufHasNoPlaceForCharacters() throws IOException {
        Path file = folder.resolve("m.gguf");
        Tokenizer characters = CharacterTokenizer.of("abc ");
        ExportReport report = AutoBitModel.export(model(BITNET), characters, file, ExportFormat.I2_S);
        assertEquals(Tokenizers.beside(file), report.tokenizer());
        assertEquals(characters.toMap(), Tokenizers.ofModel(file).toMap());
        try (GgufFile gguf = GgufFile.open(file)) {
            assertEquals("no_vocab", gguf.metadata().get("tokenizer.ggml.model"));
        }
        AutoBitModel.export(model(BITNET), tokenizer(), file, ExportFormat.I2_S);
        assertEquals("the", Tokenizers.ofModel(file).decode(Tokenizers.ofModel(file).encode("the")));
        AutoBitModel.export(model(BITNET), null, file, ExportFormat.I2_S);
        IOException e = assertThrows(IOException.class, () -> Tokenizers.ofModel(file));
        assertTrue(e.getMessage().contains("no tokenizer (tokenizer.ggml.model), and there is no file "
                + "m.gguf.tokenizer.json beside it"),
                e.getMessage());
    }
}
