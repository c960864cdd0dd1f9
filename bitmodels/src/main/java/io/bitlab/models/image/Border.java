package io.bitlab.models.image;

/**
 * What lies beyond the edges of an image when it is moved.
 *
 * @param reflects whether the image is mirrored at its outermost pixels, which are not repeated: column -1 is column 1
 * @param constant the value of all pixels beyond the edges, if it is not mirrored
 */
public record Border(boolean reflects, float constant) {

    /** The image, mirrored at its outermost pixels. */
    public static final Border REFLECT = new Border(true, 0f);

    /** Zeros: black for pixels in [0, 1], the mean colour after a normalisation. */
    public static final Border ZERO = new Border(false, 0f);

    /**
     * Pixels of one value.
     *
     * @param value the value
     * @return the border
     */
    public static Border constant(float value) {
        return new Border(false, value);
    }
}
