package io.bitlab.models.image;

/** How an image of any size becomes one of a fixed size. */
public enum ImageFit {

    /** Not at all: an image of another size is refused. */
    EXACT,

    /** Resized in both directions, whatever becomes of its proportions. */
    STRETCH,

    /**
     * The middle of the image, as much as has the proportions of the size, in whole pixels, then resized. As resizing
     * the shorter side and cutting the longer, but the image in between is not large, however long the image is.
     */
    CROP,

    /** Resized until it fits into the size, with black beside it: nothing is lost. */
    LETTERBOX;

    /**
     * Fits an image.
     *
     * @param image any image
     * @param width columns of the result
     * @param height rows of the result
     * @return an image of that size
     * @throws IllegalArgumentException if the image has another size and this is {@code EXACT}, or the size is not
     *     positive
     */
    public BitImage apply(BitImage image, int width, int height) {
        return place(image, width, height).image();
    }

    /**
     * Fits an image, and says where its points are now.
     *
     * @param image any image
     * @param width columns of the result
     * @param height rows of the result
     * @return the fitted image; after {@code CROP} its left and top edges may be negative
     * @throws IllegalArgumentException if the image has another size and this is {@code EXACT}, or the size is not
     *     positive
     */
    public Letterbox place(BitImage image, int width, int height) {
        BitImage.requireSize("ImageFit", width, height);
        return switch (this) {
            case EXACT -> {
                if (image.width() != width || image.height() != height) {
                    throw new IllegalArgumentException("an image of " + image.width() + " x " + image.height()
                            + " pixels, expected " + width + " x " + height
                            + " as for the others; choose ImageFit.STRETCH, CROP or LETTERBOX to resize");
                }
                yield new Letterbox(image, 1, 1, 0, 0);
            }
            case STRETCH -> stretched(image, image.width(), image.height(), 0, 0, width, height);
            case CROP -> {
                double scale = Math.max(width / (double) image.width(), height / (double) image.height());
                int columns = Math.clamp(Math.round(width / scale), 1, image.width());
                int rows = Math.clamp(Math.round(height / scale), 1, image.height());
                yield stretched(image, columns, rows, (image.width() - columns) / 2, (image.height() - rows) / 2,
                        width, height);
            }
            case LETTERBOX -> image.letterbox(width, height, 0);
        };
    }

    /** A part of an image, resized. */
    private static Letterbox stretched(BitImage image, int columns, int rows, int left, int top, int width,
            int height) {
        double scaleX = width / (double) columns;
        double scaleY = height / (double) rows;
        return new Letterbox(image.crop(left, top, columns, rows).resize(width, height), scaleX, scaleY, -left * scaleX,
                -top * scaleY);
    }
}
