package io.bitlab.models.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.testing.LettersWithMarks;
import io.bitlab.models.tokenizer.ByteTokenizer;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.DecodingSession;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogProbabilitiesTest {

    private static final BitTransformer MODEL = TextGeneratorTest.model(256, 64);
    private static final LettersWithMarks LETTERS = LettersWithMarks.create();

    private static TextGeneratorBuilder letters() {
        return TextGenerator.builder(MODEL, LETTERS).maxTokens(30).stopTokens();
    }

    /** In double, straight from the definition. */
    private static double[] expected(float[] logits, int tokens) {
        double max = IntStream.range(0, tokens).mapToDouble(id -> logits[id]).max().orElseThrow();
        double sum = IntStream.range(0, tokens).mapToDouble(id -> Math.exp(logits[id] - max)).sum();
        return IntStream.range(0, tokens).mapToDouble(id -> logits[id] - max - Math.log(sum)).toArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 5, 1000})
    void areThoseOfTheModelBeforeAnyChange(int count) {
        int tokens = LETTERS.vocabularySize();
        Generation generation = letters().sampling(SamplingConfig.TEXT.withTemperature(3f).withRepetitionPenalty(2f, 9))
                .logits(() -> (logits, text, length) -> logits[3] = Float.NEGATIVE_INFINITY)
                .logProbabilities(count).build().generate("once");
        assertEquals(generation.tokens().length, generation.logProbabilities().size());
        DecodingSession session = MODEL.newSession();
        session.append(LETTERS.bos().orElseThrow());
        float[] logits = session.append(LETTERS.encode("once"));
        for (int i = 0; i < generation.tokens().length; i++) {
            double[] expected = expected(logits, tokens);
            LogProbabilities all = generation.logProbabilities().get(i);
            assertEquals(generation.tokens()[i], all.chosen().token());
            assertEquals(expected[all.chosen().token()], all.chosen().logProbability(), 1e-5);
            float[] at = logits;
            int[] best = IntStream.range(0, tokens).boxed()
                    .sorted(Comparator.comparingDouble((Integer id) -> -at[id]).thenComparing(id -> id))
                    .limit(count).mapToInt(id -> id).toArray();
            assertArrayEquals(best, all.mostLikely().stream().mapToInt(TokenLogProbability::token).toArray());
            for (TokenLogProbability each : all.mostLikely()) {
                assertEquals(expected[each.token()], each.logProbability(), 1e-5);
            }
            logits = session.append(generation.tokens()[i]);
        }
    }

    @Test
    void nothingIsRecordedUnlessAsked() {
        assertEquals(List.of(), letters().build().generate("a").logProbabilities());
        assertThrows(IllegalArgumentException.class, () -> letters().logProbabilities(-1));
    }

    @Test
    void theSameTokensAreChosen() {
        assertArrayEquals(letters().build().generate("a").tokens(),
                letters().logProbabilities(3).build().generate("a").tokens());
    }

    @Test
    void theReceiverHearsOfATokenBeforeItsText() {
        List<String> events = new ArrayList<>();
        Generation generation = letters().logProbabilities(0, each -> events.add("token " + each.chosen().text()))
                .build().generate("a", text -> events.add("text " + text));
        List<String> expected = Arrays.stream(generation.tokens()).mapToObj(LETTERS::decode)
                .flatMap(text -> List.of("token " + text, "text " + text).stream()).toList();
        assertEquals(expected, events);
    }

    @Test
    void aStopTokenHasOneToo() {
        int stop = letters().build().generate("a").tokens()[0];
        Generation generation = letters().stopTokens(stop).logProbabilities(0).build().generate("a");
        assertEquals(stop, generation.logProbabilities().getFirst().chosen().token());
        assertEquals(1, generation.logProbabilities().size());
    }

    @Test
    void hugeLogitsDontOverflowAndRuledOutTokensStayOut() {
        float[] logits = new float[256];
        Arrays.fill(logits, Float.NEGATIVE_INFINITY);
        logits[7] = 3e38f;
        logits[9] = 3e38f;
        LogProbabilities all = new LogSoftmax(new ByteTokenizer(), 3).of(logits, 8);
        assertEquals(Double.NEGATIVE_INFINITY, all.chosen().logProbability());
        assertEquals(-Math.log(2), all.mostLikely().get(1).logProbability(), 1e-6);
        assertEquals(List.of(7, 9, 0), all.mostLikely().stream().map(TokenLogProbability::token).toList());
    }

    @Test
    void textAndBytes() {
        LogProbabilities all = new LogSoftmax(new ByteTokenizer(), 0).of(new float[256], 0xe4);
        assertEquals("\ufffd", all.chosen().text());
        assertArrayEquals(new byte[] {(byte) 0xe4}, all.chosen().bytes());
        int bos = LETTERS.bos().orElseThrow();
        TokenLogProbability special = new LogSoftmax(LETTERS, 0).of(new float[256], bos).chosen();
        assertEquals(LETTERS.token(bos), special.text());
        assertEquals(0, special.bytes().length);
        int letter = LETTERS.encode("a")[0];
        assertEquals("a", new String(new LogSoftmax(LETTERS, 0).of(new float[256], letter).chosen().bytes(),
                StandardCharsets.UTF_8));
        assertTrue(special.logProbability() < 0);
    }
}
