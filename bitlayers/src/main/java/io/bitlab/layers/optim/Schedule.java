package io.bitlab.layers.optim;

/** How the learning rate changes during training: a factor on the base rate. Stateless. */
@FunctionalInterface
public interface Schedule {

    /** Always the base rate. */
    Schedule CONSTANT = (step, steps) -> 1f;

    /**
     * The factor of a step.
     *
     * @param step which step of the whole training, from 0
     * @param steps how many there will be
     * @return what the base learning rate is multiplied with
     */
    float factor(long step, long steps);

    /**
     * Half a cosine, from 1 down to almost 0 (Loshchilov and Hutter, <i>SGDR</i>, 2017, without restarts), after a
     * linear warm-up.
     *
     * @param warmUpSteps steps in which the factor first grows from almost 0 to 1
     * @return the schedule
     */
    static Schedule cosine(long warmUpSteps) {
        return (step, steps) -> {
            if (step < warmUpSteps) {
                return (step + 1f) / (warmUpSteps + 1f);
            }
            double done = (step - warmUpSteps) / (double) Math.max(1, steps - warmUpSteps);
            return (float) (0.5 * (1 + StrictMath.cos(Math.PI * done)));
        };
    }
}
