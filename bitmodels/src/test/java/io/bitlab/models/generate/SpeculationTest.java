package io.bitlab.models.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.layers.optim.AdamW;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.grammar.Grammar;
import io.bitlab.models.tokenizer.ByteTokenizer;
import io.bitlab.models.tokenizer.CharacterTokenizer;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.train.TokenDataset;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.transformer.BatchedDecoder;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** With guesses, everything is as without them. */
class SpeculationTest {

    private static final CharacterTokenizer LETTERS = CharacterTokenizer.of("abcdefgh .");
    private static final Tokenizer BYTES = new ByteTokenizer();
    private static final String VERSE = "abba had a bad cab. a cab had abba. ";
    private static final BitTransformer LEARNT = learnt();
    private static final BitTransformer RANDOM = random(LETTERS.vocabularySize(), 200, 3);
    private static final BitTransformer SMALL = random(LETTERS.vocabularySize(), 20, 4);

    private static BitTransformer random(int vocabulary, int positions, long seed) {
        BitTransformer model = AutoBitModel.fromConfig(BitTransformerConfig.builder(vocabulary, 32, 1, 2)
                .maxPositionEmbeddings(positions).initializerRange(0.5f).build(), seed);
        model.eval();
        return model;
    }

    /** A model that knows its verse. */
    private static BitTransformer learnt() {
        BitTransformer model = AutoBitModel.fromConfig(BitTransformerConfig
                .builder(LETTERS.vocabularySize(), 32, 1, 2).maxPositionEmbeddings(200).build(), 1);
        TokenDataset data = TokenDataset.of(LETTERS.encode(VERSE.repeat(20)), 32).withSamplesPerEpoch(8 * 60);
        Trainer.builder(model, new AdamW(model.parameters(), 1e-2f)).epochs(1).batchSize(8).seed(1).build()
                .fit(data, null);
        model.eval();
        return model;
    }

    /** What a generation gives, and tells while it runs. */
    private record Result(String text, List<Integer> tokens, FinishReason reason,
            List<List<Object>> logProbabilities, List<String> pieces, List<Integer> processed, int polls) {
    }

    private static List<Object> bits(LogProbabilities of) {
        List<Object> all = new ArrayList<>();
        Stream.concat(Stream.of(of.chosen()), of.mostLikely().stream())
                .forEach(each -> all.addAll(List.of(each.token(), each.logProbability())));
        return all;
    }

    /** Runs a generator that stops after some polls, or is interrupted. */
    private static Result run(TextGeneratorBuilder builder, String prompt, int polls, boolean interrupt,
            AtomicInteger[] counts) {
        List<String> pieces = new ArrayList<>();
        List<Integer> processed = new ArrayList<>();
        AtomicInteger polled = new AtomicInteger();
        TextGenerator generator = builder.logits(() -> (logits, text, length) -> {
            processed.add(Arrays.hashCode(Arrays.copyOf(text, length)) + Arrays.hashCode(logits));
            logits[Math.floorMod(Arrays.hashCode(Arrays.copyOf(text, length)), logits.length)] -= 0.5f;
        }).build();
        try {
            Generation found = generator.generate(prompt, pieces::add, () -> {
                if (polled.incrementAndGet() > polls) {
                    if (interrupt) {
                        Thread.currentThread().interrupt();
                    }
                    return !interrupt;
                }
                return false;
            });
            counts[0].addAndGet(found.stats().proposedTokens());
            counts[1].addAndGet(found.stats().acceptedTokens());
            return new Result(found.text(), Arrays.stream(found.tokens()).boxed().toList(), found.reason(),
                    found.logProbabilities().stream().map(SpeculationTest::bits).toList(), pieces, processed,
                    polled.get());
        } finally {
            assertEquals(interrupt && polled.get() > polls, Thread.interrupted());
        }
    }

