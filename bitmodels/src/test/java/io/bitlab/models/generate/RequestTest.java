package io.bitlab.models.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.grammar.Grammar;
import io.bitlab.models.io.Json;
import io.bitlab.models.testing.LettersWithMarks;
import io.bitlab.models.tokenizer.ByteTokenizer;
import io.bitlab.models.transformer.BitTransformer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server sets for each request: messages, settings, hooks, grammars. */
class RequestTest {

    private static final SamplingConfig ALL = new SamplingConfig(1f, 0, 1f, 0f, 1f, 64, 9);
    private static final BitTransformer MODEL = TextGeneratorTest.model(256, 1024);
    private static final LettersWithMarks LETTERS = LettersWithMarks.create();
    private static final List<ChatMessage> CHAT = List.of(ChatMessage.system("be brief"), ChatMessage.user("hi"),
            ChatMessage.assistant("yes"), ChatMessage.user("why"));

    private static TextGeneratorBuilder letters() {
        return TextGenerator.builder(MODEL, LETTERS).sampling(ALL).maxTokens(60);
    }

    private static TextGeneratorBuilder bytes() {
        return TextGenerator.builder(MODEL, new ByteTokenizer()).sampling(ALL).maxTokens(200);
    }

    // ---------------------------------------------------------------- messages

    @Test
    void anAnswerIsThatOfAChatSession() {
        TextGenerator generator = letters().build();
        List<String> pieces = new ArrayList<>();
        Generation answer = generator.generate(CHAT, ChatTemplate.CHATML, pieces::add);
        ChatSession session = generator.newChat(ChatTemplate.CHATML, CHAT.subList(0, 3).toArray(ChatMessage[]::new));
        assertArrayEquals(session.ask("why", text -> {}).tokens(), answer.tokens());
        assertEquals(answer.text(), String.join("", pieces));
        assertEquals(FinishReason.CANCELLED,
                generator.generate(CHAT, ChatTemplate.CHATML, text -> {}, () -> true).reason());
        assertThrows(IllegalArgumentException.class,
                () -> generator.generate(List.of(), ChatTemplate.CHATML, text -> {}));
    }

    @Test
    void anyFormatCanBeImplemented() {
        ChatTemplate own = (messages, prompt) -> {
            prompt.beginningOfText();
            messages.forEach(message -> prompt.text(message.content() + "\n"));
        };
        assertArrayEquals(letters().build().generate("be brief\nhi\nyes\nwhy\n").tokens(),
                letters().build().generate(CHAT, own, text -> {}).tokens());
        ChatTemplate lacking = (messages, prompt) -> prompt.endOfText();
        assertTrue(assertThrows(IllegalArgumentException.class, () -> letters().build().count(CHAT, lacking))
                .getMessage().contains("no special token for the end of a text"));
    }

    @Test
    void countsAreWhatIsRead() {
        TextGenerator generator = letters().maxTokens(1).build();
        for (String prompt : List.of("", "a", "abc d")) {
            assertEquals(generator.generate(prompt).stats().promptTokens(), generator.count(prompt));
            TextGenerator without = generator.toBuilder().addBos(false).build();
            assertEquals(without.generate(prompt).stats().promptTokens(), without.count(prompt));
        }
        assertEquals(generator.generate(CHAT, ChatTemplate.CHATML, text -> {}).stats().promptTokens(),
                generator.count(CHAT, ChatTemplate.CHATML));
        assertThrows(IllegalArgumentException.class, () -> bytes().build().count(""));
    }

    // ---------------------------------------------------------------- settings

    @Test
    void aRequestTakesSettingsOverAndChangesItsOwn() {
        TextGenerator base = letters().stopTokens().stopStrings("zzz").maxTokens(7)
                .cache(cache -> cache.capacity(30)).build();
        assertArrayEquals(base.generate("a").tokens(), base.toBuilder().build().generate("a").tokens());
        TextGenerator changed = base.toBuilder().maxTokens(3).sampling(ALL.withSeed(1)).build();
        assertEquals(3, changed.generate("a").tokens().length);
        assertEquals(7, base.generate("a").tokens().length);
        assertEquals(ALL, base.sampling());
        assertThrows(IllegalArgumentException.class, () -> changed.count("\u20ac"));
        TextGeneratorBuilder builder = base.toBuilder();
        TextGenerator first = builder.build();
        builder.maxTokens(1);
        assertEquals(7, first.generate("a").tokens().length);
        assertNotSame(first, builder.build());
    }

    // ---------------------------------------------------------------- hook

