package io.bitlab.models.image;

/**
 * An image that was fitted into a frame, and where its points are now. Coordinates are continuous:
 * pixel i covers [i, i + 1), so an image's right edge is its width.
 *
 * {@snippet class="io.bitlab.models.snippets.ImageSnippets" region="letterbox"}
 *
 * @param image the framed image
 * @param scaleX width of the fitted image divided by the width of the source; differs from {@code scaleY} by rounding
 *     to whole pixels
 * @param scaleY height of the fitted image divided by the height of the source
 * @param left columns of the frame to the left of the fitted image; negative if some of the source was cut off
 * @param top rows of the frame above the fitted image; negative if some of the source was cut off
 */
public record Letterbox(BitImage image, double scaleX, double scaleY, double left, double top) {

    static Letterbox of(BitImage source, int width, int height, int colour) {
        double scale = Math.min(width / (double) source.width(), height / (double) source.height());
        int fittedWidth = Math.clamp(Math.round(source.width() * scale), 1, width);
        int fittedHeight = Math.clamp(Math.round(source.height() * scale), 1, height);
        int left = (width - fittedWidth) / 2;
        int top = (height - fittedHeight) / 2;
        BitImage image = source.resize(fittedWidth, fittedHeight).framed(width, height, left, top, colour);
        return new Letterbox(image, fittedWidth / (double) source.width(), fittedHeight / (double) source.height(),
                left, top);
    }

    /**
     * Where a point of the source is in the frame.
     *
     * @param sourceX its x in the source
     * @return its x in the frame
     */
    public double toFrameX(double sourceX) {
        return sourceX * scaleX + left;
    }

    /**
     * Where a point of the source is in the frame.
     *
     * @param sourceY its y in the source
     * @return its y in the frame
     */
    public double toFrameY(double sourceY) {
        return sourceY * scaleY + top;
    }

    /**
     * Where a point of the frame is in the source; beyond its edges for points outside of the fitted image.
     *
     * @param frameX its x in the frame
     * @return its x in the source
     */
    public double toSourceX(double frameX) {
        return (frameX - left) / scaleX;
    }

    /**
     * Where a point of the frame is in the source; beyond its edges for points outside of the fitted image.
     *
     * @param frameY its y in the frame
     * @return its y in the source
     */
    public double toSourceY(double frameY) {
        return (frameY - top) / scaleY;
    }

    /**
     * Where a box of the source is in the frame.
     *
     * @param source in pixels of the source
     * @return in pixels of the frame
     */
    public Box toFrame(Box source) {
        return new Box(toFrameX(source.left()), toFrameY(source.top()), toFrameX(source.right()),
                toFrameY(source.bottom()));
    }

    /**
     * Where a box of the frame is in the source; beyond its edges for one outside of the fitted image.
     *
     * @param frame in pixels of the frame
     * @return in pixels of the source
     */
    public Box toSource(Box frame) {
        return new Box(toSourceX(frame.left()), toSourceY(frame.top()), toSourceX(frame.right()),
                toSourceY(frame.bottom()));
    }
}
