package io.bitlab.layers.testing;

import static org.junit.jupiter.api.Assertions.fail;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.ops.Window;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitConv2d;
import io.bitlab.layers.Conv2d;
import io.bitlab.layers.ConvolutionBuilder;
import io.bitlab.layers.Layer;
import java.util.Arrays;
import java.util.List;

/** A convolution to test. The cases have odd sizes, and every setting alone and combined. */
public record ConvolutionCase(int[] input, int out, int groups, Window window) {

    public static List<ConvolutionCase> all() {
        Window three = Window.of(3, 3);
        return List.of(
                new ConvolutionCase(new int[] {1, 1, 1, 1}, 1, 1, Window.of(1, 1)),
                new ConvolutionCase(new int[] {2, 3, 5, 4}, 4, 1, Window.of(1, 1)),
                new ConvolutionCase(new int[] {2, 3, 7, 5}, 4, 1, three.withPadding(1, 1)),
                new ConvolutionCase(new int[] {3, 2, 8, 9}, 5, 1, three.withStride(2, 3).withPadding(1, 0)),
                new ConvolutionCase(new int[] {2, 3, 11, 9}, 2, 1, three.withDilation(2, 3).withPadding(2, 4)),
                new ConvolutionCase(new int[] {1, 4, 6, 6}, 6, 2, three.withPadding(1, 1)),
                new ConvolutionCase(new int[] {2, 5, 4, 6}, 5, 5, Window.of(2, 3)),
                new ConvolutionCase(new int[] {2, 3, 6, 5}, 9, 3,
                        Window.of(4, 1).withPadding(3, 0).withStride(2, 1).withDilation(1, 2)),
                new ConvolutionCase(new int[] {1, 16, 5, 4}, 6, 2, three.withPadding(1, 1)),
                new ConvolutionCase(new int[] {3, 6, 5, 5}, 6, 6, three.withStride(2, 1).withPadding(1, 1)),
                new ConvolutionCase(new int[] {3, 6, 4, 3}, 33, 1, Window.of(1, 1)),
                new ConvolutionCase(new int[] {1, 8, 5, 5}, 7, 1, Window.of(5, 5).withPadding(2, 2)));
    }

    public DirectConvolution direct() {
        return new DirectConvolution(input, out, groups, window);
    }

    public Tensor images(long seed) {
        return Tensor.randn(seed, input);
    }

    public Conv2d conv(boolean bias) {
        return prepared(
                settings(Conv2d.builder(input[1], out, window.kernelHeight(), window.kernelWidth()), bias).build());
    }

    public BitConv2d ternary(boolean bias, BitQuantConfig config) {
        return prepared(settings(BitConv2d.builder(input[1], out, window.kernelHeight(), window.kernelWidth()), bias)
                .quantConfig(config).build());
    }

    private <B extends ConvolutionBuilder<B>> B settings(B builder, boolean bias) {
        return builder.stride(window.strideHeight(), window.strideWidth())
                .padding(window.paddingHeight(), window.paddingWidth())
                .dilation(window.dilationHeight(), window.dilationWidth()).groups(groups).bias(bias);
    }

    /** Biases that differ from each other. */
    private static <L extends Layer> L prepared(L layer) {
        layer.initialize(11);
        Tensor bias = layer.namedParameters().get("bias");
        if (bias != null) {
            System.arraycopy(Tensor.randn(12, bias.size()).data(), 0, bias.data(), 0, bias.size());
        }
        return layer;
    }

    public static void assertNear(double[] expected, float[] actual, String label) {
        if (expected.length != actual.length) {
            fail(label + ": " + actual.length + " values, expected " + expected.length);
        }
        double tolerance = 1e-5 * Math.max(0.1, Arrays.stream(expected).map(Math::abs).max().orElse(0));
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(expected[i] - actual[i]) <= tolerance)) {
                fail(label + ": element " + i + " is " + actual[i] + ", expected " + expected[i]);
            }
        }
    }

    @Override
    public String toString() {
        return Arrays.toString(input) + " -> " + out + " channels, groups " + groups + ", " + window;
    }
}
