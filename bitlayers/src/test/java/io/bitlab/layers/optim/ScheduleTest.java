package io.bitlab.layers.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ScheduleTest {

    private static void refused(String message, Executable action) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, action).getMessage());
    }

    @Test
    void twoStageDropsAtHalfOfTheTraining() {
        float base = 1.5e-3f; // BitNet's 3B model: 1.5e-3 to 7.5e-4, then 5e-4 to 0
        Schedule rate = Schedule.twoStage();
        assertEquals(1.5e-3, base * rate.factor(0, 100_000), 1e-9);
        assertEquals(7.5e-4, base * rate.factor(49_999, 100_000), 1e-7);
        assertEquals(5e-4, base * rate.factor(50_000, 100_000), 1e-9);
        assertEquals(0, base * rate.factor(99_999, 100_000), 1e-7);
        assertEquals(1f, Schedule.firstHalf().factor(49_999, 100_000));
        assertEquals(0f, Schedule.firstHalf().factor(50_000, 100_000));
    }

    /** Values of PyTorch 1.13: OneCycleLR(max_lr=1, total_steps, pct_start). */
    @Test
    void oneCycleIsPyTorchs() {
        float[] ten = {0.04f, 0.52f, 1f, 0.950484632f, 0.811745654f, 0.611262022f, 0.388741978f, 0.188258346f,
            0.049519368f, 4e-06f};
        for (int step = 0; step < 10; step++) {
            assertEquals(ten[step], Schedule.oneCycle(0.3).factor(step, 10), 1e-7, "step " + step);
        }
        Map<Integer, Float> hundred = Map.of(0, 0.04f, 1, 0.0441064665f, 12, 0.52f, 23, 0.995893533f, 24, 1f, 25,
                0.999561417f, 60, 0.531397134f, 98, 0.000442583196f, 99, 4e-06f);
        hundred.forEach((step, factor) -> assertEquals(factor, Schedule.oneCycle(0.25).factor(step, 100), 1e-7,
                "step " + step));
    }

    @Test
    void ofAnOddNumberOfStepsTheFirstHalfIsTheLonger() {
        assertEquals(1f, Schedule.firstHalf().factor(3, 7));
        assertEquals(0f, Schedule.firstHalf().factor(4, 7));
    }

    @Test
    void rateAndDecayChangeAtTheSameStepAfterTheSameWarmUp() {
        Schedule rate = Schedule.twoStage(0f).withWarmUp(11);
        Schedule decay = Schedule.firstHalf().withWarmUp(11);
        for (int step = 0; step < 100; step++) {
            assertEquals(rate.factor(step, 100) > 0, decay.factor(step, 100) > 0, "step " + step);
        }
    }

    @Test
    void everyFactorIsBetweenZeroAndOneAndLaterStepsThanPlannedAreHarmless() {
        Map<String, Schedule> schedules = Map.of("constant", Schedule.CONSTANT, "linear", Schedule.linear(), "cosine",
                Schedule.cosine(), "twoStage", Schedule.twoStage(0.3f), "firstHalf", Schedule.firstHalf(), "oneCycle",
                Schedule.oneCycle(0.3), "oneCycle of 1", Schedule.oneCycle(1));
        for (long steps : new long[] {0, 1, 2, 7, 100}) {
            for (long warmUp : new long[] {0, 1, 10, 200}) {
                schedules.forEach((name, schedule) -> {
                    for (long step = 0; step < steps + 5; step++) {
                        float factor = schedule.withWarmUp(warmUp).factor(step, steps);
                        assertTrue(factor >= 0f && factor <= 1f,
                                name + ", warm-up " + warmUp + ", step " + step + " of " + steps + ": " + factor);
                    }
                });
            }
        }
    }

    @Test
    void downToKeepsAShareToTheEnd() {
        assertEquals(1f, Schedule.linear().downTo(0.25f).factor(0, 4));
        assertEquals(0.625f, Schedule.linear().downTo(0.25f).factor(2, 4));
        assertEquals(0.25f, Schedule.linear().downTo(0.25f).factor(4, 4));
        assertEquals(0.125f, Schedule.CONSTANT.downTo(0.25f).withWarmUp(7).factor(0, 100));
    }

    @Test
    void refusesWhatIsOutOfRange() {
        refused("Schedule.withWarmUp: -1 steps, expected 0 or more", () -> Schedule.cosine().withWarmUp(-1));
        for (float share : new float[] {-0.1f, 1.1f, Float.NaN}) {
            refused("Schedule.downTo: " + share + " is not in [0, 1]", () -> Schedule.cosine().downTo(share));
            refused("Schedule.twoStage: " + share + " is not in [0, 1]", () -> Schedule.twoStage(share));
        }
        for (double share : new double[] {-0.1, 0, 1.1, Double.NaN, Double.POSITIVE_INFINITY}) {
            refused("Schedule.rise: a share of " + share + " is not in (0, 1]", () -> Schedule.rise(share));
            refused("Schedule.exponentialRise: a share of " + share + " is not in (0, 1]",
                    () -> Schedule.exponentialRise(share, 5));
        }
        for (double sharpness : new double[] {-1, 0, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            refused("Schedule.exponentialRise: sharpness " + sharpness + " is not a positive number, such as 5",
                    () -> Schedule.exponentialRise(0.5, sharpness));
        }
    }

    @Test
    void theSharpestAndTheFlattestRiseGiveNumbers() {
        Schedule sharpest = Schedule.exponentialRise(0.5, Double.MAX_VALUE);
        assertEquals(0f, sharpest.factor(0, 100));
        assertEquals(1f, sharpest.factor(1, 100));
        Schedule flattest = Schedule.exponentialRise(0.5, 1e-300);
        assertEquals(0f, flattest.factor(0, 100));
        assertEquals(0.5f, flattest.factor(25, 100));
        assertEquals(1f, Schedule.rise(Double.MIN_VALUE).factor(1, Long.MAX_VALUE));
    }
}
