package io.bitlab.models.pretrained;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.generate.SamplingConfig;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.tokenizer.BpeTokenizer;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.tokenizer.Tokenizers;
import io.bitlab.models.train.TokenDataset;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import io.bitlab.models.transformer.HiddenAct;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * llama.cpp itself reads our exports: it splits texts into the same tokens, and goes on with the same ones. Its binding
 * (de.kherud:llama, with native libraries) is on the class path with {@code -Plong} only; it runs in a separate
 * process.
 */
@Tag("long")
class LlamaCppTest {

    private static final String CORPUS = """
            the whale in the other water is white. there is a storm over the sea, and the men are in the boat.
            Call me Ishmael! some years ago I went to sea; it is a way I have of driving off the spleen.
            where the wind blows, there goes the ship: 12 men, 3 boats and 1 captain with a leg of bone.
            """.repeat(12);

    /** What the model has learnt to go on with. */
    private static final List<String> PROMPTS = List.of("the whale in", "Call me", "where the wind", "there is a storm",
            "the men are in the boat.\nCall");

    /** Only split into tokens. */
    private static final List<String> TEXTS =
            List.of("x", " the  the\n\n whale's", "12345 -1.5e7", "Ärger über 🐋 und 你好",
                    "tab\there", "the<end>the", "I'll we've DON'T", "\u00e9\u0301 \u0628\u064a\u062a", "a  b   c    ");

    private static final int TOKENS = 24;
    private static final int MINUTES = 5;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"TQ1_0, true", "TQ2_0, true", "TQ1_0, false", "TQ2_0, false"})
    void goesOnWithTheSameTokens(ExportFormat format, boolean subNorms) throws Exception {
        String binding = binding();
        BpeTokenizer tokenizer = ExportTest.tokenizer();
        Path file = folder.resolve("model.gguf");
        AutoBitModel.export(trained(tokenizer, subNorms), tokenizer, file, format,
                ExportOptions.defaults().withRounding(true));
        List<String> theirs = runPeer(binding, file);

        BitTransformer model = AutoBitModel.load(file, BitTransformer.class);
        Tokenizer read = Tokenizers.ofModel(file);
        List<String> texts = texts();
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i);
            assertEquals(theirs.get(2 * i), Arrays.toString(read.encodeWithSpecial(text)), text);
            if (i < PROMPTS.size()) {
                String expected = text(theirs.get(2 * i + 1));
                assertEquals(expected, goOn(model, read, text), text);
                assertTrue(CORPUS.contains(expected.substring(expected.length() - 12)), "learnt nothing: " + expected);
            }
        }
    }

    private static List<String> texts() {
        return Stream.concat(PROMPTS.stream(), TEXTS.stream()).toList();
    }

    private static String text(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    }

    /** Trained, because random weights hardly prefer one token to the next, and each program rounds in another way. */
    private static BitTransformer trained(Tokenizer tokenizer, boolean subNorms) throws Exception {
        BitTransformer model = AutoBitModel.fromConfig(BitTransformerConfig
                .builder(tokenizer.vocabularySize(), 256, 2, 4)
                .numKeyValueHeads(2).hiddenAct(HiddenAct.SILU).subNorms(subNorms).maxPositionEmbeddings(256).build(),
                4);
        TokenDataset.Split data = TokenDataset.of(tokenizer.encode(CORPUS), 48).split(0.1);
        AdamW adam = AdamW.builder().parameters(model.parameters()).learningRate(3e-3f).build();
        Trainer.builder(model, adam).epochs(1).batchSize(8).seed(1).clipNorm(1f)
                .schedule(Schedule.cosine().withWarmUp(10)).build()
                .fit(data.train().withSamplesPerEpoch(8 * 150), data.validation());
        model.eval();
        return model;
    }

    private static String goOn(BitTransformer model, Tokenizer tokenizer, String prompt) {
        StringBuilder text = new StringBuilder();
        TextGenerator.builder(model, tokenizer).maxTokens(TOKENS).sampling(SamplingConfig.GREEDY).build()
                .generate(prompt, text::append);
        return text.toString();
    }

    // ---------------------------------------------------------------- the other program

    private static String binding() {
        Optional<String> jar = Pattern.compile(Pattern.quote(File.pathSeparator))
                .splitAsStream(System.getProperty("java.class.path"))
                .filter(entry -> Path.of(entry).getFileName().toString().matches("llama-\\d.*\\.jar")).findFirst();
        assumeTrue(jar.isPresent(), "de.kherud:llama is not on the class path; it is with -Plong");
        return jar.orElseThrow();
    }

    private List<String> runPeer(String binding, Path model) throws IOException, InterruptedException {
        Path texts = folder.resolve("texts");
        Path results = folder.resolve("results");
        Path log = folder.resolve("log");
        Files.write(texts, texts().stream()
                .map(text -> Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8))).toList());
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "-cp", binding, "src/test/resources/llama/LlamaPeer.java",
                model.toString(), texts.toString(), results.toString(), Integer.toString(TOKENS))
                .redirectErrorStream(true).redirectOutput(log.toFile()).start();
        boolean ended = process.waitFor(MINUTES, TimeUnit.MINUTES);
        if (!ended) {
            process.destroyForcibly();
        }
        String output = Files.readString(log, StandardCharsets.ISO_8859_1);
        assumeTrue(!output.contains("UnsatisfiedLinkError"), "llama.cpp has no library for this platform: " + output);
        assertTrue(ended && process.exitValue() == 0, "llama.cpp ended with "
                + (ended ? process.exitValue() : "nothing in " + MINUTES + " minutes") + ": " + output);
        return Files.readAllLines(results);
    }
}