    @Test
    void processorsSeeEveryTokenAndWorkInOrder() {
        AtomicInteger made = new AtomicInteger();
        List<Integer> lengths = new ArrayList<>();
        TextGenerator generator = letters().stopTokens().maxTokens(5).logits(() -> {
            made.incrementAndGet();
            return (logits, text, length) -> {
                assertEquals(LETTERS.vocabularySize(), logits.length);
                assertEquals(LETTERS.encode("a")[0], text[1]);
                lengths.add(length);
                logits[0] = 100f;
            };
        }).logits(() -> (logits, text, length) -> logits[1] = logits[0] == 100f ? 200f : 0f).build();
        assertArrayEquals(new int[] {1, 1, 1, 1, 1}, generator.generate("a").tokens());
        assertEquals(List.of(2, 3, 4, 5, 6), lengths);
        generator.generate("a");
        assertEquals(2, made.get());
    }

    @Test
    void aProcessorChangesNothingForOthers() {
        Generation plain = letters().build().generate("a");
        Generation looked = letters().logits(() -> (logits, text, length) -> logits[0] += 0f).build().generate("a");
        assertArrayEquals(plain.tokens(), looked.tokens());
    }

    // ---------------------------------------------------------------- grammars

    @Test
    void aChoiceIsMadeAndEndsTheText() {
        for (int seed = 0; seed < 10; seed++) {
            Generation generation = letters().sampling(ALL.withSeed(seed)).stopTokens()
                    .grammar(Grammar.choice(List.of("yes", "no", "maybe"))).build().generate("a");
            assertTrue(List.of("yes", "no", "maybe").contains(generation.text()), generation.text());
            assertEquals(FinishReason.COMPLETE, generation.reason());
            assertEquals(generation.text().length(), generation.tokens().length);
        }
    }

    @Test
    void theMostLikelyAllowedTokensAreTaken() {
        Generation generation = letters().sampling(SamplingConfig.GREEDY).grammar(Grammar.regex("[a-c]{5}"))
                .logProbabilities(30).build().generate("x");
        for (int i = 0; i < 5; i++) {
            int token = generation.tokens()[i];
            int best = generation.logProbabilities().get(i).mostLikely().stream().map(TokenLogProbability::token)
                    .filter(id -> IntStream.of(LETTERS.encode("abc")).anyMatch(letter -> letter == id)).findFirst()
                    .orElseThrow();
            assertEquals(best, token);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void endTokensEndOnlyCompleteTexts(boolean greedy) {
        Generation generation = letters().sampling(greedy ? SamplingConfig.GREEDY : ALL)
                .logits(() -> (logits, text, length) -> logits[LETTERS.endTokens().iterator().next()] = 1000f)
                .grammar(Grammar.regex("(ab)+c?")).build().generate("x");
        assertEquals("ab", generation.text());
        assertEquals(FinishReason.END_TOKEN, generation.reason());
        assertEquals(3, generation.tokens().length);
    }

    @Test
    void aCutTextSaysSo() {
        Generation cut = letters().maxTokens(3).grammar(Grammar.regex("[a-c]{5}")).build().generate("x");
        assertEquals(FinishReason.MAX_TOKENS, cut.reason());
        assertEquals(3, cut.text().length());
        Generation exact = letters().maxTokens(5).grammar(Grammar.regex("[a-c]{5}")).build().generate("x");
        assertEquals(FinishReason.COMPLETE, exact.reason());
        Generation empty = letters().grammar(Grammar.regex("")).build().generate("x");
        assertEquals(FinishReason.COMPLETE, empty.reason());
        assertEquals(0, empty.tokens().length);
    }

    @Test
    void jsonMode() throws Exception {
        int complete = 0;
        TextGenerator generator = bytes().grammar(Grammar.jsonObject())
                .logits(() -> (logits, text, length) -> "\"}".chars().forEach(c -> logits[c] += 8f)).build();
        for (int seed = 0; seed < 5; seed++) {
            Generation generation = generator.toBuilder().sampling(ALL.withSeed(seed)).build().generate("x");
            assertFalse(generation.text().contains("\ufffd"));
            if (generation.reason() == FinishReason.COMPLETE) {
                Json.parse(generation.text(), "seed " + seed);
                complete++;
            }
        }
        assertTrue(complete > 2, complete + " of 5");
    }

    @Test
    void whatTheVocabularyLacksIsRefusedWhenBuilding() {
        assertThrows(IllegalArgumentException.class, () -> letters().grammar(Grammar.json()).build());
        assertThrows(IllegalArgumentException.class, () -> letters().grammar(Grammar.choice(List.of("NO"))).build());
    }
}
