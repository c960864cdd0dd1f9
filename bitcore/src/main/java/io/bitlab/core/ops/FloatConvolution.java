package io.bitlab.core.ops;

import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.PatchColumns;
import io.bitlab.core.quant.PatchGrid;
import java.util.Arrays;

/**
 * The float convolution of images that are stored pixel by pixel, and its gradients, as products of matrices that are
 * never in memory: the taps of one row of the kernel, under all positions of a row, are a matrix whose rows overlap.
 *
 * <p>An image with zeros around it, or a part of it, is copied to memory that each thread reuses. Numbers of channels
 * that fill no vectors are padded there. Each sum is one chain of multiply-adds, whatever the thread that computes it.
 */
final class FloatConvolution implements PixelConvolution {

    /** Channels are padded to a multiple of the widest vector, in which products are fast. */
    private static final int LANES = 16;
    /** Rows of positions are computed in bands whose pixels a second-level cache holds. */
    private static final int BAND_FLOATS = 128 << 10;
    /** Positions that are copied at a time for the gradient of the weights. */
    private static final int UNFOLDED_FLOATS = 96 << 10;
    /** Images up to this width are computed position by position. */
    private static final int SMALL_WIDTH = 16;
    /** Small images whose positions are computed together, at least. */
    private static final int SMALL_IMAGES = 16;
    private static final double NANOS_PER_PRODUCT = 1 / 60.0; // measured

    private final PatchGrid grid; // all channels, of one group
    private final int outChannels; // of all groups
    private final int groups;
    private final int channels; // of a group
    private final int outputs; // of a group
    private final int taps;
    private final int outHeight;
    private final int outWidth;
    private final int runTaps; // neighbouring taps that one product takes
    private final FloatMath math = FloatMath.get();

    /**
     * Creates a convolution.
     *
     * @param grid with all channels of the images
     * @param outChannels channels of the output
     * @param groups independent convolutions, each of its share of the channels
     */
    FloatConvolution(PatchGrid grid, int outChannels, int groups) {
        this.grid = grid;
        this.outChannels = outChannels;
        this.groups = groups;
        channels = grid.channels() / groups;
        outputs = outChannels / groups;
        taps = grid.kernelHeight() * grid.kernelWidth();
        outHeight = grid.outHeight();
        outWidth = grid.outWidth();
        runTaps = grid.dilationWidth() == 1 ? grid.kernelWidth() : 1;
    }

    private static int padded(int count) {
        return Math.ceilDiv(count, LANES) * LANES;
    }

    private long nanos() {
        return (long) ((double) grid.images() * outHeight * outWidth * taps * channels * outChannels
                * NANOS_PER_PRODUCT);
    }

    /** Floats in a row of pixels of one group, with the zeros at its ends. */
    private int rowFloats() {
        return grid.paddedWidth() * channels;
    }

    /** Copies the pixels under some rows of positions, with zeros around them. */
    private void copyPixels(float[] x, int image, int group, int top, int positionRows, float[] target, int at) {
        int side = grid.paddingWidth() * channels;
        int row = rowFloats();
        for (int i = 0; i < grid.pixelRows(positionRows); i++) {
            int y = top * grid.strideHeight() - grid.paddingHeight() + i;
            int to = at + i * row;
            if (y < 0 || y >= grid.height()) {
                Arrays.fill(target, to, to + row, 0f);
                continue;
            }
            Arrays.fill(target, to, to + side, 0f);
            Arrays.fill(target, to + row - side, to + row, 0f);
            int from = (image * grid.height() + y) * grid.width() * grid.channels() + group * channels;
            if (groups == 1) {
                System.arraycopy(x, from, target, to + side, grid.width() * channels);
            } else {
                for (int pixel = 0; pixel < grid.width(); pixel++) {
                    System.arraycopy(x, from + pixel * grid.channels(), target, to + side + pixel * channels, channels);
                }
            }
        }
    }

    // ---------------------------------------------------------------- forward

    @Override
    public void forward(float[] x, float[] weights, float[] y) {
        int stride = padded(outputs);
        float[][] transposed = new float[groups][];
        for (int g = 0; g < groups; g++) {
            transposed[g] = Workspace.floats(taps * channels * stride);
            PatchColumns.transpose(weights, g * outputs * channels * taps, outputs, channels, taps, transposed[g],
                    stride);
        }
        Parallel parallel = Parallel.current();
        int bandHeight = grid.bandHeight(BAND_FLOATS / rowFloats(), parallel.threads());
        int bands = Math.ceilDiv(outHeight, bandHeight);
        int pixels = grid.pixelRows(bandHeight) * rowFloats();
        float[] copies = Workspace.floats(Math.multiplyExact(parallel.threads(), pixels));
        float[] rows = Workspace.floats(stride == outputs ? 0 : parallel.threads() * outWidth * stride);
        parallel.forRange(grid.images() * bands, 1, nanos(), (thread, from, to) -> {
            for (int unit = from; unit < to; unit++) {
                int top = unit % bands * bandHeight;
                int height = Math.min(bandHeight, outHeight - top);
                for (int g = 0; g < groups; g++) {
                    copyPixels(x, unit / bands, g, top, height, copies, thread * pixels);
                    for (int row = 0; row < height; row++) {
                        int at = ((unit / bands * outHeight + top + row) * outWidth) * outChannels + g * outputs;
                        forwardRow(copies, thread * pixels + row * grid.strideHeight() * rowFloats(), transposed[g], y,
                                at, rows, thread * outWidth * stride);
                    }
                }
            }
        });
    }

