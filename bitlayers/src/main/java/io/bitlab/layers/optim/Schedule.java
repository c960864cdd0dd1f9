package io.bitlab.layers.optim;

/**
 * How a rate changes during training: a factor on the optimiser's learning rate, or on its weight decay. Stateless, so
 * a resumed training needs the number of its step only.
 *
 * <pre>{@code
 * Schedule rate = Schedule.cosine().downTo(0.1f).withWarmUp(100);
 * optimizer.learningRate(1e-3f * rate.factor(step, steps));
 * }</pre>
 */
@FunctionalInterface
public interface Schedule {

    /** Always the base rate. */
    Schedule CONSTANT = (step, steps) -> 1f;

    /**
     * The factor of a step.
     *
     * @param step which step of the whole training, from 0
     * @param steps how many there will be
     * @return what the base rate is multiplied with
     */
    float factor(long step, long steps);

    // ---------------------------------------------------------------- shapes

    /**
     * A line from 1 down to 0: {@code 1 - step / steps}, as in BERT's training (Devlin et al., 2019).
     *
     * @return the schedule; 0 from the last step on
     */
    static Schedule linear() {
        return (step, steps) -> (float) (1 - done(step, steps));
    }

    /**
     * Half a cosine from 1 down to 0: {@code (1 + cos(π·step / steps)) / 2} (Loshchilov and Hutter, <i>SGDR</i>, 2017,
     * without restarts).
     *
     * @return the schedule; 0 from the last step on
     */
    static Schedule cosine() {
        return (step, steps) -> (float) (0.5 * (1 + StrictMath.cos(Math.PI * done(step, steps))));
    }

    /**
     * BitNet's learning rate with the published drop to two thirds: of the 3B model from 1.5e-3 down the line to
     * 7.5e-4, then from 5e-4 to 0.
     *
     * @return {@link #twoStage(float)} of 2/3
     */
    static Schedule twoStage() {
        return twoStage(2f / 3f);
    }

    /**
     * BitNet's learning rate (Microsoft, <i>The Era of 1-bit LLMs: Training Tips, Code and FAQ</i>, 2024): the line of
     * {@link #linear()}, which from half of the training on is that of a smaller peak. Ternary training bears, and
     * wants, a high rate at first; the loss falls once more when the rate drops.
     *
     * @param second the second stage's peak as a share of the first's, from 0 to 1
     * @return {@code 1 - step / steps} in the first half, {@code second · (1 - step / steps)} in the second
     */
    static Schedule twoStage(float second) {
        requireShare("twoStage", second);
        return (step, steps) -> (float) ((isFirstHalf(step, steps) ? 1.0 : second) * (1 - done(step, steps)));
    }

    /**
     * BitNet's weight decay (the same source): in full in the first half of training, none in the second, where it
     * would keep pulling latent weights over the rounding thresholds. Give it the same warm-up as the learning rate's
     * schedule, so that both change at the same step.
     *
     * @return 1 in the first half, then 0
     */
    static Schedule firstHalf() {
        return (step, steps) -> isFirstHalf(step, steps) ? 1f : 0f;
    }

    /**
     * From 0 up to 1 in the first part of training, then 1: how strongly a float network's layers are quantised while
     * it is fine-tuned ({@code quantStrength}), so that it is not thrown from one step to the next into what it never
     * learned (the warm-up of λ in Hugging Face's <i>Fine-tuning LLMs to 1.58bit</i>, 2024).
     *
     * @param share of the steps in which it rises, above 0 to 1
     * @return {@code min(1, step / (share · steps))}
     * @throws IllegalArgumentException if the share is outside that range
     */
    static Schedule rise(double share) {
        requireRise("rise", share);
        return (step, steps) -> (float) Math.min(1.0, done(step, steps) / share);
    }

    /**
     * From 0 up to 1 in the first part of training along an exponential, fast at first: the sibling of {@link #rise}
     * for networks that bear quantisation early.
     *
     * @param share of the steps in which it rises, above 0 to 1
     * @param sharpness k, positive and finite; near 0 it is the line, 5 is steep
     * @return {@code (1 - exp(-k·t)) / (1 - exp(-k))} with {@code t = min(1, step / (share · steps))}
     * @throws IllegalArgumentException if one is outside its range
     */
    static Schedule exponentialRise(double share, double sharpness) {
        requireRise("exponentialRise", share);
        if (!(sharpness > 0 && sharpness < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("Schedule.exponentialRise: sharpness " + sharpness
                    + " is not a positive number, such as 5");
        }
        return (step, steps) -> (float) (StrictMath.expm1(-sharpness * Math.min(1.0, done(step, steps) / share))
                / StrictMath.expm1(-sharpness));
    }

    private static void requireRise(String operation, double share) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("Schedule." + operation + ": a share of " + share + " is not in (0, 1]");
        }
    }

    private static boolean isFirstHalf(long step, long steps) {
        return step < steps - step;
    }

    private static double done(long step, long steps) {
        return Math.min(1.0, step / (double) Math.max(1, steps));
    }

    // ---------------------------------------------------------------- changes

    /**
     * This schedule after a linear warm-up (Goyal et al., <i>Accurate, Large Minibatch SGD</i>, 2017). Adam needs it
     * too: its first steps divide by a variance of few samples (Liu et al., <i>On the Variance of the Adaptive Learning
     * Rate and Beyond</i>, 2020).
     *
     * @param warmUpSteps steps in which the factor grows from almost 0 to this schedule's first one; this schedule then
     *     runs over the steps that are left
     * @return the changed schedule
     * @throws IllegalArgumentException if the number is negative
     */
    default Schedule withWarmUp(long warmUpSteps) {
        if (warmUpSteps < 0) {
            throw new IllegalArgumentException("Schedule.withWarmUp: " + warmUpSteps + " steps, expected 0 or more");
        }
        return (step, steps) -> {
            long left = Math.max(1, steps - warmUpSteps);
            return step < warmUpSteps
                    ? (step + 1f) / (warmUpSteps + 1f) * factor(0, left)
                    : factor(step - warmUpSteps, left);
        };
    }

    /**
     * This schedule squeezed into [last, 1]: one that falls to 0 falls to {@code last} instead. Comes before
     * {@link #withWarmUp}, which would otherwise begin at {@code last} too.
     *
     * @param last share of the base rate that remains, from 0 to 1; 0.1 is usual for language models
     * @return {@code last + (1 - last) · factor}
     * @throws IllegalArgumentException if it is outside that range
     */
    default Schedule downTo(float last) {
        requireShare("downTo", last);
        return (step, steps) -> last + (1f - last) * factor(step, steps);
    }

    private static void requireShare(String operation, float share) {
        if (!(share >= 0f && share <= 1f)) {
            throw new IllegalArgumentException("Schedule." + operation + ": " + share + " is not in [0, 1]");
        }
    }
}
