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
    /** Positions that are copied at a time for the gradient of the weights, about. */
    private static final int UNFOLDED_POSITIONS = 128;
    /** Sums of the gradient of the weights that a second-level cache holds. */
    private static final int SUM_FLOATS = 96 << 10;
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
        int units = grid.images() * bands;
        ThreadScratch copies = new ThreadScratch(parallel.threads(), units, pixels);
        ThreadScratch rows = stride == outputs ? null
                : new ThreadScratch(parallel.threads(), units, Math.multiplyExact(outWidth, stride));
        parallel.forRange(units, 1, nanos(), (thread, from, to) -> {
            float[] copy = copies.of(thread);
            float[] ofRow = rows == null ? null : rows.of(thread);
            for (int unit = from; unit < to; unit++) {
                int top = unit % bands * bandHeight;
                int height = Math.min(bandHeight, outHeight - top);
                for (int g = 0; g < groups; g++) {
                    copyPixels(x, unit / bands, g, top, height, copy, 0);
                    for (int row = 0; row < height; row++) {
                        int at = ((unit / bands * outHeight + top + row) * outWidth) * outChannels + g * outputs;
                        forwardRow(copy, row * grid.strideHeight() * rowFloats(), transposed[g], y, at, ofRow);
                    }
                }
            }
        });
    }

    private void forwardRow(float[] pixels, int first, float[] weights, float[] y, int at, float[] row) {
        int stride = padded(outputs);
        float[] target = stride == outputs ? y : row;
        int targetAt = stride == outputs ? at : 0;
        int targetRow = stride == outputs ? outChannels : stride;
        for (int tap = 0; tap < taps; tap += runTaps) {
            math.gemmPart(outWidth, stride, runTaps * channels, pixels, first + tapOffset(tap, channels),
                    grid.strideWidth() * channels, 1, weights, tap * channels * stride, stride, target, targetAt,
                    targetRow, tap > 0);
        }
        for (int i = 0; target == row && i < outWidth; i++) {
            System.arraycopy(row, i * stride, y, at + i * outChannels, outputs);
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
        ThreadScratch scratch = new ThreadScratch(parallel.threads(), grid.images(), pixels);
        parallel.forRange(grid.images(), 1, nanos(), (thread, from, to) -> {
            float[] sums = scratch.of(thread);
            for (int image = from; image < to; image++) {
                for (int group = 0; group < groups; group++) {
                    Arrays.fill(sums, 0f);
                    for (int row = 0; row < outHeight; row++) {
                        addRow(g, ((image * outHeight + row) * outWidth) * outChannels + group * outputs, byTap[group],
                                sums, row * grid.strideHeight() * grid.paddedWidth() * stride, stride);
                    }
                    addPixels(sums, stride, dx, image, group);
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
        Parallel.current().forRange(outputs, 1, (long) taps * channels * outputs, (from, to) -> {
            for (int i = from * taps; i < to * taps; i++) { // [output][tap]
                int o = i / taps;
                int tap = i % taps;
                int at = (tap * outputs + o) * stride;
                for (int c = 0; c < channels; c++) {
                    byTap[at + c] = weights[((group * outputs + o) * channels + c) * taps + tap];
                }
                Arrays.fill(byTap, at + channels, at + stride, 0f);
            }
        });
    }

    private void addRow(float[] g, int at, float[] byTap, float[] sums, int first, int stride) {
        for (int tap = 0; tap < taps; tap++) { // rows of the result would overlap for several taps
            math.gemmPart(outWidth, stride, outputs, g, at, outChannels, 1, byTap, tap * outputs * stride, stride, sums,
                    first + tapOffset(tap, stride), grid.strideWidth() * stride, true);
        }
    }

    private void addPixels(float[] sums, int stride, float[] dx, int image, int group) {
        for (int y = 0; y < grid.height(); y++) {
            int from = ((y + grid.paddingHeight()) * grid.paddedWidth() + grid.paddingWidth()) * stride;
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
        PatchProduct product = new PatchProduct(x, g, parallel.threads());
        float[] sums = Workspace.floats(taps * channels * padded(outputs)); // [tap][channel][output]
        for (int group = 0; group < groups; group++) {
            int ofGroup = group;
            Arrays.fill(sums, 0f);
            parallel.forRange(product.parts(), 1, nanos() / groups, (thread, from, to) -> {
                for (int part = from; part < to; part++) {
                    product.add(ofGroup, part, thread, sums);
                }
            });
            addTransposed(sums, dw, group);
        }
    }

    /**
     * The product of all patches, transposed, and their gradients. A part of it is some columns of the patches, so many
     * that their sums stay in a second-level cache, and all positions in order: sums of parts of the images would
     * depend on the number of parts.
     */
    private final class PatchProduct {

        private final float[] x;
        private final float[] g;
        private final int columns = taps * channels;
        private final int stride = padded(outputs);
        private final int ofPart; // columns
        private final int patchFloats; // in memory; an odd number of cache lines, so that columns differ in theirs
        private final int image = outHeight * outWidth; // positions
        private final int together = Math.clamp(UNFOLDED_POSITIONS / image, 1, grid.images()); // images
        private final int positions = Math.min(UNFOLDED_POSITIONS, together * image);
        private final int pixels = Math.multiplyExact(grid.pixelRows(outHeight), rowFloats());
        private final float[][] copies; // of each thread
        private final float[][] patches;
        private final float[][] rows;

        PatchProduct(float[] x, float[] g, int threads) {
            this.x = x;
            this.g = g;
            int parts = Math.ceilDiv(Math.ceilDiv(columns * stride, SUM_FLOATS), threads) * threads;
            ofPart = padded(Math.ceilDiv(columns, parts));
            patchFloats = ofPart / LANES % 2 == 0 ? ofPart + LANES : ofPart;
            copies = ofThreads(threads, Math.multiplyExact(together, pixels));
            patches = ofThreads(threads, positions * patchFloats);
            rows = ofThreads(threads, stride == outputs ? 0 : positions * stride);
        }

        private static float[][] ofThreads(int threads, int length) {
            float[][] arrays = new float[threads][];
            Arrays.setAll(arrays, i -> Workspace.floats(length));
            return arrays;
        }

        int parts() {
            return Math.ceilDiv(columns, ofPart);
        }

        void add(int group, int part, int thread, float[] sums) {
            int first = part * ofPart;
            int count = Math.min(ofPart, columns - first);
            for (int from = 0; from < grid.images(); from += together) {
                int to = Math.min(grid.images(), from + together);
                for (int i = from; i < to; i++) {
                    copyPixels(x, i, group, 0, outHeight, copies[thread], (i - from) * pixels);
                }
                for (int p = 0; p < (to - from) * image; p += positions) {
                    int some = Math.min(positions, (to - from) * image - p);
                    unfold(copies[thread], p, some, first, count, patches[thread]);
                    multiply(patches[thread], count, (from * image + p) * outChannels + group * outputs, some,
                            rows[thread], sums, first * stride);
                }
            }
        }

        /** Copies some columns of some patches. */
        private void unfold(float[] copy, int position, int count, int firstColumn, int columnCount, float[] target) {
            int run = runTaps * channels;
            int end = firstColumn + columnCount;
            for (int i = 0; i < count; i++) {
                int inImage = (position + i) % image;
                int first = (position + i) / image * pixels + inImage / outWidth * grid.strideHeight() * rowFloats()
                        + inImage % outWidth * grid.strideWidth() * channels;
                for (int column = firstColumn, next; column < end; column = next) {
                    next = Math.min(end, column - column % run + run);
                    System.arraycopy(copy, first + tapOffset(column / run * runTaps, channels) + column % run, target,
                            i * patchFloats + column - firstColumn, next - column);
                }
            }
        }

        private void multiply(float[] patch, int count, int gAt, int some, float[] row, float[] sums, int at) {
            if (stride == outputs) {
                math.gemmPart(count, stride, some, patch, 0, 1, patchFloats, g, gAt, outChannels, sums, at, stride,
                        true);
                return;
            }
            for (int i = 0; i < some; i++) {
                System.arraycopy(g, gAt + i * outChannels, row, i * stride, outputs);
                Arrays.fill(row, i * stride + outputs, (i + 1) * stride, 0f);
            }
            math.gemmPart(count, stride, some, patch, 0, 1, patchFloats, row, 0, stride, sums, at, stride, true);
        }
    }

    /** {@code dw[output][channel][tap] += sums[tap][channel][output]}. */
    private void addTransposed(float[] sums, float[] dw, int group) {
        int stride = padded(outputs);
        Parallel.current().forRange(outputs, 1, (long) taps * channels * outputs, (from, to) -> {
            for (int o = from; o < to; o++) {
                for (int c = 0; c < channels; c++) {
                    int at = ((group * outputs + o) * channels + c) * taps;
                    for (int tap = 0; tap < taps; tap++) {
                        dw[at + tap] += sums[(tap * channels + c) * stride + o];
                    }
                }
            }
        });
    }
}
