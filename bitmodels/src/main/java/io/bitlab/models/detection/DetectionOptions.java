package io.bitlab.models.detection;

import io.bitlab.models.config.ConfigChecks;

/**
 * Which of the boxes that a detector computes are objects.
 *
 * {@snippet class="io.bitlab.models.snippets.DetectionSnippets" region="options"}
 *
 * @param scoreThreshold the smallest score of an object, in [0, 1); higher finds fewer objects and fewer wrong ones
 * @param overlapThreshold boxes whose intersection over union with a better one is at least this are the same object,
 *     in (0, 1]
 * @param maxDetections the most objects of an image, at least 1; the best ones stay
 * @param acrossClasses whether boxes of different classes can be the same object
 */
public record DetectionOptions(float scoreThreshold, float overlapThreshold, int maxDetections,
        boolean acrossClasses) {

    /** For people: scores from 0.3, an overlap of 0.55 within a class, 100 objects. */
    public static final DetectionOptions DEFAULT = new DetectionOptions(0.3f, 0.55f, 100, false);

    /** More can't be told apart by anyone, and stops a damaged file from asking for gigabytes. */
    private static final int MOST_DETECTIONS = 1 << 20;

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public DetectionOptions {
        ConfigChecks checks = new ConfigChecks("DetectionOptions");
        checks.require(scoreThreshold >= 0f && scoreThreshold < 1f, "scoreThreshold", scoreThreshold,
                "a number in [0, 1)");
        checks.require(overlapThreshold > 0f && overlapThreshold <= 1f, "overlapThreshold", overlapThreshold,
                "a number in (0, 1]");
        checks.positive("maxDetections", maxDetections, MOST_DETECTIONS);
    }

    /**
     * Returns these options with another smallest score. Average precision needs a low one, such as 0.02: it looks at
     * all scores.
     *
     * @param value in [0, 1)
     * @return the changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public DetectionOptions withScoreThreshold(float value) {
        return new DetectionOptions(value, overlapThreshold, maxDetections, acrossClasses);
    }

    /**
     * Returns these options with another limit of overlap.
     *
     * @param value in (0, 1]
     * @return the changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public DetectionOptions withOverlapThreshold(float value) {
        return new DetectionOptions(scoreThreshold, value, maxDetections, acrossClasses);
    }

    /**
     * Returns these options with another limit of objects.
     *
     * @param value at least 1
     * @return the changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public DetectionOptions withMaxDetections(int value) {
        return new DetectionOptions(scoreThreshold, overlapThreshold, value, acrossClasses);
    }

    /**
     * Returns these options with another rule for overlapping boxes of different classes.
     *
     * @param value whether they can be the same object
     * @return the changed copy
     */
    public DetectionOptions withAcrossClasses(boolean value) {
        return new DetectionOptions(scoreThreshold, overlapThreshold, maxDetections, value);
    }
}
