package io.bitlab.core.ops;

import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.PatchGrid;
import java.util.Arrays;

/**
 * The convolution of each channel with a kernel of its own, computed where the pixels are: the channels of a pixel are
 * side by side, so each tap is a multiplication of vectors.
 *
 * <p>An output adds up its taps in order, each product rounded.
 */
final class DepthwiseConvolution implements PixelConvolution {

    private static final double NANOS_PER_PRODUCT = 0.1; // measured

    private final PatchGrid grid;
    private final int channels;
    private final int taps;
    private final int outHeight;
    private final int outWidth;

    /** Creates a convolution of all channels of the grid. */
    DepthwiseConvolution(PatchGrid grid) {
        this.grid = grid;
        channels = grid.channels();
        taps = grid.kernelHeight() * grid.kernelWidth();
        outHeight = grid.outHeight();
        outWidth = grid.outWidth();
    }

    /**
     * Some neighbouring outputs, the pixels that a tap takes for them, and the tap's weights: where their first values
     * are. Weights are repeated for each position of a row.
     */
    @FunctionalInterface
    private interface Run {
        void accept(int output, int pixel, int weight, int count);
    }

    private long nanos() {
        return (long) ((double) grid.images() * outHeight * outWidth * taps * channels * NANOS_PER_PRODUCT);
    }

    /** Visits the positions of a row of outputs at which a tap lies on the image; one by one if pixels are skipped. */
    private void forEachRun(int image, int outRow, int tap, Run run) {
        int y = outRow * grid.strideHeight() - grid.paddingHeight()
                + tap / grid.kernelWidth() * grid.dilationHeight();
        if (y < 0 || y >= grid.height()) {
            return;
        }
        int shift = tap % grid.kernelWidth() * grid.dilationWidth() - grid.paddingWidth();
        int first = Math.max(0, Math.ceilDiv(-shift, grid.strideWidth()));
        int end = Math.min(outWidth, Math.floorDiv(grid.width() - 1 - shift, grid.strideWidth()) + 1);
        int output = (image * outHeight + outRow) * outWidth;
        int pixel = (image * grid.height() + y) * grid.width() + shift;
        int weight = tap * outWidth;
        if (grid.strideWidth() == 1 && first < end) {
            run.accept((output + first) * channels, (pixel + first) * channels, (weight + first) * channels,
                    (end - first) * channels);
            return;
        }
        for (int x = first; x < end; x++) {
            run.accept((output + x) * channels, (pixel + x * grid.strideWidth()) * channels, (weight + x) * channels,
                    channels);
        }
    }

    /** Weights {@code [channels, 1, kernelHeight, kernelWidth]} as {@code [taps, outWidth, channels]}. */
    private float[] repeated(float[] weights) {
        float[] repeated = Workspace.floats(Math.multiplyExact(taps * channels, outWidth));
        for (int tap = 0; tap < taps; tap++) {
            int first = tap * outWidth * channels;
            for (int c = 0; c < channels; c++) {
                repeated[first + c] = weights[c * taps + tap];
            }
            for (int x = 1; x < outWidth; x++) {
                System.arraycopy(repeated, first, repeated, first + x * channels, channels);
            }
        }
        return repeated;
    }

    @Override
    public void forward(float[] x, float[] weights, float[] y) {
        float[] w = repeated(weights);
        int rows = grid.images() * outHeight;
        Parallel.current().forRange(rows, 1, nanos(), (from, to) -> {
            Arrays.fill(y, from * outWidth * channels, to * outWidth * channels, 0f);
            for (int row = from; row < to; row++) {
                for (int tap = 0; tap < taps; tap++) {
                    forEachRun(row / outHeight, row % outHeight, tap, (output, pixel, weight, count) -> addProducts(x,
                            pixel, w, weight, y, output, count));
                }
            }
        });
    }

    @Override
    public void addInputGradient(float[] g, float[] weights, float[] dx) {
        float[] w = repeated(weights);
        Parallel.current().forRange(grid.images(), 1, nanos(), (from, to) -> {
            for (int row = from * outHeight; row < to * outHeight; row++) {
                for (int tap = 0; tap < taps; tap++) {
                    forEachRun(row / outHeight, row % outHeight, tap, (output, pixel, weight, count) -> addProducts(g,
                            output, w, weight, dx, pixel, count));
                }
            }
        });
    }

    /** First the sums of each column of positions, then their sum. */
    @Override
    public void addWeightGradient(float[] x, float[] g, float[] dw) {
        float[] sums = Workspace.zeros(Math.multiplyExact(taps * channels, outWidth)); // [tap][column][channel]
        Parallel.current().forRange(taps, 1, nanos(), (from, to) -> {
            for (int row = 0; row < grid.images() * outHeight; row++) {
                for (int tap = from; tap < to; tap++) {
                    forEachRun(row / outHeight, row % outHeight, tap, (output, pixel, weight, count) -> addProducts(g,
                            output, x, pixel, sums, weight, count));
                }
            }
        });
        for (int c = 0; c < channels; c++) {
            for (int tap = 0; tap < taps; tap++) {
                float sum = 0;
                for (int column = 0; column < outWidth; column++) {
                    sum += sums[(tap * outWidth + column) * channels + c];
                }
                dw[c * taps + tap] += sum;
            }
        }
    }

    /** {@code c[i] += a[i] * b[i]}, each product rounded. */
    private static void addProducts(float[] a, int aAt, float[] b, int bAt, float[] c, int cAt, int count) {
        FloatMath.get().addProducts(1f, a, aAt, b, bAt, c, cAt, count);
    }
}
