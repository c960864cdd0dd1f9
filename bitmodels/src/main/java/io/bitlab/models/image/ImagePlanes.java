package io.bitlab.models.image;

import java.util.Arrays;

/**
 * One image in an array of floats, such as a batch: {@code [channels, height, width]} from an index on. A view, not a
 * copy.
 *
 * @param pixels the array; methods modify the part that is this image
 * @param offset index of the first float
 * @param channels planes of the image
 * @param height rows of each plane
 * @param width columns of each plane
 */
public record ImagePlanes(float[] pixels, int offset, int channels, int height, int width) {

    /**
     * Checks the part.
     *
     * @throws IllegalArgumentException if it is empty or not inside of the array
     */
    public ImagePlanes {
        if (offset < 0 || channels < 1 || height < 1 || width < 1 || (long) height * width > Integer.MAX_VALUE
                || (long) height * width * channels > pixels.length - offset) {
            throw new IllegalArgumentException("ImagePlanes: " + channels + " x " + height + " x " + width
                    + " floats from index " + offset + " are not inside of an array of " + pixels.length);
        }
    }

    /**
     * Moves the pixels of the image: the value at a point is the old value at the point that the map sends there,
     * bilinear between the centres of pixels. Whole distances and mirrors change no value.
     *
     * @param map where points go
     * @param border what comes in from beyond the edges
     * @throws IllegalArgumentException if the map has no inverse
     */
    public void warp(AffineMap map, Border border) {
        if (map.equals(AffineMap.IDENTITY)) {
            return;
        }
        int size = channels * height * width;
        float[] old = Arrays.copyOfRange(pixels, offset, offset + size);
        draw(new ImagePlanes(old, 0, channels, height, width), map, border, 0, 0, width, height);
    }

    /**
     * Draws another image into a rectangle of this one: the value at a point is the other image's at the point that the
     * map sends there, bilinear between the centres of pixels.
     *
     * @param source the other image, of as many channels and any size; not in the same part of the same array
     * @param map where the points of the source go
     * @param border what lies beyond the edges of the source
     * @param left first column of the rectangle
     * @param top first row of the rectangle
     * @param right column after its last
     * @param bottom row after its last
     * @throws IllegalArgumentException if the map has no inverse, the rectangle is not inside of this image, or the
     *     channels differ
     */
    public void draw(ImagePlanes source, AffineMap map, Border border, int left, int top, int right, int bottom) {
        if (source.channels != channels || left < 0 || top < 0 || right > width || bottom > height) {
            throw new IllegalArgumentException("ImagePlanes.draw: columns " + left + " to " + right + ", rows " + top
                    + " to " + bottom + " of " + channels + " x " + height + " x " + width + ", from an image of "
                    + source.channels + " channels");
        }
        AffineMap back = map.inverse();
        int ofPlane = source.height * source.width;
        for (int y = top; y < bottom; y++) {
            for (int x = left; x < right; x++) {
                double fromX = back.x(x + 0.5, y + 0.5) - 0.5;
                double fromY = back.y(x + 0.5, y + 0.5) - 0.5;
                double leftX = Math.floor(fromX);
                double topY = Math.floor(fromY);
                float across = (float) (fromX - leftX);
                float down = (float) (fromY - topY);
                int x0 = index(leftX, source.width, border);
                int x1 = across == 0f ? x0 : index(leftX + 1, source.width, border);
                int y0 = index(topY, source.height, border);
                int y1 = down == 0f ? y0 : index(topY + 1, source.height, border);
                for (int c = 0; c < channels; c++) {
                    int plane = source.offset + c * ofPlane;
                    float upper = between(source.at(plane, x0, y0, border), source.at(plane, x1, y0, border), across);
                    float lower = between(source.at(plane, x0, y1, border), source.at(plane, x1, y1, border), across);
                    pixels[offset + (c * height + y) * width + x] = between(upper, lower, down);
                }
            }
        }
    }

    private static float between(float from, float to, float share) {
        return share == 0f ? from : from + (to - from) * share;
    }

    private float at(int plane, int x, int y, Border border) {
        return x < 0 || y < 0 ? border.constant() : pixels[plane + y * width + x];
    }

    /** The row or column that stands for a position, -1 for the constant. */
    private static int index(double position, int size, Border border) {
        if (position >= 0 && position < size) {
            return (int) position;
        }
        if (!border.reflects()) {
            return -1;
        }
        if (size == 1) {
            return 0;
        }
        int period = 2 * (size - 1);
        int within = Math.floorMod((long) position, period);
        return Math.min(within, period - within);
    }
}
