package io.bitlab.models.image;

/**
 * How an image is resized. A pixel is a square: pixel i covers the interval [i, i + 1), its centre is i + 0.5. Sizes
 * change by {@code scale = old size / new size} in each direction, so the centre of new pixel i lies at
 * {@code (i + 0.5) * scale} in the old image.
 *
 * <p>Both directions are computed in float32, and the result is rounded once. Values are averaged as they are stored
 * (sRGB), as PyTorch, Pillow and OpenCV do.
 */
public enum ResizeMethod {

    /** In each direction {@link #AREA} where it shrinks, {@link #BILINEAR} where it grows. */
    AUTOMATIC,

    /** The average over the interval of the old image that a new pixel covers, parts of pixels by their share. */
    AREA,

    /**
     * Linear between the centres of the two nearest old pixels, beyond the outermost centres constant. Skips pixels
     * when it shrinks by more than two. Equals PyTorch's {@code interpolate(mode="bilinear", align_corners=False)}.
     */
    BILINEAR,

    /** The old pixel in which the centre of the new one lies. */
    NEAREST
}
