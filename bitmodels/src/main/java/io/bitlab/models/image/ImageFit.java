package io.bitlab.models.image;

/** How an image of any size becomes one of a fixed size. */
public enum ImageFit {

    /** Not at all: an image of another size is refused. */
    EXACT,

    /** Resized in both directions, whatever becomes of its proportions. */
    STRETCH,

    /** Resized until it covers the size, then cut on both sides: the usual way to evaluate classifiers. */
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
        BitImage.requireSize("ImageFit", width, height);
        return switch (this) {
            case EXACT -> {
                if (image.width() != width || image.height() != height) {
                    throw new IllegalArgumentException("an image of " + image.width() + " x " + image.height()
                            + " pixels, expected " + width + " x " + height
                            + " as for the others; choose ImageFit.STRETCH, CROP or LETTERBOX to resize");
                }
                yield image;
            }
            case STRETCH -> image.resize(width, height);
            case CROP -> {
                double scale = Math.max(width / (double) image.width(), height / (double) image.height());
                int coveringWidth = Math.toIntExact(Math.max(width, Math.round(image.width() * scale)));
                int coveringHeight = Math.toIntExact(Math.max(height, Math.round(image.height() * scale)));
                yield image.resize(coveringWidth, coveringHeight)
                        .crop((coveringWidth - width) / 2, (coveringHeight - height) / 2, width, height);
            }
            case LETTERBOX -> image.letterbox(width, height, 0).image();
        };
    }
}
