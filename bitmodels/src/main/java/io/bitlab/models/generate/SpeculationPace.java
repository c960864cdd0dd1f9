package io.bitlab.models.generate;

/**
 * Decides how many tokens to guess at a time. What a guess costs depends on the machine and on the proposer, so it is
 * measured: the time of a step with guesses against that of a plain step. Guesses are paid from a credit, in steps: it
 * grows by what right guesses save and by a small share of every token, and shrinks by what wrong ones cost. So wrong
 * guesses cost no more than that share, pauses of the machine apart. Where guessing does not pay, it is tried again now
 * and then.
 *
 * <p>The output of a generation does not depend on it, only its time. For one thread.
 */
final class SpeculationPace {

    /** The part of all steps that may be lost, beside the first credit. */
    static final double SHARE = 0.015;

    private static final double FIRST_CREDIT = 2;
    private static final double MOST_CREDIT = 4;
    private static final int FIRST_GUESS = 4;

    /** What checking one more token costs, in steps, before it is known: 0.2 with 512 bits, 0.6 with 256. */
    private static final double FIRST_COST = 0.5;

    /** Plain steps before the first guess: without their time, nothing can be compared with it. */
    private static final int FIRST_PLAIN = 4;

    /** Steps with guesses after which a plain step is measured again: steps get slower as a text grows. */
    private static final int MOST_WITHOUT_PLAIN = 16;

    private final int most;
    private int length;
    private int plainSteps;
    private int sincePlain;
    private double stepNanos; // of a plain step
    private double cost = FIRST_COST;
    private double credit = FIRST_CREDIT;

    /** Starts with a guess of a few tokens; {@code most} is the largest number. */
    SpeculationPace(int most) {
        this.most = most;
        this.length = Math.min(most, FIRST_GUESS);
    }

    /** How many tokens to guess now; 0 for none. */
    int length() {
        return plainSteps < FIRST_PLAIN || sincePlain >= MOST_WITHOUT_PLAIN ? 0
                : Math.min(length, (int) Math.max(0, credit / cost));
    }

    /** After a step without a guess. */
    void plain(long nanos) {
        if (plainSteps == 0) {
            stepNanos = nanos;
        } else { // other work on the machine only ever makes a step longer
            stepNanos += (nanos < stepNanos ? 0.5 : 0.1) * (nanos - stepNanos);
        }
        plainSteps++;
        sincePlain = 0;
        earn(SHARE);
    }

    /** After a step with guesses, of which the first {@code right} ones were right. */
    void checked(int guesses, int right, long nanos) {
        double extra = Math.max(0, nanos / Math.max(1, stepNanos) - 1);
        double charged = Math.min(extra, 4 * cost * guesses); // a pause of the machine is not the guesses' doing
        cost += 0.2 * (Math.clamp(extra / guesses, 0.01, 4) - cost);
        sincePlain++;
        earn((1 + right) * SHARE + right - charged);
        length = right == guesses ? Math.min(most, 2 * guesses) : right + 1;
    }

    private void earn(double steps) {
        credit = Math.min(MOST_CREDIT, credit + steps);
    }
}
