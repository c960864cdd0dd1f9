package io.bitlab.models.detection.data;

import io.bitlab.models.image.Box;
import java.util.Objects;

/**
 * An object that a detector found.
 *
 * {@snippet class="io.bitlab.models.snippets.DetectionDataSnippets" region="scored"}
 *
 * @param box in pixels of the image
 * @param label its class, from 0
 * @param score how sure the detector is, from 0 to 1
 */
public record ScoredBox(Box box, int label, float score) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the label is negative, or the score NaN
     */
    public ScoredBox {
        Objects.requireNonNull(box, "ScoredBox: the box is null");
        if (label < 0 || Float.isNaN(score)) {
            throw new IllegalArgumentException("ScoredBox: label " + label + ", score " + score
                    + "; expected a class from 0 and a number");
        }
    }
}
