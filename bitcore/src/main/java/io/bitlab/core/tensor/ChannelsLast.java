package io.bitlab.core.tensor;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import java.util.Arrays;

/**
 * Images {@code [n, channels, height, width]} that are stored pixel by pixel: the channels of a pixel are side by side.
 *
 * {@snippet class="io.bitlab.core.snippets.TensorSnippets" region="channelsLast"}
 *
 * <p>Convolutions, norms and pooling compute in this order, in which the channels under a kernel are one run of memory.
 * Their results have the usual shape, and are put in the usual order only if their {@link Tensor#data()} is read. The
 * next operation of a network that knows this order doesn't read it, so images are converted at the edges of a network
 * and not between its layers. The order never changes a result.
 *
 * <p><b>Thread safety:</b> as for {@link Tensor}; several threads may be the first to read the same images.
 */
public final class ChannelsLast {

    private static final int BLOCK = 16; // floats in a cache line
    private static final double NANOS_PER_ELEMENT = 0.7; // measured

    private ChannelsLast() {
    }

    /**
     * The pixels of images.
     *
     * @param images {@code [n, channels, height, width]}
     * @return {@code [n, height, width, channels]}: the tensor that {@link #images} was given if the images come from
     *     there, otherwise a converted copy
     * @throws IllegalArgumentException if the rank is not 4
     */
    public static Tensor pixels(Tensor images) {
        requireRank4("ChannelsLast.pixels", images, "[n, channels, height, width]");
        if (images.elsewhere() instanceof Order order) {
            return order.pixels();
        }
        int[] shape = images.shape();
        int pixels = shape[2] * shape[3];
        int[] moved = {shape[0], shape[2], shape[3], shape[1]};
        if (isSameOrder(shape[1], pixels)) {
            return images.reshape(moved);
        }
        float[] in = images.data();
        float[] out = Workspace.floats(in.length);
        transpose(in, out, shape[0], shape[1], pixels);
        return Autograd.result("pixels", out, moved, g -> {
            float[] dx = images.gradBuffer();
            forEachImage(shape[0], g.length, image -> addPixels(g, dx, image * shape[1] * pixels, shape[1], pixels));
        }, images);
    }

    /**
     * Images from their pixels. The values are put in the order of the result's shape when they are first read.
     *
     * @param pixels {@code [n, height, width, channels]}
     * @return {@code [n, channels, height, width]}
     * @throws IllegalArgumentException if the rank is not 4
     */
    public static Tensor images(Tensor pixels) {
        requireRank4("ChannelsLast.images", pixels, "[n, height, width, channels]");
        int[] shape = pixels.shape();
        int channels = shape[3];
        int count = shape[1] * shape[2];
        int[] moved = {shape[0], channels, shape[1], shape[2]};
        return Autograd.images(pixels, moved, g -> {
            float[] dx = pixels.gradBuffer();
            forEachImage(shape[0], g.length, image -> addImages(g, dx, image * channels * count, channels, count));
        });
    }

    /**
     * Whether images come from {@link #images}, so that {@link #pixels} costs nothing.
     *
     * @param images any tensor
     * @return true if the pixels are at hand
     */
    public static boolean isStored(Tensor images) {
        return images.elsewhere() instanceof Order;
    }

    /**
     * Checks the shape of a layer's images.
     *
     * @param x the input
     * @param channels number of channels that the layer expects; 0 for any
     * @param layer name of the layer for the message
     * @throws IllegalArgumentException if x is not {@code [n, channels, height, width]}
     */
    public static void requireImages(Tensor x, int channels, String layer) {
        if (x.rank() != 4 || channels > 0 && x.length(1) != channels) {
            throw new IllegalArgumentException(layer + ": input has shape " + Arrays.toString(x.shape())
                    + ", expected [n, " + (channels > 0 ? channels : "channels") + ", height, width]");
        }
    }

    private static void requireRank4(String operation, Tensor x, String expected) {
        if (x.rank() != 4) {
            throw new IllegalArgumentException(operation + ": shape " + Arrays.toString(x.shape()) + ", expected "
                    + expected);
        }
    }

    private static boolean isSameOrder(int channels, int pixels) {
        return channels == 1 || pixels == 1;
    }

    /** The values of pixels in the order of images. */
    static final class Order implements ValuesElsewhere {
        private final Tensor pixels;
        private volatile float[] values; // once they are known

        Order(Tensor pixels) {
            this.pixels = pixels;
        }

        Tensor pixels() {
            return pixels;
        }

        @Override
        public float[] values() {
            float[] known = values;
            return known != null ? known : compute();
        }

        private synchronized float[] compute() {
            if (values == null) {
                int[] shape = pixels.shape();
                int count = shape[1] * shape[2];
                float[] in = pixels.data();
                if (isSameOrder(shape[3], count)) {
                    values = in;
                } else {
                    // Memory of another workspace could be recycled before the pixels are.
                    float[] out = pixels.workspace() != null && pixels.workspace() == Workspace.current()
                            ? Workspace.floats(in.length) : new float[in.length];
                    transpose(in, out, shape[0], count, shape[3]);
                    values = out;
                }
            }
            return values;
        }
    }

    /** An image and where it begins follow from its number. */
    @FunctionalInterface
    private interface EachImage {
        void accept(int image);
    }

    private static void forEachImage(int images, int elements, EachImage body) {
        Parallel.current().forRange(images, 1, (long) (elements * NANOS_PER_ELEMENT), (from, to) -> {
            for (int image = from; image < to; image++) {
                body.accept(image);
            }
        });
    }

    /** Transposes n matrices {@code [rows, columns]}, in blocks that read and write whole cache lines. */
    private static void transpose(float[] in, float[] out, int n, int rows, int columns) {
        forEachImage(n, in.length, image -> {
            int at = image * rows * columns;
            for (int block = 0; block < columns; block += BLOCK) {
                int end = Math.min(block + BLOCK, columns);
                for (int row = 0; row < rows; row++) {
                    for (int column = block; column < end; column++) {
                        out[at + column * rows + row] = in[at + row * columns + column];
                    }
                }
            }
        });
    }

    /** {@code images[c, p] += pixels[p, c]} of one image. */
    private static void addPixels(float[] pixels, float[] images, int at, int channels, int count) {
        for (int block = 0; block < channels; block += BLOCK) {
            int end = Math.min(block + BLOCK, channels);
            for (int p = 0; p < count; p++) {
                for (int c = block; c < end; c++) {
                    images[at + c * count + p] += pixels[at + p * channels + c];
                }
            }
        }
    }

    /** {@code pixels[p, c] += images[c, p]} of one image. */
    private static void addImages(float[] images, float[] pixels, int at, int channels, int count) {
        for (int block = 0; block < channels; block += BLOCK) {
            int end = Math.min(block + BLOCK, channels);
            for (int p = 0; p < count; p++) {
                for (int c = block; c < end; c++) {
                    pixels[at + p * channels + c] += images[at + c * count + p];
                }
            }
        }
    }
}
