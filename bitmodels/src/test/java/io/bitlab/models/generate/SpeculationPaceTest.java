package io.bitlab.models.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts whose steps take as long as we say. */
class SpeculationPaceTest {

    private static final long STEP = 1_000_000;

    /** The time of a text in steps, of which each token would take one; each guess is right with some probability. */
    private static double steps(SpeculationPace pace, int tokens, double cost, double probability, Random random) {
        double steps = 0;
        int done = 0;
        while (done < tokens) {
            int guesses = pace.length();
            double noise = 1 + 0.1 * random.nextDouble();
            if (guesses == 0) {
                pace.plain((long) (STEP * noise));
                steps++;
                done++;
                continue;
            }
            int right = 0;
            while (right < guesses && random.nextDouble() < probability) {
                right++;
            }
            double time = 1 + cost * guesses;
            pace.checked(guesses, right, (long) (time * STEP * noise));
            steps += time;
            done += 1 + right;
        }
        return steps / done * tokens;
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.05, 0.2, 0.6, 1.5})
    void wrongGuessesCostLittle(double cost) {
        for (int tokens : new int[] {200, 1000, 10_000}) {
            double steps = steps(new SpeculationPace(16), tokens, cost, 0, new Random(tokens));
            assertTrue(steps <= 1.03 * tokens, tokens + " tokens took " + steps + " steps");
            assertTrue(steps > tokens, "guessing is tried from time to time");
        }
    }

    /** Also where guesses are right as often as just not to pay. */
    @ParameterizedTest
    @ValueSource(doubles = {0.1, 0.3, 0.5, 0.7})
    void guessesThatDontPayAreGivenUp(double probability) {
        for (double cost : new double[] {0.3, 0.6, 1.5}) {
            double steps = steps(new SpeculationPace(16), 4000, cost, probability, new Random(1));
            assertTrue(steps <= 1.03 * 4000, "cost " + cost + ": " + steps + " steps");
        }
    }

    @Test
    void rightGuessesGetLonger() {
        assertTrue(steps(new SpeculationPace(16), 1000, 0.2, 1, new Random(1)) < 1000 / 2.8);
        assertTrue(steps(new SpeculationPace(16), 1000, 0.6, 0.9, new Random(1)) < 1000);
        assertTrue(steps(new SpeculationPace(4), 1000, 0.2, 0.9, new Random(1)) < 1000 / 1.6);
    }

    /** What was saved before is not spent. */
    @Test
    void theEndOfRepetitionsIsNoticed() {
        SpeculationPace pace = new SpeculationPace(16);
        steps(pace, 2000, 0.2, 1, new Random(1));
        double steps = steps(pace, 1000, 0.2, 0, new Random(2));
        assertTrue(steps <= 1.03 * 1000, steps + " steps");
        assertTrue(steps(pace, 1000, 0.2, 1, new Random(3)) < 1000 / 2.5, "and their return");
    }

    /** Such as a collection of garbage, or the step of a batch in which another text began. */
    @Test
    void aPauseOfTheMachineDoesNotEndTheGuesses() {
        SpeculationPace pace = new SpeculationPace(16);
        for (int i = 0; i < 4; i++) {
            pace.plain(STEP);
        }
        pace.checked(4, 4, 60 * STEP);
        int plain = 0;
        while (pace.length() == 0) {
            pace.plain(STEP);
            plain++;
        }
        assertTrue(plain < 300, plain + " steps without a guess");
    }

    @Test
    void theFirstStepsAreMeasured() {
        SpeculationPace pace = new SpeculationPace(16);
        for (int i = 0; i < 4; i++) {
            assertEquals(0, pace.length());
            pace.plain(STEP);
        }
        assertEquals(4, pace.length());
        pace.checked(4, 4, STEP);
        assertEquals(8, pace.length());
        pace.checked(8, 2, STEP);
        assertEquals(3, pace.length());
    }
}
