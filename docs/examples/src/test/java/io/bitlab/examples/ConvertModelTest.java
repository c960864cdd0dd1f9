package io.bitlab.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.AutoBitModel;
import io.bitlab.models.ModelDifference;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.text.CharacterTokenizer;
import io.bitlab.models.text.Tokenizers;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Conversion, inspection and text of a tiny model in each format. */
@ResourceLock(Resources.SYSTEM_OUT)
class ConvertModelTest {

    private static final String ALPHABET = "abcdefghij klmnopqrstuvwxyz";

    @TempDir
    Path folder;
    private Path own;

    @BeforeEach
    void save() throws IOException {
        own = folder.resolve("own");
        CharacterTokenizer tokenizer = CharacterTokenizer.of(ALPHABET);
        BitTransformer model = AutoBitModel.fromConfig(BitTransformerConfig
                .builder(tokenizer.vocabularySize(), 256, 1, 4).intermediateSize(256).maxPositions(32).build(), 7);
        AutoBitModel.save(model, own);
        Tokenizers.write(tokenizer, own.resolve("tokenizer.json"));
    }

    /** A program's {@code main}. */
    private interface Program {
        void main(String... arguments);
    }

    private static String outputOf(Program program, String... arguments) {
        PrintStream out = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
            program.main(arguments);
        } finally {
            System.setOut(out);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static void assertContains(String text, String... parts) {
        for (String part : parts) {
            assertTrue(text.contains(part), "expected '" + part + "' in: " + text);
        }
    }

    @ParameterizedTest
    @CsvSource({"bitlab, base 3, true, 1.6", "huggingface, packed, true, 2.00", "tq1_0, TQ1_0, false, 1.69",
        "tq2_0, TQ2_0, false, 2.06", "i2_s, I2_S, true, 2.0"})
    void everyFormatIsWrittenInspectedAndUsed(String format, String type, boolean exact, String bits) {
        boolean gguf = format.contains("_");
        Path target = folder.resolve(gguf ? "model.gguf" : "model");
        String converted = outputOf(ConvertModel::main, own.toString(), target.toString(), "--to", format,
                "--allow-rounding");
        assertContains(converted, "writing " + target + ": 13 of 13 tensors", "checked: 13 tensors, 0 ternary weights"
                + " differ", exact ? "the same model, exactly" : "the same model, rounded as allowed");
        String inspected = outputOf(InspectModel::main, target.toString());
        assertContains(inspected, "architecture", type, bits, "[256, 256]", "tokenizer: CharacterTokenizer, 27 tokens",
                "runs here, as BitTransformer, deployed");
        assertEquals(7, inspected.lines().filter(line -> line.contains(type)).count(), inspected);
        String text = outputOf(GenerateText::main, "--model", target.toString(), "--prompt", "abc", "--tokens", "5",
                "--temperature", "0", "--threads", "1");
        String before = outputOf(GenerateText::main, "--model", own.toString(), "--prompt", "abc", "--tokens", "5",
                "--temperature", "0", "--threads", "1");
        assertEquals(before.lines().findFirst(), text.lines().findFirst());
        Path back = folder.resolve("back");
        assertContains(outputOf(ConvertModel::main, target.toString(), back.toString(), "--to", "bitlab"),
                "the same model, exactly");
    }

    @Test
    void tablesAreRoundedWhenAllowed() {
        assertContains(outputOf(ConvertModel::main, own.toString(), folder.resolve("m.gguf").toString(), "--to", "I2_S",
                "--table", "int8", "--allow-rounding"), "the same model, rounded as allowed");
        assertContains(outputOf(InspectModel::main, folder.resolve("m.gguf").toString()), "Q8_0", "8.50");
    }

    @Test
    void filesOfArmAreReadAndWrittenWhenAsked() throws IOException {
        Path arm = folder.resolve("arm.gguf");
        Path x86 = folder.resolve("x86.gguf");
        outputOf(ConvertModel::main, own.toString(), x86.toString(), "--to", "i2s");
        assertContains(
                outputOf(ConvertModel::main, own.toString(), arm.toString(), "--to", "i2s", "--write-i2s", "ARM"),
                "the same model, exactly");
        Path back = folder.resolve("back.gguf");
        outputOf(ConvertModel::main, arm.toString(), back.toString(), "--to", "i2s", "--read-i2s", "ARM");
        assertNotEquals(-1, Files.mismatch(x86, arm));
        ModelDifference difference = ModelDifference.between(
                AutoBitModel.load(x86, BitTransformer.class), AutoBitModel.load(back, BitTransformer.class));
        assertTrue(difference.isNone());
        assertContains(outputOf(InspectModel::main, arm.toString(), "--read-i2s", "ARM"), "runs here");
    }

    @Test
    void whatDoesNotRunHere() throws IOException {
        Path config = folder.resolve("model/config.json");
        outputOf(ConvertModel::main, own.toString(), folder.resolve("model").toString(), "--to", "huggingface");
        Files.writeString(config, Files.readString(config).replace("BitNetForCausalLM", "FalconForCausalLM"));
        assertContains(outputOf(InspectModel::main, folder.resolve("model").toString()),
                "architecture [FalconForCausalLM]", "packed", "does NOT run here",
                "architecture FalconForCausalLM is not supported");
        Files.write(folder.resolve("broken.gguf"), new byte[] {1, 2, 3});
        assertContains(outputOf(InspectModel::main, folder.resolve("broken.gguf").toString()), "the list ends here",
                "tokenizer: none that can be read", "does NOT run here");
    }

    @Test
    void otherModelsAreInspectedToo() throws IOException {
        Path mlp = folder.resolve("mlp");
        AutoBitModel.save(AutoBitModel.fromConfig(BitMlpConfig.builder().inChannels(4).outChannels(2).build()), mlp);
        assertContains(outputOf(InspectModel::main, mlp.toString()), "BitLab folder, architecture bitmlp", "F32",
                "runs here, as BitMlp, eval");
    }
}
