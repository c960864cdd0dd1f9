package io.bitlab.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.AutoBitModel;
import io.bitlab.models.generate.ChatTemplate;
import io.bitlab.models.generate.ChatTemplates;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.gguf.GgufType;
import io.bitlab.models.io.gguf.GgufWriter;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.pretrained.ModelDifference;
import io.bitlab.models.tokenizer.CharacterTokenizer;
import io.bitlab.models.tokenizer.Tokenizers;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Conversion, inspection and text of a tiny model in each format. */
@ResourceLock(Resources.SYSTEM_OUT)
class ConvertCommandTest {

    private static final String ALPHABET = "abcdefghij klmnopqrstuvwxyz";

    @TempDir
    Path folder;
    private Path own;

    @BeforeEach
    void save() throws IOException {
        own = folder.resolve("own");
        CharacterTokenizer tokenizer = CharacterTokenizer.of(ALPHABET);
        BitTransformer model = AutoBitModel.fromConfig(BitTransformerConfig
                .builder(tokenizer.vocabularySize(), 256, 1, 4).intermediateSize(256).maxPositionEmbeddings(32).build(),
                7);
        AutoBitModel.save(model, own);
        Tokenizers.write(tokenizer, own.resolve("tokenizer.json"));
        ChatTemplates.write(ChatTemplate.LLAMA3, own);
    }

    private static void assertContains(String text, String... parts) {
        for (String part : parts) {
            assertTrue(text.contains(part), "expected '" + part + "' in: " + text);
        }
    }

    @ParameterizedTest
    @CsvSource({"bitlab, base 3, true, 1.6", "huggingface, packed, true, 2.00", "tq1_0, TQ1_0, false, 1.69",
        "tq2_0, TQ2_0, false, 2.06", "i2_s, I2_S, true, 2.0"})
    void everyFormatIsWrittenInspectedAndUsed(String format, String type, boolean exact, String bits)
            throws IOException {
        boolean gguf = format.contains("_");
        Path target = folder.resolve(gguf ? "model.gguf" : "model");
        String converted = CommandRun.outputOf("convert", own.toString(), target.toString(), "--to", format,
                "--allow-rounding");
        assertContains(converted, "writing " + target + ": 13 of 13 tensors", "checked: 13 tensors, 0 ternary weights"
                + " differ", exact ? "the same model, exactly" : "the same model, rounded as allowed");
        assertEquals(Optional.of(ChatTemplate.LLAMA3), ChatTemplates.ofModel(target));
        String inspected = CommandRun.outputOf("inspect", target.toString());
        assertContains(inspected, "architecture", type, bits, "[256, 256]", "tokenizer: CharacterTokenizer, 27 tokens",
                "runs here, as BitTransformer, deployed");
        assertEquals(7, inspected.lines().filter(line -> line.contains(type)).count(), inspected);
        Map<String, Object> json = Json.parse(CommandRun.outputOf("inspect", target.toString(), "--json"), "");
        assertEquals(List.of(true, "BitTransformer", "deployed", List.of()),
                List.of(json.get("runs"), json.get("class"), json.get("mode"), json.get("problems")));
        List<?> tensors = (List<?>) json.get("tensors");
        assertEquals(inspected.lines().skip(1).filter(line -> line.contains("[")).count(), tensors.size());
        assertEquals(7, tensors.stream().filter(tensor -> ((Map<?, ?>) tensor).get("type").equals(type)).count());
        String text = CommandRun.outputOf("generate", "--model", target.toString(), "--prompt", "abc", "--tokens", "5",
                "--temperature", "0", "--threads", "1");
        String before = CommandRun.outputOf("generate", "--model", own.toString(), "--prompt", "abc", "--tokens", "5",
                "--temperature", "0", "--threads", "1");
        assertEquals(before.lines().findFirst(), text.lines().findFirst());
        Path back = folder.resolve("back");
        assertContains(CommandRun.outputOf("convert", target.toString(), back.toString(), "--to", "bitlab"),
                "the same model, exactly");
    }

    @Test
    void tablesAreRoundedWhenAllowed() {
        assertContains(
                CommandRun.outputOf("convert", own.toString(), folder.resolve("m.gguf").toString(), "--to", "I2_S",
                        "--table", "int8", "--allow-rounding"),
                "the same model, rounded as allowed");
        assertContains(CommandRun.outputOf("inspect", folder.resolve("m.gguf").toString()), "Q8_0", "8.50");
    }

