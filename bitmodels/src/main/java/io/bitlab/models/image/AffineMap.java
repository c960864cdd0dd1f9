package io.bitlab.models.image;

/**
 * Where the points of an image go: {@code (x, y)} to {@code (xx * x + xy * y + x0, yx * x + yy * y + y0)}. Coordinates
 * are continuous and count from the upper left corner; pixel i covers [i, i + 1).
 *
 * {@snippet class="io.bitlab.models.snippets.ImageSnippets" region="map"}
 *
 * <p>The same map moves pixels ({@link ImagePlanes#warp}) and boxes ({@link #box}).
 *
 * @param xx how much of x becomes x
 * @param xy how much of y becomes x
 * @param x0 where the x of the corner goes
 * @param yx how much of x becomes y
 * @param yy how much of y becomes y
 * @param y0 where the y of the corner goes
 */
public record AffineMap(double xx, double xy, double x0, double yx, double yy, double y0) {

    /** Leaves each point where it is. */
    public static final AffineMap IDENTITY = new AffineMap(1, 0, 0, 0, 1, 0);

    /**
     * Mirrors left to right.
     *
     * @param width columns of the image
     * @return the map
     */
    public static AffineMap flip(double width) {
        return new AffineMap(-1, 0, width, 0, 1, 0);
    }

    /**
     * Mirrors top to bottom.
     *
     * @param height rows of the image
     * @return the map
     */
    public static AffineMap flipVertically(double height) {
        return new AffineMap(1, 0, 0, 0, -1, height);
    }

    /**
     * Moves all points by a distance.
     *
     * @param right pixels to the right
     * @param down pixels down
     * @return the map
     */
    public static AffineMap translate(double right, double down) {
        return new AffineMap(1, 0, right, 0, 1, down);
    }

    /**
     * Enlarges about the centre of an image.
     *
     * @param horizontally factor of widths
     * @param vertically factor of heights
     * @param width columns of the image
     * @param height rows of the image
     * @return the map
     */
    public static AffineMap scale(double horizontally, double vertically, double width, double height) {
        return resize(horizontally, vertically).about(width / 2, height / 2);
    }

    /**
     * Rotates about the centre of an image.
     *
     * @param degrees the angle, clockwise as seen on a screen
     * @param width columns of the image
     * @param height rows of the image
     * @return the map
     */
    public static AffineMap rotate(double degrees, double width, double height) {
        double sine = StrictMath.sin(StrictMath.toRadians(degrees)); // the same bits on every machine
        double cosine = StrictMath.cos(StrictMath.toRadians(degrees));
        return new AffineMap(cosine, -sine, 0, sine, cosine, 0).about(width / 2, height / 2);
    }

    /**
     * Slants about the centre of an image.
     *
     * @param horizontally pixels to the right for each row further down
     * @param vertically pixels down for each column further right
     * @param width columns of the image
     * @param height rows of the image
     * @return the map
     */
    public static AffineMap shear(double horizontally, double vertically, double width, double height) {
        return new AffineMap(1, horizontally, 0, vertically, 1, 0).about(width / 2, height / 2);
    }

    /**
     * Resizes an image.
     *
     * @param horizontally new width divided by old width
     * @param vertically new height divided by old height
     * @return the map
     */
    public static AffineMap resize(double horizontally, double vertically) {
        return new AffineMap(horizontally, 0, 0, 0, vertically, 0);
    }

    private AffineMap about(double x, double y) {
        return translate(-x, -y).andThen(this).andThen(translate(x, y));
    }

    /**
     * This map followed by another.
     *
     * @param next the other
     * @return both as one map
     */
    public AffineMap andThen(AffineMap next) {
        return new AffineMap(next.xx * xx + next.xy * yx, next.xx * xy + next.xy * yy, next.x(x0, y0),
                next.yx * xx + next.yy * yx, next.yx * xy + next.yy * yy, next.y(x0, y0));
    }

    /**
     * The map back.
     *
     * @return the inverse
     * @throws IllegalArgumentException if there is none, since the map makes the image a line
     */
    public AffineMap inverse() {
        double determinant = xx * yy - xy * yx;
        if (determinant == 0 || !Double.isFinite(determinant)) {
            throw new IllegalArgumentException("AffineMap.inverse: " + this + " has no inverse; a scale is 0, infinite"
                    + " or NaN");
        }
        double a = yy / determinant;
        double b = -xy / determinant;
        double c = -yx / determinant;
        double d = xx / determinant;
        return new AffineMap(a, b, -(a * x0 + b * y0), c, d, -(c * x0 + d * y0));
    }

    /**
     * Where a point goes.
     *
     * @param x its x
     * @param y its y
     * @return its new x
     */
    public double x(double x, double y) {
        return xx * x + xy * y + x0;
    }

    /**
     * Where a point goes.
     *
     * @param x its x
     * @param y its y
     * @return its new y
     */
    public double y(double x, double y) {
        return yx * x + yy * y + y0;
    }

    /**
     * The smallest upright box around a box that was moved.
     *
     * @param box where it was
     * @return where it is; may lie outside of the image
     */
    public Box box(Box box) {
        double x = x(box.left(), box.top());
        double y = y(box.left(), box.top());
        return new Box(x + Math.min(0, xx * box.width()) + Math.min(0, xy * box.height()),
                y + Math.min(0, yx * box.width()) + Math.min(0, yy * box.height()),
                x + Math.max(0, xx * box.width()) + Math.max(0, xy * box.height()),
                y + Math.max(0, yx * box.width()) + Math.max(0, yy * box.height()));
    }
}
