package io.bitlab.layers.optim;

/**
 * How a rate changes during training: a factor of the base learning rate or weight decay for each step. Stateless, so a
 * resumed training only needs the number of its step.
 *
 * {@snippet class="io.bitlab.layers.snippets.OptimSnippets" region="schedule"}
 */
@FunctionalInterface
public interface Schedule {

    /** Always the base rate. */
    Schedule CONSTANT = (step, steps) -> 1f;

    /**
     * The factor of a step.
     *
     * @param step number of the step in the whole training, from 0
     * @param steps number of all steps
     * @return the factor of the base rate
     */
    float factor(long step, long steps);

    // ---------------------------------------------------------------- shapes

    /**
     * A line from 1 down to 0: {@code 1 - step / steps}, as in BERT's training (Devlin et al., 2019).
     *
     * @return the schedule; 0 from the last step on
     */
    static Schedule linear() {
        return (step, steps) -> (float) (1 - progress(step, steps));
    }

    /**
     * Half a cosine from 1 down to 0: {@code (1 + cos(π·step / steps)) / 2} (Loshchilov and Hutter, <i>SGDR</i>, 2017,
     * without restarts).
     *
     * @return the schedule; 0 from the last step on
     */
    static Schedule cosine() {
        return (step, steps) -> (float) (0.5 * (1 + StrictMath.cos(Math.PI * progress(step, steps))));
    }

    /**
     * One cycle: along half a cosine from 1/25 up to 1, then along another one down to 1/250,000 (Smith and Topin,
     * <i>Super-Convergence</i>, 2019; the shape and the numbers of PyTorch's {@code OneCycleLR}, without its cycle of
     * the momentum). For short trainings with a high peak rate.
     *
     * @param share share of the steps in which it rises, above 0, at most 1; 0.3 is usual
     * @return the schedule; 1 is the peak
     * @throws IllegalArgumentException if the share is outside that range
     */
    static Schedule oneCycle(double share) {
        requireRise("oneCycle", share);
        return (step, steps) -> {
            double peak = share * steps - 1;
            double last = steps - 1.0;
            return (float) (step <= peak && peak > 0 ? halfCosine(1 / 25.0, 1, step / peak)
                    : halfCosine(1, 1 / 250_000.0, last <= peak ? 1 : Math.min(1, (step - peak) / (last - peak))));
        };
    }

    private static double halfCosine(double from, double to, double progress) {
        return to + (from - to) / 2 * (1 + StrictMath.cos(Math.PI * progress));
    }

    /**
     * BitNet's learning rate with the published drop to two thirds: for the 3B model linearly from 1.5e-3 to 7.5e-4,
     * then from 5e-4 to 0.
     *
     * @return {@link #twoStage(float)} of 2/3
     */
    static Schedule twoStage() {
        return twoStage(2f / 3f);
    }

    /**
     * BitNet's learning rate (Microsoft, <i>The Era of 1-bit LLMs: Training Tips, Code and FAQ</i>, 2024):
     * {@link #linear()}, scaled down in the second half of the training. Ternary training tolerates, and benefits from,
     * a high initial learning rate; the loss falls again when the rate drops.
     *
     * @param second factor of the second half, from 0 to 1
     * @return {@code 1 - step / steps} in the first half, {@code second · (1 - step / steps)} in the second
     * @throws IllegalArgumentException if the factor is outside that range
     */
    static Schedule twoStage(float second) {
        requireShare("twoStage", second);
        return (step, steps) -> (float) ((isFirstHalf(step, steps) ? 1.0 : second) * (1 - progress(step, steps)));
    }

    /**
     * BitNet's weight decay (the source of {@link #twoStage(float)}): full in the first half of training, none in the
     * second, where it would pull latent weights across the rounding thresholds. Give it the warm-up of the learning
     * rate's schedule, so that both change at the same step.
     *
     * @return 1 in the first half, then 0
     */
    static Schedule firstHalf() {
        return (step, steps) -> isFirstHalf(step, steps) ? 1f : 0f;
    }

    /**
     * From 0 to 1 in the first part of training, then 1. For {@code quantStrength} while a converted float network is
     * fine-tuned, so that quantisation sets in gradually (the warm-up of λ in Hugging Face's <i>Fine-tuning LLMs to
     * 1.58bit</i>, 2024).
     *
     * @param share share of the steps in which it rises, above 0, at most 1
     * @return {@code min(1, step / (share · steps))}
     * @throws IllegalArgumentException if the share is outside that range
     */
    static Schedule rise(double share) {
        requireRise("rise", share);
        return (step, steps) -> (float) Math.min(1.0, progress(step, steps) / share);
    }

    /**
     * As {@link #rise}, but along an exponential that is fast at first, for networks that tolerate early quantisation.
     *
     * @param share share of the steps in which it rises, above 0, at most 1
     * @param sharpness k, positive and finite; near 0 it is almost linear, 5 is steep
     * @return {@code (1 - exp(-k·t)) / (1 - exp(-k))} with {@code t = min(1, step / (share · steps))}
     * @throws IllegalArgumentException if one is outside its range
     */
    static Schedule exponentialRise(double share, double sharpness) {
        requireRise("exponentialRise", share);
        if (!(sharpness > 0 && sharpness < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("Schedule.exponentialRise: sharpness " + sharpness
                    + " is not a positive number, such as 5");
        }
        return (step, steps) -> (float) (StrictMath.expm1(-sharpness * Math.min(1.0, progress(step, steps) / share))
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

    private static double progress(long step, long steps) {
        return Math.min(1.0, step / (double) Math.max(1, steps));
    }

    // ---------------------------------------------------------------- modifications

    /**
     * This schedule after a linear warm-up (Goyal et al., <i>Accurate, Large Minibatch SGD</i>, 2017). Adam needs one
     * too, because its first steps divide by a variance of few samples (Liu et al., <i>On the Variance of the Adaptive
     * Learning Rate and Beyond</i>, 2020).
     *
     * @param warmUpSteps steps in which the factor grows from almost 0 to this schedule's first one; this schedule then
     *     runs over the remaining steps
     * @return the new schedule
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
     * This schedule scaled to [last, 1]: one that falls to 0 then falls to {@code last}. Call it before
     * {@link #withWarmUp}, because the warm-up would otherwise begin at {@code last}.
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
