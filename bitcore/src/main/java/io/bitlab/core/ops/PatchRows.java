package io.bitlab.core.ops;

import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.PatchGrid;
import java.util.Arrays;

/** The patches of a convolution as the rows of a matrix (im2col), of which only a part is in memory at a time. */
final class PatchRows {

    private static final int MOST_FLOATS = 1 << 18;
    private static final double NANOS_PER_ELEMENT = 0.2;

    private final PatchGrid grid;
    private final int outHeight;
    private final int outWidth;

    PatchRows(PatchGrid grid) {
        this.grid = grid;
        outHeight = grid.outHeight();
        outWidth = grid.outWidth();
    }

    /** Receives some rows. */
    @FunctionalInterface
    interface Part {
        void accept(int first, int count, float[] rows);
    }

    /** Values of a patch. */
    int columns() {
        return grid.columns();
    }

    /** Visits all patches in order, some at a time. */
    void forEachPart(float[] pixels, Part part) {
        int rows = grid.rows();
        int together = Math.clamp(MOST_FLOATS / columns(), 1, rows);
        if (together == rows) {
            part.accept(0, rows, rows(pixels, 0, rows));
            return;
        }
        Workspace memory = new Workspace(); // the caller's would keep every part until its reset
        for (int first = 0; first < rows; first += together) {
            int from = first;
            int count = Math.min(together, rows - first);
            memory.run(() -> part.accept(from, count, rows(pixels, from, count)));
            memory.reset();
        }
    }

    private float[] rows(float[] pixels, int first, int count) {
        float[] values = Workspace.floats(Math.multiplyExact(count, columns()));
        Parallel.current().forRange(count, 1, (long) (values.length * NANOS_PER_ELEMENT), (start, end) -> {
            for (int row = start; row < end; row++) {
                copy(pixels, first + row, values, row * columns());
            }
        });
        return values;
    }

    private void copy(float[] pixels, int row, float[] values, int at) {
        int image = row / (outHeight * outWidth);
        int top = row / outWidth % outHeight * grid.strideHeight() - grid.paddingHeight();
        int left = row % outWidth * grid.strideWidth() - grid.paddingWidth();
        for (int tap = 0; tap < grid.kernelHeight() * grid.kernelWidth(); tap++) {
            int to = at + tap * grid.patchChannels();
            int pixel = grid.tap(image, top, left, tap);
            if (pixel >= 0) {
                System.arraycopy(pixels, pixel, values, to, grid.patchChannels());
            } else {
                Arrays.fill(values, to, to + grid.patchChannels(), 0f);
            }
        }
    }

    /** {@code sums[output][column] += g[row][output] * values[row][column]} for some rows of g and some outputs. */
    void addProduct(float[] g, int gColumns, int firstOutput, int outputs, int firstRow, float[] values, int count,
            float[] sums) {
        float[] part = Workspace.floats(count * outputs);
        for (int row = 0; row < count; row++) {
            System.arraycopy(g, (firstRow + row) * gColumns + firstOutput, part, row * outputs, outputs);
        }
        FloatMath.get().gemmTransposedA(outputs, columns(), count, part, 0, values, 0, sums, 0, true);
    }

    /** Adds sums {@code [output][tap][channel]} to weights {@code [output][channel][tap]}. */
    void addByChannel(float[] sums, int outputs, float[] dw, int firstOutput) {
        int channels = grid.patchChannels();
        int taps = columns() / channels;
        for (int o = 0; o < outputs; o++) {
            for (int tap = 0; tap < taps; tap++) {
                for (int c = 0; c < channels; c++) {
                    dw[(firstOutput + o) * columns() + c * taps + tap] += sums[o * columns() + tap * channels + c];
                }
            }
        }
    }
}
