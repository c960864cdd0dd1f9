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
        AffineMap back = map.inverse();
        int pixelsOfPlane = height * width;
        float[] old = Arrays.copyOfRange(pixels, offset, offset + channels * pixelsOfPlane);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double fromX = back.x(x + 0.5, y + 0.5) - 0.5;
                double fromY = back.y(x + 0.5, y + 0.5) - 0.5;
                double left = Math.floor(fromX);
                double top = Math.floor(fromY);
                float right = (float) (fromX - left);
                float down = (float) (fromY - top);
                int x0 = index(left, width, border);
                int x1 = right == 0f ? x0 : index(left + 1, width, border);
                int y0 = index(top, height, border);
                int y1 = down == 0f ? y0 : index(top + 1, height, border);
                for (int c = 0; c < channels; c++) {
                    int plane = c * pixelsOfPlane;
                    float upper = between(at(old, plane, x0, y0, border), at(old, plane, x1, y0, border), right);
                    float lower = between(at(old, plane, x0, y1, border), at(old, plane, x1, y1, border), right);
                    pixels[offset + plane + y * width + x] = between(upper, lower, down);
                }
            }
        }
    }

    private static float between(float from, float to, float share) {
        return share == 0f ? from : from + (to - from) * share;
    }

    private float at(float[] old, int plane, int x, int y, Border border) {
        return x < 0 || y < 0 ? border.constant() : old[plane + y * width + x];
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
