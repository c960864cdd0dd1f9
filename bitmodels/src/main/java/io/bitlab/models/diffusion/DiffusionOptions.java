package io.bitlab.models.diffusion;

import io.bitlab.models.config.ConfigChecks;

/**
 * How images are generated.
 *
 * {@snippet class="io.bitlab.models.snippets.DiffusionSnippets" region="options"}
 *
 * @param steps steps from noise to image, 1 to {@value #MOST_STEPS}
 * @param guidance how far to go from images of no class in particular (0) to images of the class (1) and beyond; 1.5 to
 *     4 is usual: clearer images, less variety. Other values than 1 take twice the time (J. Ho and T. Salimans,
 *     <i>Classifier-Free Diffusion Guidance</i>, 2022)
 * @param sampler how to take the steps; null for the usual way of the model's process
 * @param negative the class to move away from; null for images of no class in particular
 */
public record DiffusionOptions(int steps, float guidance, DiffusionSampler sampler, String negative) {

    /** More steps change nothing that can be seen. */
    public static final int MOST_STEPS = 10_000;

    /** 25 steps, guidance 2. */
    public static final DiffusionOptions DEFAULT = new DiffusionOptions(25, 2f, null, null);

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public DiffusionOptions {
        ConfigChecks checks = new ConfigChecks("DiffusionOptions");
        checks.positive("steps", steps, MOST_STEPS);
        checks.require(guidance >= 0f && guidance <= 100f, "guidance", guidance, "a number from 0 to 100");
    }

    /**
     * Returns these options with another number of steps.
     *
     * @param value at least 1
     * @return the changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public DiffusionOptions withSteps(int value) {
        return new DiffusionOptions(value, guidance, sampler, negative);
    }

    /**
     * Returns these options with another guidance.
     *
     * @param value at least 0; 1 for none
     * @return the changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public DiffusionOptions withGuidance(float value) {
        return new DiffusionOptions(steps, value, sampler, negative);
    }

    /**
     * Returns these options with another sampler.
     *
     * @param value one that fits the model's process, or null
     * @return the changed copy
     */
    public DiffusionOptions withSampler(DiffusionSampler value) {
        return new DiffusionOptions(steps, guidance, value, negative);
    }

    /**
     * Returns these options with a class to move away from. It has an effect with guidance other than 1.
     *
     * @param value name of a class, or null
     * @return the changed copy
     */
    public DiffusionOptions withNegative(String value) {
        return new DiffusionOptions(steps, guidance, sampler, value);
    }
}
