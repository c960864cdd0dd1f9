package io.bitlab.models.detection;

import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.Box;
import io.bitlab.models.image.Letterbox;
import io.bitlab.models.vision.ImageInput;
import java.util.Objects;

/**
 * A picture as a detector sees it.
 *
 * @param placed the fitted picture, and where its points are
 * @param width columns of the original
 * @param height rows of the original
 */
record FramedImage(Letterbox placed, int width, int height) {

    static FramedImage of(BitImage image, ImageInput input) {
        Objects.requireNonNull(image, "BitDetector: a picture is null");
        return new FramedImage(input.fit().place(image, input.width(), input.height()), image.width(), image.height());
    }

    /** A box of the frame in pixels of the original, without what lies beyond its edges. */
    Box toOriginal(Box box) {
        return placed.toSource(box).clip(width, height);
    }
}
