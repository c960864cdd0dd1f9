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
}