    private void forwardRow(float[] pixels, int first, float[] weights, float[] y, int at, float[] row, int rowAt) {
        int stride = padded(outputs);
        float[] target = stride == outputs ? y : row;
        int targetAt = stride == outputs ? at : rowAt;
        int targetRow = stride == outputs ? outChannels : stride;
        for (int tap = 0; tap < taps; tap += runTaps) {
            math.gemmPart(outWidth, stride, runTaps * channels, pixels, first + tapOffset(tap, channels),
                    grid.strideWidth() * channels, 1, weights, tap * channels * stride, stride, target, targetAt,
                    targetRow, tap > 0);
        }
        for (int i = 0; target == row && i < outWidth; i++) {
            System.arraycopy(row, rowAt + i * stride, y, at + i * outChannels, outputs);
        }
    }

    /** Distance of a tap from the first, in pixels of so many channels. */
    private int tapOffset(int tap, int pixelFloats) {
        return (tap / grid.kernelWidth() * grid.dilationHeight() * grid.paddedWidth()
                + tap % grid.kernelWidth() * grid.dilationWidth()) * pixelFloats;
    }

    // ---------------------------------------------------------------- gradients

    @Override
    public void addInputGradient(float[] g, float[] weights, float[] dx) {
        int stride = padded(channels);
        float[][] byTap = new float[groups][];
        for (int group = 0; group < groups; group++) {
            byTap[group] = Workspace.floats(taps * outputs * stride); // [tap][output][channel]
            copyByTap(weights, group, byTap[group], stride);
        }
        if (outWidth <= SMALL_WIDTH && grid.images() >= SMALL_IMAGES && stride == channels) {
            addByPosition(g, byTap, dx);
            return;
        }
        Parallel parallel = Parallel.current();
        int pixels = Math.multiplyExact(Math.multiplyExact(grid.paddedHeight(), grid.paddedWidth()), stride);
        float[] sums = Workspace.floats(Math.multiplyExact(parallel.threads(), pixels));
        parallel.forRange(grid.images(), 1, nanos(), (thread, from, to) -> {
            for (int image = from; image < to; image++) {
                for (int group = 0; group < groups; group++) {
                    int at = thread * pixels;
                    Arrays.fill(sums, at, at + pixels, 0f);
                    for (int row = 0; row < outHeight; row++) {
                        addRow(g, ((image * outHeight + row) * outWidth) * outChannels + group * outputs, byTap[group],
                                sums, at + row * grid.strideHeight() * grid.paddedWidth() * stride, stride);
                    }
                    addPixels(sums, at, stride, dx, image, group);
                }
            }
        });
    }

    /**
     * The same position of many images is a matrix, so the weights of a tap are read once for all of them, and taps
     * beside the image cost nothing: of 3 x 3 taps on images of 4 x 4 pixels a third.
     */
    private void addByPosition(float[] g, float[][] byTap, float[] dx) {
        int pixel = grid.channels();
        int image = grid.height() * grid.width() * pixel;
        int outImage = outHeight * outWidth * outChannels;
        Parallel.current().forRange(grid.images(), SMALL_IMAGES, nanos(), (from, to) -> {
            for (int i = 0; i < groups * taps * outHeight * outWidth; i++) { // [group][tap][row][column]
                int position = i % (outHeight * outWidth);
                int tap = i / (outHeight * outWidth) % taps;
                int group = i / (outHeight * outWidth * taps);
                int y = position / outWidth * grid.strideHeight() - grid.paddingHeight()
                        + tap / grid.kernelWidth() * grid.dilationHeight();
                int x = position % outWidth * grid.strideWidth() - grid.paddingWidth()
                        + tap % grid.kernelWidth() * grid.dilationWidth();
                if (y >= 0 && y < grid.height() && x >= 0 && x < grid.width()) {
                    math.gemmPart(to - from, channels, outputs, g,
                            from * outImage + position * outChannels + group * outputs, outImage, 1, byTap[group],
                            tap * outputs * channels, channels, dx,
                            from * image + (y * grid.width() + x) * pixel + group * channels, image, true);
                }
            }
        });
    }

    private void copyByTap(float[] weights, int group, float[] byTap, int stride) {
        Arrays.fill(byTap, 0f);
        for (int o = 0; o < outputs; o++) {
            for (int c = 0; c < channels; c++) {
                int from = ((group * outputs + o) * channels + c) * taps;
                for (int tap = 0; tap < taps; tap++) {
                    byTap[(tap * outputs + o) * stride + c] = weights[from + tap];
                }
            }
        }
    }

