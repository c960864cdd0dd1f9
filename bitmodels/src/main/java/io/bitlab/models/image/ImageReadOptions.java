package io.bitlab.models.image;

/**
 * How image files are read.
 *
 * {@snippet class="io.bitlab.models.snippets.ImageSnippets" region="options"}
 *
 * @param maxPixels images of more pixels are refused before memory is taken for them, from 1 to 715,827,882 (whose
 *     bytes fill the largest array)
 * @param orientation whether the orientation that cameras note in EXIF data is applied; then width and height are those
 *     of the upright image
 * @param background {@code 0xRRGGBB}: the colour behind transparent pixels
 * @param truncated whether of a file that ends too early the part that is there is read; the colour of the missing
 *     pixels depends on the format. By default, such a file is refused
 */
public record ImageReadOptions(long maxPixels, boolean orientation, int background, boolean truncated) {

    /** As many as have room in an array of three bytes each. */
    static final long MOST_PIXELS = Integer.MAX_VALUE / 3;

    private static final ImageReadOptions DEFAULTS = new ImageReadOptions(100_000_000, true, 0xffffff, false);

    /**
     * Checks the options.
     *
     * @throws IllegalArgumentException if the limit or the colour is out of range
     */
    public ImageReadOptions {
        if (maxPixels < 1 || maxPixels > MOST_PIXELS) {
            throw new IllegalArgumentException(
                    "ImageReadOptions: maxPixels " + maxPixels + " is not from 1 to " + MOST_PIXELS);
        }
        BitImage.requireColour("ImageReadOptions: background", background);
    }

    /**
     * The usual options: at most 100 million pixels, orientation applied, on white, truncated files refused.
     *
     * @return the options
     */
    public static ImageReadOptions defaults() {
        return DEFAULTS;
    }

    /**
     * The same with another limit.
     *
     * @param most how many pixels an image may have, from 1 to 715,827,882
     * @return the options
     */
    public ImageReadOptions withMaxPixels(long most) {
        return new ImageReadOptions(most, orientation, background, truncated);
    }

    /**
     * The same with the EXIF orientation applied or ignored.
     *
     * @param applied whether it is applied
     * @return the options
     */
    public ImageReadOptions withOrientation(boolean applied) {
        return new ImageReadOptions(maxPixels, applied, background, truncated);
    }

    /**
     * The same with another colour behind transparent pixels.
     *
     * @param colour {@code 0xRRGGBB}
     * @return the options
     */
    public ImageReadOptions withBackground(int colour) {
        return new ImageReadOptions(maxPixels, orientation, colour, truncated);
    }

    /**
     * The same with truncated files read or refused.
     *
     * @param allowed whether what is there is read
     * @return the options
     */
    public ImageReadOptions withTruncated(boolean allowed) {
        return new ImageReadOptions(maxPixels, orientation, background, allowed);
    }

    /** The largest file that is read: the largest uncompressed image, 16 bits in 4 channels, and its metadata. */
    int maxBytes() {
        return (int) Math.min(Integer.MAX_VALUE - 8, 8 * maxPixels + (16 << 20));
    }
}
