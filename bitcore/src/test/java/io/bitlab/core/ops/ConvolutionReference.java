package io.bitlab.core.ops;

import io.bitlab.core.tensor.Tensor;
import java.util.Random;

/** The convolution by its definition: nested loops, written to be read. Images have the channels first. */
record ConvolutionReference(int images, int in, int height, int width, int out, int groups, Window window) {

    /** Any sizes that fit together; many kernels for each channel, some for single pixels. */
    static ConvolutionReference random(long seed) {
        Random random = new Random(seed);
        while (true) {
            int groups = random.nextInt(3) > 0 ? 1 : 1 + random.nextInt(5);
            int in = groups * (1 + random.nextInt(40 / groups));
            int out = groups * (1 + random.nextInt(40 / groups));
            if (random.nextInt(5) == 0) {
                groups = in;
                out = in * (1 + random.nextInt(2));
            }
            int most = random.nextInt(5) == 0 ? 1 : 5;
            Window window = Window.of(1 + random.nextInt(most), 1 + random.nextInt(most))
                    .withStride(1 + random.nextInt(3), 1 + random.nextInt(3))
                    .withPadding(random.nextInt(3), random.nextInt(3))
                    .withDilation(1 + random.nextInt(3), 1 + random.nextInt(3));
            if (most == 1 && random.nextBoolean()) {
                window = Window.of(1, 1);
            }
            ConvolutionReference sizes = new ConvolutionReference(1 + random.nextInt(3), in, 1 + random.nextInt(9),
                    1 + random.nextInt(9), out, groups, window);
            if (fits(sizes.height, window.kernelHeight(), window.paddingHeight(), window.dilationHeight())
                    && fits(sizes.width, window.kernelWidth(), window.paddingWidth(), window.dilationWidth())) {
                return sizes;
            }
        }
    }

    private static boolean fits(int length, int kernel, int padding, int dilation) {
        return length + 2 * padding >= (kernel - 1) * dilation + 1;
    }

    int outHeight() {
        return window.outputHeight(height, "reference");
    }

    int outWidth() {
        return window.outputWidth(width, "reference");
    }

    int channels() {
        return in / groups;
    }

    int resultSize() {
        return images * out * outHeight() * outWidth();
    }

    boolean isDepthwise() {
        return groups > 1 && groups == in && in == out;
    }

    Tensor x(long seed) {
        return SameBits.uniform(seed, images, in, height, width);
    }

    Tensor weight(long seed) {
        return SameBits.uniform(seed, out, channels(), window.kernelHeight(), window.kernelWidth());
    }

    /** Receives the indices of result, pixel and weight of each product; the pixel is -1 outside the image. */
    @FunctionalInterface
    interface Product {
        void at(int result, int pixel, int weight);
    }

    /** Visits positions in order, for each all outputs, and for those the taps in order, each with its channels. */
    void forEachProduct(Product product) {
        int positions = outHeight() * outWidth();
        for (int n = 0; n < images; n++) {
            for (int position = 0; position < positions; position++) {
                for (int o = 0; o < out; o++) {
                    forEachProduct(n, position, o, (n * out + o) * positions + position, product);
                }
            }
        }
    }

    private void forEachProduct(int n, int position, int o, int result, Product product) {
        for (int tap = 0; tap < window.area(); tap++) {
            int y = position / outWidth() * window.strideHeight() - window.paddingHeight()
                    + tap / window.kernelWidth() * window.dilationHeight();
            int x = position % outWidth() * window.strideWidth() - window.paddingWidth()
                    + tap % window.kernelWidth() * window.dilationWidth();
            boolean inside = y >= 0 && y < height && x >= 0 && x < width;
            for (int c = 0; c < channels(); c++) {
                int channel = o / (out / groups) * channels() + c;
                product.at(result, inside ? ((n * in + channel) * height + y) * width + x : -1,
                        (o * channels() + c) * window.area() + tap);
            }
        }
    }

    /** In double; the bias may be null. */
    DoubleArray forward(DoubleArray x, DoubleArray w, DoubleArray bias) {
        double[] y = new double[resultSize()];
        forEachProduct((result, pixel, weight) -> y[result] += pixel < 0 ? 0 : x.values()[pixel] * w.values()[weight]);
        for (int i = 0; bias != null && i < y.length; i++) {
            y[i] += bias.values()[channel(i)];
        }
        return new DoubleArray(y, images, out, outHeight(), outWidth());
    }

    /** The bits: a chain of multiply-adds; with a kernel for each channel, products are rounded. */
    float[] forward(float[] x, float[] w, float[] bias) {
        float[] y = new float[resultSize()];
        forEachProduct((result, pixel, weight) -> {
            if (pixel >= 0) {
                y[result] = isDepthwise() ? y[result] + x[pixel] * w[weight] : Math.fma(x[pixel], w[weight], y[result]);
            }
        });
        for (int i = 0; bias != null && i < y.length; i++) {
            y[i] += bias[channel(i)];
        }
        return y;
    }

    /** Which output channel a result belongs to. */
    int channel(int result) {
        return result / (outHeight() * outWidth()) % out;
    }

    double[] inputGradient(float[] g, float[] w) {
        double[] dx = new double[images * in * height * width];
        forEachProduct((result, pixel, weight) -> {
            if (pixel >= 0) {
                dx[pixel] += (double) g[result] * w[weight];
            }
        });
        return dx;
    }

    double[] weightGradient(float[] g, float[] x) {
        double[] dw = new double[out * channels() * window.area()];
        forEachProduct((result, pixel, weight) -> dw[weight] += pixel < 0 ? 0 : (double) g[result] * x[pixel]);
        return dw;
    }

    double[] biasGradient(float[] g) {
        double[] db = new double[out];
        for (int i = 0; i < g.length; i++) {
            db[channel(i)] += g[i];
        }
        return db;
    }

    /** The patches of a group: rows are positions, columns taps with their channels. */
    float[] unfold(float[] x, int group) {
        float[] rows = new float[images * outHeight() * outWidth() * window.area() * channels()];
        int[] at = {0};
        for (int n = 0; n < images; n++) {
            for (int position = 0; position < outHeight() * outWidth(); position++) {
                forEachProduct(n, position, group * (out / groups), 0,
                        (result, pixel, weight) -> rows[at[0]++] = pixel < 0 ? 0 : x[pixel]);
            }
        }
        return rows;
    }
}
