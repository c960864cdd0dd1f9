package io.bitlab.models.image;

import java.util.Arrays;

/** Resizes one direction: which old pixels a new one is made of, and with which weights. */
final class ImageResampling {

    private static final int CHANNELS = 3;
    private static final int MUCH_WIDER = 4;

    private final int[] first;
    private final float[][] weights;

    private ImageResampling(int newSize) {
        this.first = new int[newSize];
        this.weights = new float[newSize][];
    }

    /** Resizes interleaved pixels. Holds two resized rows at a time: a high and narrow image may become wide. */
    static byte[] resize(byte[] rgb, int width, int height, int newWidth, int newHeight, ResizeMethod method) {
        if (newWidth / MUCH_WIDER > width && newHeight < height) { // rounded twice, but without wide rows of all height
            byte[] low = resize(rgb, width, height, width, newHeight, method);
            return resize(low, width, newHeight, newWidth, newHeight, method);
        }
        ImageResampling across = of(width, newWidth, method);
        ImageResampling down = of(height, newHeight, method);
        int stride = Math.multiplyExact(newWidth, CHANNELS);
        byte[] result = new byte[Math.multiplyExact(newHeight, stride)];
        float[][] rows = new float[2][stride];
        int[] held = {-1, -1};
        float[] sums = new float[stride];
        for (int y = 0; y < newHeight; y++) {
            Arrays.fill(sums, 0.5f); // rounds
            int row = down.first[y];
            for (float weight : down.weights[y]) {
                if (held[row % 2] != row) { // the last row of one sum may be the first of the next
                    across.row(rgb, row * width, rows[row % 2]);
                    held[row % 2] = row;
                }
                float[] resized = rows[row % 2];
                for (int i = 0; i < stride; i++) {
                    sums[i] += weight * resized[i];
                }
                row++;
            }
            for (int i = 0; i < stride; i++) {
                result[y * stride + i] = (byte) Math.min(255, (int) sums[i]);
            }
        }
        return result;
    }

    /** Resizes the row that begins at a pixel. */
    private void row(byte[] rgb, int pixel, float[] result) {
        Arrays.fill(result, 0f);
        for (int x = 0; x < first.length; x++) {
            int at = x * CHANNELS;
            int from = (pixel + first[x]) * CHANNELS;
            for (float weight : weights[x]) {
                result[at] += weight * (rgb[from] & 0xff);
                result[at + 1] += weight * (rgb[from + 1] & 0xff);
                result[at + 2] += weight * (rgb[from + 2] & 0xff);
                from += CHANNELS;
            }
        }
    }

    private static ImageResampling of(int size, int newSize, ResizeMethod method) {
        ImageResampling resampling = new ImageResampling(newSize);
        double scale = size / (double) newSize;
        for (int i = 0; i < newSize; i++) {
            switch (method) {
                case NEAREST -> resampling.set(i, Math.min(size - 1, (int) ((i + 0.5) * scale)), 1f);
                case BILINEAR -> resampling.setLinear(i, (i + 0.5) * scale - 0.5, size);
                case AREA -> resampling.setArea(i, size, newSize);
                case AUTOMATIC -> {
                    if (newSize < size) {
                        resampling.setArea(i, size, newSize);
                    } else {
                        resampling.setLinear(i, (i + 0.5) * scale - 0.5, size);
                    }
                }
            }
        }
        return resampling;
    }

    private void set(int i, int from, float... with) {
        first[i] = from;
        weights[i] = with;
    }

    private void setLinear(int i, double centre, int size) {
        double at = Math.clamp(centre, 0, size - 1);
        int left = (int) at;
        float share = (float) (at - left);
        if (share == 0f) {
            set(i, left, 1f);
        } else {
            set(i, left, 1f - share, share);
        }
    }

    /** In units of 1 / newSize of an old pixel, so that the borders are whole numbers. */
    private void setArea(int i, int size, int newSize) {
        long begin = (long) i * size;
        long end = begin + size;
        int from = (int) (begin / newSize);
        int to = (int) ((end + newSize - 1) / newSize);
        float[] shares = new float[to - from];
        for (int old = from; old < to; old++) {
            long overlap = Math.min(end, (old + 1L) * newSize) - Math.max(begin, (long) old * newSize);
            shares[old - from] = overlap / (float) size;
        }
        set(i, from, shares);
    }
}
