package io.bitlab.models.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SamplerTest {

    private static final int[] NOTHING = {};

    /** No filter, and logits as they are. */
    private static final SamplingConfig PLAIN = new SamplingConfig(1f, 0, 1f, 0f, 1f, 64, 3);

    private static float[] logitsOf(double... probabilities) {
        float[] logits = new float[probabilities.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) Math.log(probabilities[i]);
        }
        return logits;
    }

    private static float[] probabilities(SamplingConfig config, float[] logits, int... text) {
        return new Sampler(config, logits.length).probabilities(logits, text, text.length);
    }

    private static int next(SamplingConfig config, float[] logits, int... text) {
        return new Sampler(config, logits.length).next(logits, text, text.length);
    }

    private static void assertClose(double[] expected, float[] actual) {
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < actual.length; i++) {
            assertEquals(expected[i], actual[i], expected[i] == 0 ? 0 : 1e-6, i + " of " + Arrays.toString(actual));
        }
    }

    static Stream<Arguments> filters() {
        double[] p = {0.1, 0.4, 0.2, 0.3};
        return Stream.of(
                Arguments.of("none", PLAIN, p, p),
                Arguments.of("temperature 1/2 squares", PLAIN.withTemperature(0.5f), p,
                        new double[] {0.01 / 0.3, 0.16 / 0.3, 0.04 / 0.3, 0.09 / 0.3}),
                Arguments.of("tiny temperature", PLAIN.withTemperature(1e-30f), p, new double[] {0, 1, 0, 0}),
                Arguments.of("top 2", PLAIN.withTopK(2), p, new double[] {0, 4 / 7., 0, 3 / 7.}),
                Arguments.of("top 1", PLAIN.withTopK(1), p, new double[] {0, 1, 0, 0}),
                Arguments.of("top 4 of 4", PLAIN.withTopK(4), p, p),
                Arguments.of("top 9 of 4", PLAIN.withTopK(9), p, p),
                Arguments.of("top-p below the first", PLAIN.withTopP(0.39f), p, new double[] {0, 1, 0, 0}),
                Arguments.of("top-p with the one that crosses", PLAIN.withTopP(0.41f), p,
                        new double[] {0, 4 / 7., 0, 3 / 7.}),
                Arguments.of("top-p 0.71", PLAIN.withTopP(0.71f), p, new double[] {0, 4 / 9., 2 / 9., 3 / 9.}),
                Arguments.of("tiny top-p keeps one", PLAIN.withTopP(Float.MIN_VALUE), p, new double[] {0, 1, 0, 0}),
                Arguments.of("min-p", PLAIN.withMinP(0.49f), p, new double[] {0, 4 / 9., 2 / 9., 3 / 9.}),
                Arguments.of("min-p 1 keeps the largest", PLAIN.withMinP(1f), p, new double[] {0, 1, 0, 0}),
                // 0.4 / 0.7 alone reaches 0.57 of what top-k leaves, but not of the whole
                Arguments.of("top-p counts what top-k left", PLAIN.withTopK(2).withTopP(0.57f), p,
                        new double[] {0, 1, 0, 0}),
                // squared: 0.16 / 0.3 = 0.53
                Arguments.of("temperature comes before top-p", PLAIN.withTemperature(0.5f).withTopP(0.52f), p,
                        new double[] {0, 1, 0, 0}),
                // squared: 0.04 / 0.16 = 0.25
                Arguments.of("temperature comes before min-p", PLAIN.withTemperature(0.5f).withMinP(0.26f), p,
                        new double[] {0, 0.16 / 0.25, 0, 0.09 / 0.25}),
                Arguments.of("ruled out", PLAIN.withTopK(3), new double[] {0, 0.5, 0, 0.5},
                        new double[] {0, 0.5, 0, 0.5}));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("filters")
    void filtersLeaveWhatWasComputedByHand(String name, SamplingConfig config, double[] p, double[] expected) {
        assertClose(expected, probabilities(config, logitsOf(p)));
    }

    @Test
    void tiesGoToTheLowestIds() {
        float[] equal = {1f, 2f, 2f, 2f, 2f};
        assertClose(new double[] {0, 0.5, 0.5, 0, 0}, probabilities(PLAIN.withTopK(2), equal));
        float[] four = {0f, -0f, 0f, -0f};
        assertClose(new double[] {0.5, 0.5, 0, 0}, probabilities(PLAIN.withTopP(0.5f), four)); // reached exactly
        assertClose(new double[] {1 / 3., 1 / 3., 1 / 3., 0}, probabilities(PLAIN.withTopP(0.500001f), four));
        assertClose(new double[] {0.25, 0.25, 0.25, 0.25}, probabilities(PLAIN.withMinP(1f), four)); // none is less
        assertEquals(1, next(SamplingConfig.GREEDY, equal));
        assertEquals(0, next(SamplingConfig.GREEDY, four));
    }

    @Test
    void thePenaltyDividesPositiveLogitsAndMultipliesNegativeOnes() {
        float[] logits = {2f, -1f, 1f, 0f};
        float[] as = {1f, -2f, 1f, 0f};
        SamplingConfig config = PLAIN.withRepetitionPenalty(2f, 3);
        assertArrayEquals(probabilities(PLAIN, as), probabilities(config, logits, 2, 1, 0, 0)); // 2 is too long ago
        assertArrayEquals(probabilities(PLAIN, logits), probabilities(config, logits));
        SamplingConfig greedy = SamplingConfig.GREEDY.withRepetitionPenalty(3f, 2);
        assertEquals(2, next(greedy, logits, 0));
        assertEquals(0, next(greedy, logits, 0, 3, 3));
        // before top-k: 0.67 is no longer among the first
        assertClose(new double[] {0, 0, 1, 0}, probabilities(greedy.withTemperature(1f).withTopK(1), logits, 0));
        assertArrayEquals(new float[] {2f, -1f, 1f, 0f}, logits, "logits were changed");
    }

    @Test
    void greedyTakesTheLargest() {
        Random random = new Random(5);
        for (int n = 1; n < 300; n++) {
            float[] logits = new float[n];
            for (int i = 0; i < n; i++) {
                logits[i] = random.nextInt(20) - 10;
            }
            int best = IntStream.range(0, n).boxed().max(Comparator.comparingDouble((Integer i) -> logits[i])
                    .thenComparing(Comparator.reverseOrder())).orElseThrow();
            assertEquals(best, next(SamplingConfig.GREEDY, logits), "n = " + n);
            assertEquals(1f, probabilities(SamplingConfig.GREEDY, logits)[best]);
        }
    }

    /** Against filters that sort everything. */
    @Test
    void selectionEqualsSorting() {
        Random random = new Random(11);
        for (int n : new int[] {1, 2, 3, 17, 255, 256, 257, 1000}) {
            for (int k : new int[] {0, 1, 2, 40, n / 3, n - 1, n}) {
                for (float p : new float[] {0.01f, 0.5f, 0.9f, 0.999f, 1f}) {
                    float[] logits = new float[n];
                    double spread = random.nextDouble() * 4;
                    for (int i = 0; i < n; i++) {
                        logits[i] = (float) Math.rint(random.nextGaussian() * spread * 4) / 4; // with many ties
                    }
                    assertClose(sorted(logits, k == 0 ? n : Math.min(k, n), p),
                            probabilities(PLAIN.withTopK(k).withTopP(p), logits));
                }
            }
        }
    }

    private static double[] sorted(float[] logits, int k, double p) {
        int[] order = IntStream.range(0, logits.length).boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -(logits[i] + 0f))).mapToInt(i -> i).toArray();
        double[] weights = new double[logits.length];
        double total = 0;
        for (int rank = 0; rank < k; rank++) {
            weights[order[rank]] = Math.exp(logits[order[rank]] - logits[order[0]]);
            total += weights[order[rank]];
        }
        double kept = 0;
        for (int id : order) {
            weights[id] = kept >= p * total * (1 - 1e-9) && p < 1 ? 0 : weights[id];
            kept += weights[id];
        }
        double sum = kept;
        return Arrays.stream(weights).map(w -> w / sum).toArray();
    }

    @Test
    void tokensComeAsOftenAsTheyAreProbable() {
        float[] logits = logitsOf(0.05, 0.5, 0.15, 0.3);
        Sampler sampler = new Sampler(PLAIN.withSeed(42), 4);
        int draws = 40_000;
        int[] text = new int[draws];
        int[] counts = new int[4];
        for (int length = 0; length < draws; length++) {
            counts[sampler.next(logits, text, length)]++;
        }
        double[] expected = {0.05 * draws, 0.5 * draws, 0.15 * draws, 0.3 * draws};
        double chiSquare = 0;
        for (int i = 0; i < 4; i++) {
            chiSquare += (counts[i] - expected[i]) * (counts[i] - expected[i]) / expected[i];
        }
        assertTrue(chiSquare < 16.3, "chi-square of 3 degrees of freedom above its 99.9th percentile: " + chiSquare);
    }

    @Test
    void aDrawDependsOnSeedAndPositionOnly() {
        float[] logits = new float[1000];
        int[] text = new int[100];
        Sampler one = new Sampler(PLAIN, 1000);
        int[] drawn = IntStream.range(0, 100).map(i -> one.next(logits, text, i)).toArray();
        for (int i = 99; i >= 0; i--) {
            assertEquals(drawn[i], one.next(logits, text, i));
            assertEquals(drawn[i], new Sampler(PLAIN, 1000).next(logits, text, i));
        }
        Sampler other = new Sampler(PLAIN.withSeed(4), 1000);
        int[] others = IntStream.range(0, 100).map(i -> other.next(logits, text, i)).toArray();
        assertTrue(IntStream.range(0, 100).filter(i -> drawn[i] == others[i]).count() < 5);
    }

    @Test
    void drawingAllocatesNothing() {
        float[] logits = new float[20_000];
        Random random = new Random(1);
        for (int i = 0; i < logits.length; i++) {
            logits[i] = 3 * (float) random.nextGaussian();
        }
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int[] text = new int[300];
        Sampler sampler = new Sampler(SamplingConfig.TEXT.withRepetitionPenalty(1.1f, 32), logits.length);
        long each = Long.MAX_VALUE;
        for (int round = 0; round < 50 && each >= 1000; round++) { // vectors are objects until the compiler comes
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int length = 0; length < text.length; length++) {
                text[length] = sampler.next(logits, text, length);
            }
            each = (threads.getCurrentThreadAllocatedBytes() - before) / text.length;
        }
        assertTrue(each < 1000, each + " bytes a token");
    }

    @Test
    void paddingIsNeverDrawn() {
        float[] logits = {0f, 1f, 100f};
        assertEquals(1, new Sampler(SamplingConfig.GREEDY, 2).next(logits, NOTHING, 0));
        assertEquals(2, new Sampler(PLAIN, 2).probabilities(logits, NOTHING, 0).length);
    }

    @Test
    void badLogitsAreRefused() {
        for (SamplingConfig config : new SamplingConfig[] {SamplingConfig.GREEDY, PLAIN, PLAIN.withTopK(1),
            SamplingConfig.GREEDY.withRepetitionPenalty(2f, 1)}) {
            assertMessage(
                    "Sampler: the logit of token 2 is NaN, expected a finite number or negative infinity; the model or"
                            + " its weights are damaged",
                    () -> next(config, new float[] {1f, 2f, Float.NaN, 3f}));
            assertMessage("Sampler: the logit of token 0 is NaN", () -> next(config, new float[] {Float.NaN, 1f}));
            assertMessage("Sampler: the logit of token 1 is Infinity",
                    () -> next(config, new float[] {1f, Float.POSITIVE_INFINITY}));
            assertMessage("Sampler: all 2 logits are negative infinity",
                    () -> next(config, new float[] {Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY}));
            assertMessage("Sampler: 2 logits, expected one for each of 3 tokens",
                    () -> new Sampler(config, 3).next(new float[2], NOTHING, 0));
            assertMessage("Sampler: length is 1, expected at most 0",
                    () -> new Sampler(config, 3).next(new float[3], NOTHING, 1));
        }
        assertMessage("Sampler: token 7 at position 1 is not one of 0 to 1",
                () -> next(PLAIN.withRepetitionPenalty(2f, 9), new float[2], 0, 7));
        assertMessage("Sampler: vocabularySize is 0", () -> new Sampler(PLAIN, 0));
    }

    @Test
    void badConfigurationsAreRefused() {
        for (float value : new float[] {-1f, Float.NaN, Float.POSITIVE_INFINITY}) {
            assertMessage("SamplingConfig: temperature is " + value + ", expected a number of at least 0; 0 takes the"
                    + " most likely token", () -> PLAIN.withTemperature(value));
            assertMessage("SamplingConfig: repetitionPenalty is " + value, () -> PLAIN.withRepetitionPenalty(value, 1));
            assertMessage("SamplingConfig: topP is " + value, () -> PLAIN.withTopP(value));
            assertMessage("SamplingConfig: minP is " + value, () -> PLAIN.withMinP(value));
        }
        assertMessage("SamplingConfig: topK is -1", () -> PLAIN.withTopK(-1));
        assertMessage("SamplingConfig: topP is 0.0", () -> PLAIN.withTopP(0f));
        assertMessage("SamplingConfig: topP is 1.1", () -> PLAIN.withTopP(1.1f));
        assertMessage("SamplingConfig: minP is 1.1", () -> PLAIN.withMinP(1.1f));
        assertMessage("SamplingConfig: repetitionPenalty is 0.0", () -> PLAIN.withRepetitionPenalty(0f, 1));
        assertMessage("SamplingConfig: repetitionWindow is 0", () -> PLAIN.withRepetitionPenalty(1f, 0));
    }

    private static void assertMessage(String start, Runnable action) {
        String message = assertThrows(IllegalArgumentException.class, action::run).getMessage();
        assertTrue(message.startsWith(start), message);
    }
}
