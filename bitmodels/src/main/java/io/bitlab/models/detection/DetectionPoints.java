package io.bitlab.models.detection;

import java.util.List;

/**
 * The points of an image at which a detector looks for objects: those of the finest map row by row, then those of the
 * next one. A point is the centre of its square, which is a stride wide and high.
 * Immutable.
 */
final class DetectionPoints {

    private final int height;
    private final int width;
    private final Level[] levels;

    /**
     * Lays out the points.
     *
     * @param height rows of the image
     * @param width columns of the image
     * @param strides distance of neighbouring points in each map, ascending
     */
    DetectionPoints(int height, int width, List<Integer> strides) {
        this.height = height;
        this.width = width;
        this.levels = new Level[strides.size()];
        int from = 0;
        for (int i = 0; i < levels.length; i++) {
            int stride = strides.get(i);
            levels[i] = new Level(from, Math.ceilDiv(height, stride), Math.ceilDiv(width, stride), stride);
            from += levels[i].size();
        }
    }

    /** One of the maps: its points {@code from} to {@code from + rows * columns - 1}. */
    record Level(int from, int rows, int columns, int stride) {

        int size() {
            return rows * columns;
        }

        double x(int point) {
            return ((point - from) % columns + 0.5) * stride;
        }

        double y(int point) {
            int row = (point - from) / columns;
            return (row + 0.5) * stride;
        }
    }

    int height() {
        return height;
    }

    int width() {
        return width;
    }

    /** The maps, not to be modified. */
    Level[] levels() {
        return levels;
    }

    int count() {
        Level last = levels[levels.length - 1];
        return last.from() + last.size();
    }
}