    /** One of everything that can be set, by chance; compared with the same without guesses. */
    private static void compare(long seed, AtomicInteger... counts) {
        Random random = new Random(seed);
        BitTransformer model = random.nextBoolean() ? LEARNT : RANDOM;
        StringBuilder prompt = new StringBuilder(random.nextBoolean() ? VERSE : "a");
        for (int i = random.nextInt(30); i > 0; i--) {
            prompt.append("abcdefgh .".charAt(random.nextInt(10)));
        }
        SamplingConfig sampling = new SamplingConfig(new float[] {0f, 0f, 0.3f, 0.8f, 1.2f}[random.nextInt(5)],
                random.nextInt(3) * 4, random.nextBoolean() ? 1f : 0.9f, random.nextInt(3) == 0 ? 0.1f : 0f,
                random.nextInt(3) == 0 ? 1.2f : 1f, 1 + random.nextInt(20), seed);
        boolean sliding = random.nextInt(3) == 0;
        int capacity = sliding ? 40 + random.nextInt(100) : 70 + random.nextInt(130);
        TextGeneratorBuilder plain = TextGenerator.builder(model, LETTERS).sampling(sampling)
                .maxTokens(1 + random.nextInt(sliding ? 300 : 150))
                .cache(cache -> cache.capacity(capacity).slidingWindow(sliding).bfloat16(seed % 5 == 0));
        if (random.nextInt(3) == 0) {
            plain.logProbabilities(random.nextInt(3));
        }
        if (random.nextInt(3) == 0) {
            plain.stopStrings("gg", "a ca", "h.h");
        }
        if (random.nextInt(4) == 0) {
            plain.stopTokens(random.nextInt(10));
        } else if (random.nextInt(3) == 0) {
            plain.grammar(Grammar.regex(random.nextBoolean() ? "([a-h]{2,5} )*[a-h]{0,5}\\." : "(abba |cab |[a-d])+"));
        }
        if (random.nextInt(4) == 0) {
            plain.decoder(BatchedDecoder.builder(model).stepTokens(1 + random.nextInt(8)).build());
        }
        int polls = random.nextInt(4) == 0 ? random.nextInt(40) : Integer.MAX_VALUE;
        boolean interrupt = random.nextBoolean();
        BitTransformer draft = new BitTransformer[] {LEARNT, RANDOM, SMALL}[random.nextInt(3)];
        Speculation speculation = (random.nextBoolean() ? Speculation.promptLookup() : Speculation.draft(draft))
                .withMostTokens(1 + random.nextInt(20)).withClock(random.nextInt(8) == 0 ? System::nanoTime : () -> 0);
        TextGeneratorBuilder guessing = plain.build().toBuilder().speculation(speculation);
        String name = "case " + seed + ": " + speculation + ", " + sampling + ", after '" + prompt + "'";
        AtomicInteger[] none = {new AtomicInteger(), new AtomicInteger()};
        Result expected = run(plain, prompt.toString(), polls, interrupt, none);
        assertEquals(0, none[0].get());
        assertEquals(expected, run(guessing, prompt.toString(), polls, interrupt, counts), name);
    }

    @Test
    void everythingIsAsWithout() {
        AtomicInteger[] counts = {new AtomicInteger(), new AtomicInteger()};
        for (int seed = 0; seed < 60; seed++) {
            compare(seed, counts);
        }
        assertTrue(counts[1].get() > 500, "accepted " + counts[1]);
        assertTrue(counts[0].get() - counts[1].get() > 500, "proposed " + counts[0]);
    }

    @Test
    @Tag("long")
    void everythingIsAsWithoutInManyCases() {
        AtomicInteger[] counts = {new AtomicInteger(), new AtomicInteger()};
        for (int seed = 1000; seed < 2000; seed++) {
            compare(seed, counts);
        }
    }

    @Test
    void theModelItselfGuessesRight() {
        TextGenerator plain = TextGenerator.builder(RANDOM, LETTERS).sampling(SamplingConfig.GREEDY).maxTokens(100)
                .build();
        Generation guessed = plain.toBuilder().speculation(Speculation.draft(RANDOM).withClock(() -> 0)).build()
                .generate("abc");
        assertArrayEquals(plain.generate("abc").tokens(), guessed.tokens());
        GenerationStats stats = guessed.stats();
        assertEquals(stats.proposedTokens(), stats.acceptedTokens(), "the last guesses end with the text");
        assertTrue(stats.acceptedTokens() > 75, stats.toString());
        assertEquals(0, plain.generate("abc").stats().proposedTokens());
    }

    /** A draft that has read a long text before gives the guesses of one that reads it when it guesses. */
    @Test
    void aDraftThatCaughtUpGuessesTheSame() {
        for (BitTransformer draft : List.of(RANDOM, SMALL)) { // the text fits, and does not
            TokenSequence text = new TokenSequence(LETTERS.encode(VERSE.repeat(3)));
            int[] expected = new DraftProposer(draft).propose(text, 4);
            DraftProposer proposer = new DraftProposer(draft);
            proposer.catchUp(text, 4);
            assertArrayEquals(expected, proposer.propose(text, 4));
            assertArrayEquals(expected, proposer.propose(text, 4), "again");
            TokenSequence other = new TokenSequence(LETTERS.encode("h" + VERSE.repeat(2)));
            proposer.catchUp(other, 3);
            assertArrayEquals(new DraftProposer(draft).propose(other, 3), proposer.propose(other, 3));
        }
    }

