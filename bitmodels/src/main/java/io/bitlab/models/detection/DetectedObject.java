package io.bitlab.models.detection;

import io.bitlab.models.image.Box;

/**
 * An object on a picture.
 *
 * @param name what it is
 * @param label the number of that class, from 0
 * @param score how sure the detector is, from 0 to 1
 * @param box where it is, in pixels of the picture
 */
public record DetectedObject(String name, int label, float score, Box box) {

    /** Checks the values. */
    public DetectedObject {
        if (name == null || label < 0 || !(score >= 0 && score <= 1) || box == null) {
            throw new IllegalArgumentException("DetectedObject: " + name + ", label " + label + ", score " + score
                    + ", box " + box + "; expected a name, a label from 0, a score from 0 to 1, and a box");
        }
    }
}
