package io.bitlab.models.image;

/**
 * An upright rectangle on an image. Coordinates are continuous and count pixels from the upper left corner; pixel i
 * covers [i, i + 1), so that a box around the whole image is {@code (0, 0, width, height)}.
 *
 * {@snippet class="io.bitlab.models.snippets.ImageSnippets" region="box"}
 *
 * @param left smallest x
 * @param top smallest y
 * @param right largest x, at least {@code left}
 * @param bottom largest y, at least {@code top}
 */
public record Box(double left, double top, double right, double bottom) {

    /**
     * Checks the order of the edges.
     *
     * @throws IllegalArgumentException if an edge is not finite, or right or bottom comes before left or top
     */
    public Box {
        if (!(right - left >= 0 && bottom - top >= 0 && Double.isFinite(right - left)
                && Double.isFinite(bottom - top))) {
            throw new IllegalArgumentException("Box: left " + left + ", top " + top + ", right " + right + ", bottom "
                    + bottom + " are not finite and in order; from corner and size, use Box.ofSize");
        }
    }

    /**
     * Creates a box of a corner and a size, as COCO gives it.
     *
     * @param left smallest x
     * @param top smallest y
     * @param width at least 0
     * @param height at least 0
     * @return the box
     * @throws IllegalArgumentException if a number is not finite, or a size negative
     */
    public static Box ofSize(double left, double top, double width, double height) {
        return new Box(left, top, left + width, top + height);
    }

    /**
     * Creates a box of a centre and a size, as YOLO gives it.
     *
     * @param x the x of the centre
     * @param y the y of the centre
     * @param width at least 0
     * @param height at least 0
     * @return the box
     * @throws IllegalArgumentException if a number is not finite, or a size negative
     */
    public static Box ofCentre(double x, double y, double width, double height) {
        return new Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2);
    }

    /**
     * The horizontal size.
     *
     * @return right minus left
     */
    public double width() {
        return right - left;
    }

    /**
     * The vertical size.
     *
     * @return bottom minus top
     */
    public double height() {
        return bottom - top;
    }

    /**
     * The area.
     *
     * @return width times height, in square pixels
     */
    public double area() {
        return width() * height();
    }

    /**
     * The area that two boxes share.
     *
     * @param other the other box
     * @return in square pixels; 0 if they don't overlap
     */
    public double intersection(Box other) {
        double shared = Math.min(right, other.right) - Math.max(left, other.left);
        double sharedHeight = Math.min(bottom, other.bottom) - Math.max(top, other.top);
        return shared <= 0 || sharedHeight <= 0 ? 0 : shared * sharedHeight;
    }

    /**
     * Intersection over union, the usual measure of how well two boxes agree.
     *
     * @param other the other box
     * @return from 0 to 1; 0 if both have no area
     */
    public double iou(Box other) {
        double shared = intersection(other);
        return shared == 0 ? 0 : shared / (area() + other.area() - shared);
    }

    /**
     * The part of this box that lies on an image.
     *
     * @param imageWidth columns of the image
     * @param imageHeight rows of the image
     * @return the part; without area, on the nearest edge, if all of the box lies outside
     */
    public Box clip(double imageWidth, double imageHeight) {
        return new Box(Math.clamp(left, 0, imageWidth), Math.clamp(top, 0, imageHeight),
                Math.clamp(right, 0, imageWidth), Math.clamp(bottom, 0, imageHeight));
    }
}
