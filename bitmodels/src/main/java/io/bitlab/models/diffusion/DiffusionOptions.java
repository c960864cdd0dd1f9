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
 * @param guidedFrom the smallest time that is guided, from 0, the image, to 1, the noise
 * @param guidedTo the largest time that is guided. Guidance at the beginning, when all is noise, makes images alike,
 *     and at the end it changes little (T. Kynkäänniemi et al., <i>Applying Guidance in a Limited Interval Improves
 *     Sample and Distribution Quality in Diffusion Models</i>, 2024)
 */
public record DiffusionOptions(int steps, float guidance, DiffusionSampler sampler, String negative, float guidedFrom,
        float guidedTo) {

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
        checks.require(guidedFrom >= 0f && guidedFrom <= guidedTo && guidedTo <= 1f, "guided times",
                guidedFrom + " to " + guidedTo, "times from 0 to 1, the smaller one first");
    }

    /**
     * Creates options with guidance all the time.
     *
     * @param steps steps from noise to image
     * @param guidance how far to go from images of no class in particular to images of the class
     * @param sampler how to take the steps; null for the usual way of the model's process
     * @param negative the class to move away from; null for images of no class in particular
     * @throws IllegalArgumentException if a number is out of range
     */
    public DiffusionOptions(int steps, float guidance, DiffusionSampler sampler, String negative) {
        this(steps, guidance, sampler, negative, 0f, 1f);
    }

    /**
     * Returns these options with another number of steps.
     *
     * @param value at least 1
     * @return the changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public DiffusionOptions withSteps(int value) {
        return new DiffusionOptions(value, guidance, sampler, negative, guidedFrom, guidedTo);
    }

    /**
     * Returns these options with another guidance.
     *
     * @param value at least 0; 1 for none
     * @return the changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public DiffusionOptions withGuidance(float value) {
        return new DiffusionOptions(steps, value, sampler, negative, guidedFrom, guidedTo);
    }

    /**
     * Returns these options with another sampler.
     *
     * @param value one that fits the model's process, or null
     * @return the changed copy
     */
    public DiffusionOptions withSampler(DiffusionSampler value) {
        return new DiffusionOptions(steps, guidance, value, negative, guidedFrom, guidedTo);
    }

    /**
     * Returns these options with a class to move away from. It has an effect with guidance other than 1.
     *
     * @param value name of a class, or null
     * @return the changed copy
     */
    public DiffusionOptions withNegative(String value) {
        return new DiffusionOptions(steps, guidance, sampler, value, guidedFrom, guidedTo);
    }

    /**
     * Returns these options with guidance at some times only. The others take half the time.
     *
     * @param from the smallest guided time, at least 0, which is the image
     * @param to the largest guided time, at most 1, which is the noise
     * @return the changed copy
     * @throws IllegalArgumentException if they are out of range
     */
    public DiffusionOptions withGuidedTimes(float from, float to) {
        return new DiffusionOptions(steps, guidance, sampler, negative, from, to);
    }
}
