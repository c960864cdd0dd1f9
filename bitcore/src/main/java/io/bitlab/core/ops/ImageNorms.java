package io.bitlab.core.ops;

import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.ChannelsLast;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/**
 * Normalisation of images to mean 0 and variance 1: {@link #batchNorm} of each channel over all images,
 * {@link #groupNorm} of each image's groups of channels.
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="imageNorms"}
 *
 * <p>Both compute {@code y = w * (x - mean) / sqrt(variance + eps) + b}, where the variance is the mean of the squared
 * deviations. Gradient: {@code dx = (h - mean(h) - z * mean(h * z)) / sqrt(variance + eps)} with {@code h = g * w} and
 * {@code z = (x - mean) / sqrt(variance + eps)}. Mean and variance are found in one pass over the memory, by the sums
 * of small parts (Chan, Golub and LeVeque, <i>Algorithms for Computing the Sample Variance</i>, 1983).
 */
public final class ImageNorms {

    /** Rough cost of one pass over one element. */
    private static final double NANOS = 0.2;

    private ImageNorms() {
    }

    /**
     * Normalised images, and what they were normalised with.
     *
     * @param images the result, of the input's shape
     * @param mean {@code [channels]}
     * @param variance {@code [channels]}: the mean of the squared deviations, not Bessel's estimate
     */
    public record Normalized(Tensor images, float[] mean, float[] variance) {
    }

    /**
     * Batch normalisation (Ioffe and Szegedy, 2015) with the statistics of this batch: those of a channel are over all
     * pixels of all images.
     *
     * @param x {@code [n, channels, height, width]}
     * @param weight {@code [channels]}
     * @param bias {@code [channels]}
     * @param eps keeps the divisor away from 0
     * @param layer name of the layer for messages
     * @return the images with the statistics, which are not differentiated
     * @throws IllegalArgumentException if x has another rank or number of channels, or only one pixel
     */
    public static Normalized batchNorm(Tensor x, Tensor weight, Tensor bias, float eps, String layer) {
        int channels = weight.size();
        ChannelsLast.requireImages(x, channels, layer);
        requirePerChannel("bias", bias.size(), channels, layer);
        int pixels = x.size() / channels;
        if (pixels < 2) {
            throw new IllegalArgumentException(layer + ": input " + Arrays.toString(x.shape()) + " has one pixel a "
                    + "channel, whose variance is 0; train with larger images or batches, or call eval()");
        }
        return normalize("batchNorm", x, weight, bias, new PixelStripes(1, pixels, channels), channels, eps);
    }

    private static void requirePerChannel(String what, int length, int channels, String layer) {
        if (length != channels) {
            throw new IllegalArgumentException(
                    layer + ": " + what + " has " + length + " elements, expected " + channels + ", one per channel");
        }
    }

    /**
     * Group normalisation (Wu and He, 2018): the statistics are those of each image's groups of neighbouring channels,
     * so an image does not depend on its batch.
     *
     * @param x {@code [n, channels, height, width]}
     * @param groups number of groups; divides the channels
     * @param weight {@code [channels]}
     * @param bias {@code [channels]}
     * @param eps keeps the divisor away from 0
     * @param layer name of the layer for messages
     * @return a tensor of x's shape
     * @throws IllegalArgumentException if x has another rank or number of channels, the groups don't divide these, or a
     *     group has only one value
     */
    public static Tensor groupNorm(Tensor x, int groups, Tensor weight, Tensor bias, float eps, String layer) {
        int channels = weight.size();
        ChannelsLast.requireImages(x, channels, layer);
        requirePerChannel("bias", bias.size(), channels, layer);
        if (groups < 1 || channels % groups != 0) {
            throw new IllegalArgumentException(layer + ": " + groups + " groups don't divide " + channels
                    + " channels");
        }
        int pixels = x.length(2) * x.length(3);
        if (pixels * (channels / groups) < 2) {
            throw new IllegalArgumentException(layer + ": input " + Arrays.toString(x.shape()) + " has one value a "
                    + "group, whose variance is 0; use larger images or fewer groups");
        }
        return normalize("groupNorm", x, weight, bias, new PixelStripes(x.length(0), pixels, channels), groups,
                eps).images();
    }

