package io.bitlab.models.detection.data;

/** What can be wrong with annotations. */
public enum AnnotationProblem {
    /** A box as wide or as high as nothing. */
    NO_AREA("boxes without area", true),
    /** A box that has no part in common with its image. */
    OUTSIDE("boxes outside of their image", true),
    /** A box whose right edge comes before the left, or the lower before the upper. */
    SWAPPED_CORNERS("boxes with corners in the wrong order", true),
    /** A box whose class is not in the list, by name or by number. */
    UNKNOWN_CLASS("boxes of unknown classes", true),
    /** A box that its image has before, with the same class. */
    DUPLICATE("boxes given twice", true),
    /** An annotation of an image file that does not exist. */
    MISSING_IMAGE("annotations of images that are missing", true),
    /** An image file that is damaged or no image. */
    UNREADABLE_IMAGE("image files that can't be read", true),
    /** An image of another size than that for which it was annotated, so that no box would fit. */
    WRONG_SIZE("images of another size than was annotated", true),
    /** A file, or an entry of a file, that does not obey its format. */
    UNREADABLE("annotations that can't be read", true),
    /** A box that reaches beyond its image by more than half a pixel; its part inside is used. */
    CLIPPED("boxes cut off at the edge of their image", false),
    /** An image without an annotation file. In YOLO's format that means no objects, otherwise it is left out. */
    NOT_ANNOTATED("images without annotation", false);

    private final String plural;
    private final boolean wrong;

    AnnotationProblem(String plural, boolean wrong) {
        this.plural = plural;
        this.wrong = wrong;
    }

    /** What there are several of, for messages. */
    String plural() {
        return plural;
    }

    /**
     * Whether {@link OnProblem} applies. What is not wrong is only counted.
     *
     * @return false for {@link #CLIPPED} and {@link #NOT_ANNOTATED}
     */
    public boolean isWrong() {
        return wrong;
    }
}
