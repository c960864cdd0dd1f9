package io.bitlab.models.detection.data;

import io.bitlab.models.image.Box;
import java.util.Objects;

/**
 * An object of which a person said what and where it is.
 *
 * {@snippet class="io.bitlab.models.snippets.DetectionDataSnippets" region="labelled"}
 *
 * @param box in pixels of the image
 * @param label its class, from 0
 * @param kind how it counts
 * @param area in square pixels, for scores by size: that of the outline, where one was drawn, or of the box
 */
public record LabelledBox(Box box, int label, BoxKind kind, double area) {

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the label is negative, or the area negative or not finite
     */
    public LabelledBox {
        Objects.requireNonNull(box, "LabelledBox: the box is null");
        Objects.requireNonNull(kind, "LabelledBox: the kind is null");
        if (label < 0 || !(area >= 0 && area < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("LabelledBox: label " + label + ", area " + area
                    + "; expected numbers that are not negative");
        }
    }

    /**
     * An object without an outline.
     *
     * @param box in pixels of the image
     * @param label its class, from 0
     * @return the object
     */
    public static LabelledBox of(Box box, int label) {
        return new LabelledBox(box, label, BoxKind.OBJECT, box.area());
    }
}
