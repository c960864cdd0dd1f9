package io.bitlab.core.quant;

import io.bitlab.core.internal.MatrixShape;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import java.util.Arrays;

/**
 * The patches of a convolution over images whose pixels were rounded to int8, each once, with one scale for an image or
 * for all. The matrix of patches is not in memory: kernels that {@linkplain io.bitlab.core.kernel.TernaryKernel
 * #readsPatches read patches} find the values of a patch among the pixels.
 *
 * {@snippet class="io.bitlab.core.snippets.QuantSnippets" region="patches"}
 *
 * <p>The arrays are kept, not copied: they must not change while this is in use.
 *
 * @param pixels values from -127 to 127, {@code [images, height, width, channels]}
 * @param scales one scale, or one for each image
 * @param grid which values form patches
 */
public record QuantizedPatches(byte[] pixels, float[] scales, PatchGrid grid) implements Activations {

    /**
     * Checks the sizes and the scales.
     *
     * @throws IllegalArgumentException if an array has the wrong length, or a scale is NaN or infinite
     */
    public QuantizedPatches {
        if (pixels.length != grid.size() || scales.length != 1 && scales.length != grid.images()) {
            throw new IllegalArgumentException("QuantizedPatches: " + pixels.length + " values and " + scales.length
                    + " scales, expected " + grid.size() + " values and 1 or " + grid.images() + " scales for " + grid);
        }
        MatrixShape.checkScales("QuantizedPatches", scales);
    }

    @Override
    public int rows() {
        return grid.rows();
    }

    @Override
    public int columns() {
        return grid.columns();
    }

    /**
     * The scale of an image.
     *
     * @param image its index
     * @return the scale
     */
    public float scaleOfImage(int image) {
        return scales.length == 1 ? scales[0] : scales[image];
    }

    /**
     * Copies some patches to rows of a matrix.
     *
     * @param from the first patch
     * @param to the patch after the last
     * @return {@code [to - from, columns]} with a scale for each row; the arrays come from the bound {@link Workspace},
     *     if there is one
     * @throws IllegalArgumentException if the range is empty or outside the rows
     */
    public QuantizedActivations unfold(int from, int to) {
        if (from < 0 || from >= to || to > rows()) {
            throw new IllegalArgumentException("QuantizedPatches.unfold: rows " + from + " to " + to
                    + " are empty or outside 0 to " + rows());
        }
        int columns = columns();
        byte[] values = Workspace.bytes(Math.multiplyExact(to - from, columns));
        float[] rowScales = Workspace.floats(to - from);
        int ofImage = grid.outHeight() * grid.outWidth();
        Arrays.fill(values, (byte) 0);
        for (int row = from; row < to; row++) {
            int image = row / ofImage;
            rowScales[row - from] = scaleOfImage(image);
            int top = row % ofImage / grid.outWidth() * grid.strideHeight() - grid.paddingHeight();
            int left = row % grid.outWidth() * grid.strideWidth() - grid.paddingWidth();
            for (int tap = 0; tap < grid.kernelHeight() * grid.kernelWidth(); tap++) {
                int pixel = grid.tap(image, top, left, tap);
                if (pixel >= 0) {
                    System.arraycopy(pixels, pixel, values, (row - from) * columns + tap * grid.patchChannels(),
                            grid.patchChannels());
                }
            }
        }
        return new QuantizedActivations(values, rowScales, to - from, columns);
    }

    /**
     * The values of the pixels as floats.
     *
     * @return {@code [images, height, width, channels]}, in an array from the bound {@link Workspace}, if there is one
     */
    public float[] dequantize() {
        float[] values = Workspace.floats(pixels.length);
        int ofImage = pixels.length / grid.images();
        Parallel.current().forRange(grid.images(), 1, pixels.length / 4, (from, to) -> {
            for (int image = from; image < to; image++) {
                float scale = scaleOfImage(image);
                for (int i = image * ofImage; i < (image + 1) * ofImage; i++) {
                    values[i] = pixels[i] * scale;
                }
            }
        });
        return values;
    }

    @Override
    public String toString() {
        return "QuantizedPatches(" + grid + ", " + scales.length + (scales.length == 1 ? " scale)" : " scales)");
    }
}