    /** Each turn finds the session as it would be without guesses, also after one that was cut or failed. */
    @Test
    void chatsAreTheSame() {
        TextGenerator plain = TextGenerator.builder(random(BYTES.vocabularySize(), 400, 3), BYTES).maxTokens(40)
                .cache(cache -> cache.capacity(300).slidingWindow(true))
                .sampling(SamplingConfig.TEXT.withTemperature(0.2f))
                .build();
        ChatTemplate format = (messages, prompt) -> messages.forEach(each -> prompt.text(each.content() + "\n"));
        TextGenerator guessing = plain.toBuilder().speculation(Speculation.promptLookup().withClock(() -> 0)).build();
        try (ChatSession expected = plain.newChat(format); ChatSession found = guessing.newChat(format)) {
            int accepted = 0;
            for (int turn = 0; turn < 12; turn++) {
                String question = "again and again and again " + turn % 3;
                if (turn % 4 == 2) {
                    for (ChatSession chat : List.of(expected, found)) {
                        AtomicInteger pieces = new AtomicInteger();
                        assertThrows(IllegalStateException.class, () -> chat.ask("again and again", piece -> {
                            if (pieces.incrementAndGet() == 9) {
                                throw new IllegalStateException("as if a client had gone");
                            }
                        }));
                    }
                }
                int most = turn % 4 == 1 ? 8 : Integer.MAX_VALUE;
                AtomicInteger first = new AtomicInteger();
                AtomicInteger second = new AtomicInteger();
                Generation a = expected.ask(question, piece -> {}, () -> first.incrementAndGet() > most);
                Generation b = found.ask(question, piece -> {}, () -> second.incrementAndGet() > most);
                assertArrayEquals(a.tokens(), b.tokens(), "turn " + turn);
                assertEquals(a.reason(), b.reason());
                assertEquals(a.stats().promptTokens(), b.stats().promptTokens(), "turn " + turn);
                accepted += b.stats().acceptedTokens();
            }
            assertEquals(expected.messages(), found.messages());
            assertTrue(accepted > 20, accepted + " accepted");
        }
    }

    @Test
    void theContextIsFilledToItsEnd() {
        for (int capacity = 30; capacity < 50; capacity++) {
            int positions = capacity;
            TextGenerator plain = TextGenerator.builder(LEARNT, LETTERS).sampling(SamplingConfig.GREEDY).maxTokens(100)
                    .cache(cache -> cache.capacity(positions)).build();
            Generation expected = plain.generate("abba had a bad cab");
            assertEquals(FinishReason.CONTEXT_FULL, expected.reason());
            for (Speculation how : List.of(Speculation.promptLookup(), Speculation.draft(LEARNT))) {
                Generation found = plain.toBuilder().speculation(how.withClock(() -> 0)).build()
                        .generate("abba had a bad cab");
                assertEquals(FinishReason.CONTEXT_FULL, found.reason());
                assertArrayEquals(expected.tokens(), found.tokens());
            }
        }
    }

    @Test
    void whatCantWorkIsRefused() {
        TextGeneratorBuilder builder = TextGenerator.builder(RANDOM, LETTERS);
        Exception e = assertThrows(IllegalArgumentException.class,
                () -> builder.speculation(Speculation.draft(random(257, 20, 1))));
        assertTrue(
                e.getMessage()
                        .startsWith("TextGenerator: the draft model has 257 tokens, expected 10, those of the model"),
                e.getMessage());
        BitTransformer learning = random(10, 20, 1);
        learning.train();
        BatchedDecoder decoder = BatchedDecoder.builder(RANDOM).build();
        TextGenerator never = builder.decoder(decoder).speculation(Speculation.draft(learning)).build();
        assertThrows(IllegalStateException.class, () -> never.generate("a"));
        assertThrows(IllegalStateException.class, () -> never.newChat(ChatTemplate.CHATML));
        assertEquals(0, decoder.load().sessions());
        for (int most : new int[] {0, 65}) {
            assertThrows(IllegalArgumentException.class, () -> Speculation.promptLookup().withMostTokens(most));
        }
        assertEquals("Speculation(promptLookup, up to 3 tokens)",
                Speculation.promptLookup().withMostTokens(3).toString());
        assertEquals(0, builder.speculation(Speculation.promptLookup()).speculation(null).build().generate("a").stats()
                .proposedTokens());
    }
}