    /**
     * Multiplies and adds with one pair of constants for each channel, {@code y = x * scale + shift}: batch
     * normalisation with given statistics.
     *
     * @param x {@code [n, channels, height, width]}
     * @param scale {@code [channels]}; not modified
     * @param shift {@code [channels]}; not modified
     * @param layer name of the layer for messages
     * @return a tensor of x's shape; its gradient with respect to x is {@code g * scale}
     * @throws IllegalArgumentException if x has another rank or number of channels
     */
    public static Tensor scaleAndShift(Tensor x, float[] scale, float[] shift, String layer) {
        ChannelsLast.requireImages(x, scale.length, layer);
        requirePerChannel("shift", shift.length, scale.length, layer);
        Tensor pixels = ChannelsLast.pixels(x);
        PixelStripes stripes = new PixelStripes(1, x.size() / scale.length, scale.length);
        float[] in = pixels.data();
        float[] y = Workspace.floats(in.length);
        float[] scales = stripes.repeatedForAll(scale);
        float[] shifts = stripes.repeatedForAll(shift);
        stripes.forEachStripe(NANOS, 1, (segment, at, length, rows) -> {
            System.arraycopy(in, at, rows[0], 0, length);
            scaleAndShift(rows[0], scales, shifts, length);
            System.arraycopy(rows[0], 0, y, at, length);
        });
        FloatMath math = FloatMath.get();
        return ChannelsLast.images(Autograd.result("scaleAndShift", y, pixels.shape(), g -> {
            float[] dx = pixels.gradBuffer();
            stripes.forEachStripe(NANOS, 1, (segment, at, length, rows) -> {
                System.arraycopy(g, at, rows[0], 0, length);
                scale(rows[0], scales, length);
                math.axpy(1f, rows[0], 0, dx, at, length);
            });
        }, pixels));
    }

    private static void scaleAndShift(float[] x, float[] scale, float[] shift, int length) {
        for (int i = 0; i < length; i++) {
            x[i] = x[i] * scale[i] + shift[i];
        }
    }

    private static void scale(float[] x, float[] scale, int length) {
        for (int i = 0; i < length; i++) {
            x[i] *= scale[i];
        }
    }

    // ---------------------------------------------------------------- the statistics of each segment's groups

    private static Normalized normalize(String operation, Tensor x, Tensor weight, Tensor bias, PixelStripes stripes,
            int groups, float eps) {
        Tensor pixels = ChannelsLast.pixels(x);
        float[] in = pixels.data();
        float[] y = Workspace.floats(in.length);
        PixelMoments moments = PixelMoments.of(in, stripes, groups);
        float[] inverse = moments.inverseDeviations(eps);
        float[] factor = Workspace.floats(inverse.length); // inverse * weight
        float[] shift = Workspace.floats(inverse.length);
        for (int i = 0; i < inverse.length; i++) {
            factor[i] = inverse[i] * weight.data()[i % stripes.channels];
            shift[i] = bias.data()[i % stripes.channels];
        }
        float[][] means = stripes.repeated(moments.mean());
        float[][] factors = stripes.repeated(factor);
        float[][] shifts = stripes.repeated(shift);
        stripes.forEachStripe(NANOS, 1, (segment, at, length, rows) -> {
            System.arraycopy(in, at, rows[0], 0, length);
            normalize(rows[0], means[segment], factors[segment], shifts[segment], length);
            System.arraycopy(rows[0], 0, y, at, length);
        });
        Tensor result = Autograd.result(operation, y, pixels.shape(),
                g -> addGradients(g, in, moments, inverse, means, factors, pixels, weight, bias), pixels, weight,
                bias);
        return new Normalized(ChannelsLast.images(result), moments.mean(), moments.variance());
    }

    private static void normalize(float[] x, float[] mean, float[] factor, float[] shift, int length) {
        for (int i = 0; i < length; i++) {
            x[i] = (x[i] - mean[i]) * factor[i] + shift[i];
        }
    }