    @Test
    void filesOfArmAreReadAndWrittenWhenAsked() throws IOException {
        Path arm = folder.resolve("arm.gguf");
        Path x86 = folder.resolve("x86.gguf");
        CommandRun.outputOf("convert", own.toString(), x86.toString(), "--to", "i2s");
        assertContains(
                CommandRun.outputOf("convert", own.toString(), arm.toString(), "--to", "i2s", "--write-i2s", "ARM"),
                "the same model, exactly");
        Path back = folder.resolve("back.gguf");
        CommandRun.outputOf("convert", arm.toString(), back.toString(), "--to", "i2s", "--read-i2s", "ARM");
        assertNotEquals(-1, Files.mismatch(x86, arm));
        ModelDifference difference = ModelDifference.between(
                AutoBitModel.load(x86, BitTransformer.class), AutoBitModel.load(back, BitTransformer.class));
        assertTrue(difference.isNone());
        assertContains(CommandRun.outputOf("inspect", arm.toString(), "--read-i2s", "ARM"), "runs here");
    }

    @Test
    void whatDoesNotRunHere() throws IOException {
        Path config = folder.resolve("model/config.json");
        CommandRun.outputOf("convert", own.toString(), folder.resolve("model").toString(), "--to", "huggingface");
        Files.writeString(config, Files.readString(config).replace("BitNetForCausalLM", "FalconForCausalLM"));
        assertContains(inspectWhatDoesNotRun(folder.resolve("model")),
                "architecture [FalconForCausalLM]", "packed", "does NOT run here",
                "architecture 'FalconForCausalLM' is not supported");
        Files.write(folder.resolve("broken.gguf"), new byte[] {1, 2, 3});
        assertContains(inspectWhatDoesNotRun(folder.resolve("broken.gguf")), "the list ends here",
                "tokenizer: none that can be read", "does NOT run here");
        CommandRun run = CommandRun.of("inspect", folder.resolve("broken.gguf").toString(), "--json");
        assertEquals(1, run.status());
        assertContains(run.output(), "{\"runs\":false,", "\"problem\":\"does NOT run here\"", "\"tensors\":[]");
    }

    private static String inspectWhatDoesNotRun(Path path) {
        CommandRun run = CommandRun.of("inspect", path.toString());
        assertEquals(1, run.status(), run.errors());
        return run.output();
    }

    private static void assertSaidOnce(String reason, String text) {
        assertEquals(2, text.split(Pattern.quote(reason), -1).length, text);
    }

    /** As llama-quantize writes files: most of the tensors are of types that are read here, and one is not. */
    @Test
    void ofAFileWithOneUnsupportedTensorTheRestIsListedAndTheReasonSaidOnce() throws IOException {
        Path gguf = folder.resolve("mixed.gguf");
        new GgufWriter().put("general.architecture", "llama").floats("first", GgufType.F32, () -> new float[32], 32)
                .floats("second", GgufType.BF16, () -> new float[64], 2, 32)
                .floats("third", GgufType.F16, () -> new float[32], 32).write(gguf);
        byte[] bytes = Files.readAllBytes(gguf);
        String header = new String(bytes, StandardCharsets.ISO_8859_1);
        int type = header.indexOf("third") + "third".length() + 4 + 8; // behind the rank and one dimension
        assertEquals(GgufType.F16.id(), bytes[type]);
        bytes[type] = 16; // IQ2_XXS
        Files.write(gguf, bytes);
        String inspected = inspectWhatDoesNotRun(gguf);
        assertContains(inspected, "GGUF file, architecture llama", "[2, 32]", "BF16", "does NOT run here",
                "the list ends here: " + gguf + ": tensor 'third'");
        assertSaidOnce("IQ2_XXS", inspected);
    }

    @Test
    void ofAFolderWithOneUnsupportedTensorTheRestIsListedAndTheReasonSaidOnce() throws IOException {
        Path model = folder.resolve("model");
        CommandRun.outputOf("convert", own.toString(), model.toString(), "--to", "huggingface", "--table", "bfloat16",
                "--allow-rounding");
        Path file = model.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(file);
        String header = new String(bytes, StandardCharsets.ISO_8859_1);
        int last = header.lastIndexOf("\"dtype\":\"F32\"");
        bytes[last + 10] = '8'; // F82: there is no such type
        Files.write(file, bytes);
        String inspected = inspectWhatDoesNotRun(model);
        assertContains(inspected, "architecture [BitNetForCausalLM]", "model.embed_tokens.weight", "does NOT run here",
                "the list of model.safetensors ends here");
        assertSaidOnce("'F82'", inspected);
    }

    @Test
    void ofAFolderWithoutAConfigurationTheTensorsAreListed() throws IOException {
        Path model = folder.resolve("model");
        CommandRun.outputOf("convert", own.toString(), model.toString(), "--to", "huggingface");
        Files.delete(model.resolve("config.json"));
        assertContains(inspectWhatDoesNotRun(model), "model.embed_tokens.weight", "does NOT run here", "config.json");
    }

    @Test
    void otherModelsAreInspectedToo() throws IOException {
        Path mlp = folder.resolve("mlp");
        AutoBitModel.save(AutoBitModel.fromConfig(BitMlpConfig.builder().inChannels(4).outChannels(2).build()), mlp);
        assertContains(CommandRun.outputOf("inspect", mlp.toString()), "BitLab folder, architecture bitmlp", "F32",
                "runs here, as BitMlp, eval");
    }
}
