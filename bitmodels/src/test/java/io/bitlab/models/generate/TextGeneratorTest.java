package io.bitlab.models.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.bitlab.layers.attention.KvCache;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.testing.LettersWithMarks;
import io.bitlab.models.tokenizer.ByteTokenizer;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import io.bitlab.models.transformer.DecodingSession;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TextGeneratorTest {

    /** Draws from everything: a model that has learnt nothing varies enough then. */
    private static final SamplingConfig ALL = new SamplingConfig(1f, 0, 1f, 0f, 1f, 64, 9);

    private static final Tokenizer BYTES = new ByteTokenizer();
    private static final LettersWithMarks LETTERS = LettersWithMarks.create();
    private static final BitTransformer MODEL = model(256, 1024);

    static BitTransformer model(int vocabulary, int positions) {
        // a wide initialisation, so that what was said before has a large influence
        BitTransformer model = AutoBitModel.fromConfig(BitTransformerConfig.builder(vocabulary, 32, 1, 2)
                .maxPositionEmbeddings(positions).initializerRange(0.5f).build(), 3);
        model.eval();
        return model;
    }

    private static TextGeneratorBuilder letters() {
        return TextGenerator.builder(MODEL, LETTERS).sampling(ALL).stopTokens();
    }

    private static TextGeneratorBuilder bytes() {
        return TextGenerator.builder(MODEL, BYTES).sampling(ALL);
    }

    private static int[] drawn(BitTransformer model, KvCache cache, SamplingConfig sampling, int[] prompt, int tokens) {
        DecodingSession session = model.newSession(cache);
        Sampler sampler = new Sampler(sampling, model.config().vocabSize());
        int[] text = Arrays.copyOf(prompt, prompt.length + tokens);
        float[] logits = session.append(prompt);
        for (int at = prompt.length; at < text.length; at++) {
            text[at] = sampler.next(logits, text, at);
            logits = session.append(text[at]);
        }
        return Arrays.copyOfRange(text, prompt.length, text.length);
    }

    @Test
    void tokensAreThoseOfSamplerAndConversation() {
        for (SamplingConfig sampling : List.of(SamplingConfig.GREEDY, ALL, SamplingConfig.TEXT,
                ALL.withRepetitionPenalty(1.3f, 8))) {
            Generation generation = bytes().sampling(sampling).maxTokens(50).build().generate("To be");
            assertArrayEquals(drawn(MODEL, MODEL.cacheBuilder().build(), sampling, BYTES.encode("To be"), 50),
                    generation.tokens(), sampling.toString());
            assertEquals(FinishReason.MAX_TOKENS, generation.reason());
        }
    }

    @Test
    void greedyTakesTheLargestLogit() {
        DecodingSession session = MODEL.newSession();
        float[] logits = session.append(BYTES.encode("x"));
        int best = 0;
        for (int i = 0; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        assertEquals(best, bytes().sampling(SamplingConfig.GREEDY).maxTokens(1).build().generate("x").tokens()[0]);
    }

    @Test
    void theSeedDecidesAndABrokenOffTextGoesOnAsItWouldHave() {
        TextGenerator generator = letters().maxTokens(60).build();
        Generation whole = generator.generate("once upon");
        assertArrayEquals(whole.tokens(), generator.generate("once upon").tokens());
        assertNotEquals(whole.text(), letters().sampling(ALL.withSeed(1)).build().generate("once upon").text());
        int[] prompt = LETTERS.encode("once upon");
        int[] begun = new int[prompt.length + 1 + 20];
        begun[0] = LETTERS.bos().orElseThrow();
        System.arraycopy(prompt, 0, begun, 1, prompt.length);
        System.arraycopy(whole.tokens(), 0, begun, 1 + prompt.length, 20);
        assertArrayEquals(Arrays.copyOfRange(whole.tokens(), 20, 60),
                letters().maxTokens(40).build().generate(begun, text -> {}).tokens());
    }

    @Test
    void piecesAreWholeCharactersAndTogetherTheText() {
        for (int seed = 0; seed < 5; seed++) {
            List<String> pieces = new ArrayList<>();
            Generation generation = bytes().sampling(ALL.withSeed(seed)).stopStrings("e", "\u00e4x").build()
                    .generate("Gr\u00fc\u00dfe", pieces::add);
            assertEquals(generation.text(), String.join("", pieces));
            assertFalse(pieces.contains(""));
            String decoded = BYTES.decode(generation.tokens());
            assertEquals(generation.reason() == FinishReason.STOP_STRING ? decoded.replaceAll("(?s)e.*", "") : decoded,
                    generation.text());
        }
    }

    @Test
    void stopStringsReachAcrossTokensAndAreNotShown() {
        String all = letters().maxTokens(80).build().generate("a").text();
        for (int at : new int[] {0, 7, 30}) {
            String stop = all.substring(at, at + 3);
            List<String> pieces = new ArrayList<>();
            Generation generation = letters().maxTokens(80).stopStrings(stop, "never seen").build()
                    .generate("a", pieces::add);
            assertEquals(all.substring(0, all.indexOf(stop)), generation.text());
            assertEquals(generation.text(), String.join("", pieces));
            assertEquals(FinishReason.STOP_STRING, generation.reason());
            assertTrue(LETTERS.decode(generation.tokens()).endsWith(stop));
        }
    }

    @Test
    void heldBackTextIsReleasedAtTheEnd() {
        String all = letters().maxTokens(20).build().generate("a").text();
        String end = all.substring(all.length() - 4);
        List<String> pieces = new ArrayList<>();
        Generation generation = letters().maxTokens(20).stopStrings(end + "never").build().generate("a", pieces::add);
        assertEquals(all, generation.text());
        assertEquals(end, pieces.getLast());
        assertEquals(FinishReason.MAX_TOKENS, generation.reason());
    }

    @Test
    void stopTokensEndTheTextAndAreNotPartOfIt() {
        int[] tokens = letters().maxTokens(30).build().generate("a").tokens();
        int stop = tokens[9];
        Generation generation = letters().stopTokens(stop).build().generate("a");
        int first = 0;
        while (tokens[first] != stop) {
            first++;
        }
        assertArrayEquals(Arrays.copyOf(tokens, first + 1), generation.tokens());
        assertEquals(LETTERS.decode(Arrays.copyOf(tokens, first)), generation.text());
        assertEquals(FinishReason.END_TOKEN, generation.reason());
        Generation byDefault = TextGenerator.builder(MODEL, LETTERS).sampling(ALL.withTemperature(9f)).maxTokens(1000)
                .build().generate("a");
        assertEquals(FinishReason.END_TOKEN, byDefault.reason());
        assertTrue(LETTERS.endTokens().contains(byDefault.tokens()[byDefault.tokens().length - 1]));
    }

    @Test
    void cancellingReturnsWhatThereIs() {
        TextGenerator generator = letters().maxTokens(100).build();
        Generation whole = generator.generate("a");
        StringBuilder shown = new StringBuilder();
        Generation part = generator.generate("a", shown::append, () -> shown.length() >= 5);
        assertEquals(FinishReason.CANCELLED, part.reason());
        assertEquals(whole.text().substring(0, 5), part.text());
        assertEquals(shown.toString(), part.text());

        AtomicInteger looks = new AtomicInteger();
        Generation inPrompt = generator.generate(new int[300], shown::append, () -> looks.incrementAndGet() > 2);
        assertEquals(FinishReason.CANCELLED, inPrompt.reason());
        assertEquals(256, inPrompt.stats().promptTokens());
        assertEquals(0, inPrompt.tokens().length);
        assertEquals("", inPrompt.text());
    }

    @Test
    void anInterruptCancelsAndStays() {
        try {
            Generation part = letters().build().generate("a", text -> Thread.currentThread().interrupt());
            assertEquals(FinishReason.CANCELLED, part.reason());
            assertEquals(1, part.text().length());
        } finally {
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void theContextEnds() {
        BitTransformer small = model(256, 20);
        TextGenerator generator = TextGenerator.builder(small, BYTES).sampling(ALL).build();
        Generation generation = generator.generate("hello");
        assertEquals(FinishReason.CONTEXT_FULL, generation.reason());
        assertEquals(16, generation.tokens().length); // the last one is drawn, but has no place
        assertEquals(1, generator.generate("12345678901234567890").tokens().length);
        assertEquals(List.of(), refused(generator, "123456789012345678901",
                "TextGenerator: the prompt has 21 tokens, expected at most 20, the context"));
    }

    @Test
    void aSlidingWindowGoesOn() {
        BitTransformer small = model(256, 20);
        int[] prompt = BYTES.encode("a prompt that is longer than the window is");
        for (boolean rounded : new boolean[] {false, true}) {
            Generation generation = TextGenerator.builder(small, BYTES).sampling(ALL).maxTokens(150)
                    .cache(c -> c.capacity(30).slidingWindow(true).bfloat16(rounded)).build()
                    .generate(prompt, text -> {});
            assertEquals(FinishReason.MAX_TOKENS, generation.reason());
            assertArrayEquals(
                    drawn(small, small.cacheBuilder().capacity(30).slidingWindow(true).bfloat16(rounded).build(),
                            ALL, prompt, 150),
                    generation.tokens());
        }
    }

    @Test
    void aTokenForTheBeginningComesFirst() {
        int bos = LETTERS.bos().orElseThrow();
        int[] ab = LETTERS.encode("ab");
        Generation with = letters().maxTokens(20).build().generate("ab");
        assertEquals(3, with.stats().promptTokens());
        assertArrayEquals(letters().maxTokens(20).build().generate(new int[] {bos, ab[0], ab[1]}, text -> {}).tokens(),
                with.tokens());
        TextGenerator without = letters().addBos(false).maxTokens(20).build();
        assertEquals(2, without.generate("ab").stats().promptTokens());
        assertEquals(1, without.generate("").stats().promptTokens());
        assertEquals(1, letters().build().generate("").stats().promptTokens());
        assertEquals(1, letters().build().generate(new int[0], text -> {}).stats().promptTokens());
        assertEquals(List.of(), refused(bytes().build(), "", "TextGenerator: the prompt is empty"));
        String message = assertThrows(IllegalArgumentException.class, () -> bytes().addBos(true)).getMessage();
        assertEquals("TextGenerator: addBos is true, expected false: the tokenizer has no beginning-of-text token",
                message);
    }

    private static List<String> refused(TextGenerator generator, String prompt, String start) {
        List<String> pieces = new ArrayList<>();
        String message = assertThrows(IllegalArgumentException.class, () -> generator.generate(prompt, pieces::add))
                .getMessage();
        assertTrue(message.startsWith(start), message);
        return pieces;
    }

    @Test
    void wrongSettingsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> bytes().maxTokens(0));
        assertThrows(IllegalArgumentException.class, () -> bytes().stopStrings("a", ""));
        BitTransformer small = model(255, 20);
        String message = assertThrows(IllegalArgumentException.class, () -> TextGenerator.builder(small, BYTES))
                .getMessage();
        assertTrue(message.startsWith("TextGenerator: the tokenizer has 256 tokens, expected at most 255"), message);
    }

    @Test
    void threadsWithOneModelDontDisturbEachOther() throws Exception {
        TextGenerator one = letters().maxTokens(150).build();
        TextGenerator two = bytes().sampling(SamplingConfig.TEXT).maxTokens(150).build();
        int[] first = one.generate("first").tokens();
        int[] second = two.generate("second").tokens();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<Generation>> runs = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                boolean even = i % 2 == 0;
                runs.add(threads.submit(() -> even ? one.generate("first") : two.generate("second")));
            }
            for (int i = 0; i < 8; i++) {
                assertArrayEquals(i % 2 == 0 ? first : second, runs.get(i).get().tokens(), "run " + i);
            }
        }
    }

    @Test
    void statsCountAndMeasure() {
        GenerationStats stats = letters().maxTokens(30).build().generate("abc").stats();
        assertEquals(4, stats.promptTokens());
        assertEquals(30, stats.generatedTokens());
        assertTrue(stats.promptSeconds() > 0 && stats.generationSeconds() > 0, stats.toString());
        assertEquals(30 / stats.generationSeconds(), stats.generatedTokensPerSecond(), 1e-9);
        assertEquals(0, new GenerationStats(1, 0, 0, 0).promptTokensPerSecond());
        assertEquals(8, new GenerationStats(2, 0, 0.25, 0).promptTokensPerSecond());
    }

    /** Vectors are objects until C2 has compiled what uses them: in the first thousands of tokens, anything may be. */
    @Test
    void aTokenAllocatesLittleOnceCompiled() {
        TextGenerator longer = bytes().sampling(SamplingConfig.TEXT).maxTokens(600).build();
        TextGenerator shorter = bytes().sampling(SamplingConfig.TEXT).maxTokens(100).build();
        long each = Long.MAX_VALUE;
        for (int round = 0; round < 60 && each > 100_000; round++) {
            each = (allocated(longer) - allocated(shorter)) / 500;
        }
        assertTrue(each <= 100_000, each + " bytes a token");
    }

    private static long allocated(TextGenerator generator) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        generator.generate("allocated");
        return threads.getCurrentThreadAllocatedBytes() - before;
    }
}
