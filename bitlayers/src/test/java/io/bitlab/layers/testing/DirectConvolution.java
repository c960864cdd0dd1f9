package io.bitlab.layers.testing;

import io.bitlab.core.ops.Window;
import java.util.Arrays;

/** The convolution by its definition, in double precision: nested loops, written to be read. */
public final class DirectConvolution {

    private final int images;
    private final int in;
    private final int height;
    private final int width;
    private final int out;
    private final int groups;
    private final Window window;
    public final int outHeight;
    public final int outWidth;

    /** For inputs {@code [images, in, height, width]}. */
    public DirectConvolution(int[] input, int out, int groups, Window window) {
        this.images = input[0];
        this.in = input[1];
        this.height = input[2];
        this.width = input[3];
        this.out = out;
        this.groups = groups;
        this.window = window;
        this.outHeight = window.outputHeight(height, "reference");
        this.outWidth = window.outputWidth(width, "reference");
    }

    /** Receives the indices of result, pixel and weight of each product; the pixel is -1 in the padding. */
    @FunctionalInterface
    public interface Tap {
        void at(int result, int pixel, int weight);
    }

    public void forEachTap(Tap tap) {
        int share = in / groups;
        int result = 0;
        for (int n = 0; n < images; n++) {
            for (int o = 0; o < out; o++) {
                for (int position = 0; position < outHeight * outWidth; position++, result++) {
                    for (int c = 0; c < share; c++) {
                        int channel = o / (out / groups) * share + c;
                        for (int k = 0; k < window.area(); k++) {
                            int y = position / outWidth * window.strideHeight() - window.paddingHeight()
                                    + k / window.kernelWidth() * window.dilationHeight();
                            int x = position % outWidth * window.strideWidth() - window.paddingWidth()
                                    + k % window.kernelWidth() * window.dilationWidth();
                            boolean inside = y >= 0 && y < height && x >= 0 && x < width;
                            tap.at(result, inside ? ((n * in + channel) * height + y) * width + x : -1,
                                    (o * share + c) * window.area() + k);
                        }
                    }
                }
            }
        }
    }

    public int resultSize() {
        return images * out * outHeight * outWidth;
    }

    /** Which output channel a result belongs to. */
    public int channel(int result) {
        return result / (outHeight * outWidth) % out;
    }

    /** Which patch a result was computed from: image, position and group. */
    public int patch(int result) {
        int pixels = outHeight * outWidth;
        int group = channel(result) / (out / groups);
        return (result / (pixels * out) * pixels + result % pixels) * groups + group;
    }

    public int patches() {
        return images * outHeight * outWidth * groups;
    }

    public double[] forward(float[] x, float[] w, float[] bias) {
        double[] y = new double[resultSize()];
        if (bias != null) {
            Arrays.setAll(y, i -> bias[channel(i)]);
        }
        forEachTap((result, pixel, weight) -> y[result] += pixel < 0 ? 0 : (double) x[pixel] * w[weight]);
        return y;
    }

    public double[] inputGradient(float[] g, float[] w, int size) {
        double[] dx = new double[size];
        forEachTap((result, pixel, weight) -> {
            if (pixel >= 0) {
                dx[pixel] += (double) g[result] * w[weight];
            }
        });
        return dx;
    }

    public double[] weightGradient(float[] g, float[] x, int size) {
        double[] dw = new double[size];
        forEachTap((result, pixel, weight) -> dw[weight] += pixel < 0 ? 0 : (double) g[result] * x[pixel]);
        return dw;
    }

    public double[] biasGradient(float[] g) {
        double[] db = new double[out];
        for (int i = 0; i < g.length; i++) {
            db[channel(i)] += g[i];
        }
        return db;
    }
}