    private void addRow(float[] g, int at, float[] byTap, float[] sums, int first, int stride) {
        for (int tap = 0; tap < taps; tap++) { // rows of the result would overlap for several taps
            math.gemmPart(outWidth, stride, outputs, g, at, outChannels, 1, byTap, tap * outputs * stride, stride, sums,
                    first + tapOffset(tap, stride), grid.strideWidth() * stride, true);
        }
    }

    private void addPixels(float[] sums, int at, int stride, float[] dx, int image, int group) {
        for (int y = 0; y < grid.height(); y++) {
            int from = at + ((y + grid.paddingHeight()) * grid.paddedWidth() + grid.paddingWidth()) * stride;
            int to = (image * grid.height() + y) * grid.width() * grid.channels() + group * channels;
            if (groups == 1 && stride == channels) {
                math.axpy(1f, sums, from, dx, to, grid.width() * channels);
                continue;
            }
            for (int x = 0; x < grid.width(); x++) {
                math.axpy(1f, sums, from + x * stride, dx, to + x * grid.channels(), channels);
            }
        }
    }

    @Override
    public void addWeightGradient(float[] x, float[] g, float[] dw) {
        Parallel parallel = Parallel.current();
        int parts = Math.min(parallel.threads(), taps * channels);
        int pixels = Math.multiplyExact(grid.pixelRows(outHeight), rowFloats());
        int positions = Math.min(Math.max(8, UNFOLDED_FLOATS / (taps * channels)), outHeight * outWidth);
        int unfolded = positions * taps * channels;
        int stride = padded(outputs);
        float[] copies = Workspace.floats(Math.multiplyExact(parts, pixels));
        float[] patches = Workspace.floats(parts * unfolded);
        float[] rows = Workspace.floats(stride == outputs ? 0 : parts * positions * stride);
        float[] sums = Workspace.floats(taps * channels * stride);
        for (int group = 0; group < groups; group++) {
            int ofGroup = group;
            Arrays.fill(sums, 0f);
            // Parts of the columns rather than of the images: sums of parts would depend on the number of threads.
            parallel.forRange(parts, 1, nanos() / groups, (from, to) -> {
                for (int part = from; part < to; part++) {
                    int firstColumn = part * taps * channels / parts;
                    int columns = (part + 1) * taps * channels / parts - firstColumn;
                    for (int image = 0; image < grid.images(); image++) {
                        copyPixels(x, image, ofGroup, 0, outHeight, copies, part * pixels);
                        for (int p = 0; p < outHeight * outWidth; p += positions) {
                            int count = Math.min(positions, outHeight * outWidth - p);
                            unfold(copies, part * pixels, p, count, firstColumn, columns, patches, part * unfolded);
                            addProduct(patches, part * unfolded, columns, g,
                                    (image * outHeight * outWidth + p) * outChannels + ofGroup * outputs, rows,
                                    part * positions * stride, count, sums, firstColumn * stride);
                        }
                    }
                }
            });
            addTransposed(sums, stride, dw, group);
        }
    }

    /** Copies some columns of some patches of an image. */
    private void unfold(float[] pixels, int at, int position, int count, int firstColumn, int columns, float[] patches,
            int to) {
        int run = runTaps * channels;
        for (int i = 0; i < count; i++) {
            int y = (position + i) / outWidth;
            int x = position + i - y * outWidth;
            int first = at + y * grid.strideHeight() * rowFloats() + x * grid.strideWidth() * channels;
            int end = firstColumn + columns;
            for (int column = firstColumn, next; column < end; column = next) {
                next = Math.min(end, column - column % run + run);
                System.arraycopy(pixels, first + tapOffset(column / run * runTaps, channels) + column % run, patches,
                        to + i * columns + column - firstColumn, next - column);
            }
        }
    }

    private void addProduct(float[] patches, int at, int columns, float[] g, int gAt, float[] rows, int rowsAt,
            int count, float[] sums, int sumsAt) {
        int stride = padded(outputs);
        if (stride == outputs) {
            math.gemmPart(columns, stride, count, patches, at, 1, columns, g, gAt, outChannels, sums, sumsAt, stride,
                    true);
            return;
        }
        for (int i = 0; i < count; i++) {
            System.arraycopy(g, gAt + i * outChannels, rows, rowsAt + i * stride, outputs);
            Arrays.fill(rows, rowsAt + i * stride + outputs, rowsAt + (i + 1) * stride, 0f);
        }
        math.gemmPart(columns, stride, count, patches, at, 1, columns, rows, rowsAt, stride, sums, sumsAt, stride,
                true);
    }

    /** {@code dw[output][channel][tap] += sums[tap][channel][output]}. */
    private void addTransposed(float[] sums, int stride, float[] dw, int group) {
        for (int o = 0; o < outputs; o++) {
            for (int c = 0; c < channels; c++) {
                int to = ((group * outputs + o) * channels + c) * taps;
                for (int tap = 0; tap < taps; tap++) {
                    dw[to + tap] += sums[(tap * channels + c) * stride + o];
                }
            }
        }
    }
}