    /** Two passes: the sums of g and of g * (x - mean), which are the gradients of bias and weight; then that of x. */
    private static void addGradients(float[] g, float[] x, PixelMoments moments, float[] inverse, float[][] means,
            float[][] factors, Tensor pixels, Tensor weight, Tensor bias) {
        PixelStripes stripes = moments.stripes();
        float[] sums = stripes.sums();
        float[] products = stripes.sums();
        stripes.forEachChunk(2 * NANOS, 4, (segment, from, to, at, rows) -> {
            Arrays.fill(rows[2], 0f);
            Arrays.fill(rows[3], 0f);
            for (int i = from; i < to; i += stripes.width) {
                int length = Math.min(stripes.width, to - i);
                System.arraycopy(g, i, rows[0], 0, length);
                System.arraycopy(x, i, rows[1], 0, length);
                PixelMoments.add(rows[0], rows[2], length);
                addProducts(rows[0], rows[1], means[segment], rows[3], length);
            }
            System.arraycopy(rows[2], 0, sums, at, stripes.width);
            System.arraycopy(rows[3], 0, products, at, stripes.width);
        });
        double[] ofBias = stripes.totals(sums);
        double[] ofWeight = stripes.totals(products);
        for (int i = 0; i < inverse.length; i++) {
            ofWeight[i] *= inverse[i];
        }
        addSegments(ofBias, bias, stripes.channels);
        addSegments(ofWeight, weight, stripes.channels);
        if (pixels.needsGrad()) {
            addInputGradient(g, x, moments, inverse, ofBias, ofWeight, means, factors, pixels, weight.data());
        }
    }

    private static void addInputGradient(float[] g, float[] x, PixelMoments moments, float[] inverse,
            double[] ofBias, double[] ofWeight, float[][] means, float[][] factors, Tensor pixels, float[] weight) {
        for (int i = 0; i < inverse.length; i++) {
            ofBias[i] *= weight[i % weight.length];
            ofWeight[i] *= weight[i % weight.length];
        }
        moments.averageGroups(ofBias); // mean(h)
        moments.averageGroups(ofWeight); // mean(h * z)
        float[] offset = Workspace.floats(inverse.length);
        float[] pull = Workspace.floats(inverse.length);
        for (int i = 0; i < inverse.length; i++) {
            offset[i] = (float) (inverse[i] * ofBias[i]);
            pull[i] = (float) (inverse[i] * inverse[i] * ofWeight[i]);
        }
        PixelStripes stripes = moments.stripes();
        float[][] offsets = stripes.repeated(offset);
        float[][] pulls = stripes.repeated(pull);
        float[] dx = pixels.gradBuffer();
        FloatMath math = FloatMath.get();
        stripes.forEachStripe(2 * NANOS, 2, (segment, at, length, rows) -> {
            System.arraycopy(g, at, rows[0], 0, length);
            System.arraycopy(x, at, rows[1], 0, length);
            inputGradient(rows[0], rows[1], factors[segment], offsets[segment], means[segment], pulls[segment],
                    length);
            math.axpy(1f, rows[0], 0, dx, at, length);
        });
    }

    private static void addSegments(double[] values, Tensor parameter, int channels) {
        if (parameter.needsGrad()) {
            float[] gradient = parameter.gradBuffer();
            for (int c = 0; c < channels; c++) {
                double sum = 0;
                for (int i = c; i < values.length; i += channels) {
                    sum += values[i];
                }
                gradient[c] += (float) sum;
            }
        }
    }

    private static void addProducts(float[] g, float[] x, float[] mean, float[] sum, int length) {
        for (int i = 0; i < length; i++) {
            sum[i] += g[i] * (x[i] - mean[i]);
        }
    }

    /** The gradient replaces g. */
    private static void inputGradient(float[] g, float[] x, float[] factor, float[] offset, float[] mean, float[] pull,
            int length) {
        for (int i = 0; i < length; i++) {
            g[i] = g[i] * factor[i] - offset[i] - (x[i] - mean[i]) * pull[i];
        }
    }
}
