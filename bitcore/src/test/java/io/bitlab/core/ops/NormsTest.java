package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Tensor;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NormsTest {

    private static final float EPS = 1e-3f;
    private static final float RMS_EPS = 0.01f; // large, so that its part shows

    private static DoubleArray layerNorm(DoubleArray x, DoubleArray weight, DoubleArray bias) {
        int features = weight.length(0);
        return DoubleArray.build(x.shape(), i -> {
            int last = i.length - 1;
            double mean = 0;
            for (int j = 0; j < features; j++) {
                mean += x.at(DoubleArray.with(i, last, j)) / features;
            }
            double variance = 0;
            for (int j = 0; j < features; j++) {
                double off = x.at(DoubleArray.with(i, last, j)) - mean;
                variance += off * off / features;
            }
            return weight.at(i[last]) * (x.at(i) - mean) / Math.sqrt(variance + EPS)
                    + (bias == null ? 0 : bias.at(i[last]));
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 15, 16, 17, 33})
    void normalisesRows(int features) {
        for (int[] leading : new int[][] {{}, {1}, {5}, {2, 3}}) {
            int[] shape = DoubleArray.insert(leading, leading.length, features);
            Tensor x = Tensor.randn(features, shape).mul(3).add(2); // a mean that must be taken off
            Tensor weight = Tensor.randn(features + 1, features);
            Tensor bias = Tensor.randn(features + 2, features);
            GradientCheck.check("layerNorm", features,
                    t -> Norms.layerNorm(t[0], t[1], t[2], EPS, "test"), t -> layerNorm(t[0], t[1], t[2]), x, weight,
                    bias);
            GradientCheck.check("layerNorm without bias", features,
                    t -> Norms.layerNorm(t[0], t[1], null, EPS, "test"), t -> layerNorm(t[0], t[1], null), x, weight);
        }
    }

    @Test
    void aConstantRowBecomesTheBias() {
        Tensor y = Norms.layerNorm(Tensor.full(7, 2, 3), Tensor.full(5, 3), Tensor.full(0.25f, 3), EPS, "test");
        for (float value : y.data()) {
            assertEquals(0.25f, value);
        }
    }

    @Test
    void refusesOtherNumbersOfFeatures() {
        Tensor weight = Tensor.zeros(4);
        Exception e = assertThrows(IllegalArgumentException.class,
                () -> Norms.layerNorm(Tensor.zeros(2, 3), weight, null, EPS, "LayerNorm(4) 'block.norm'"));
        assertEquals("LayerNorm(4) 'block.norm': input [2, 3] has 3 features in its last dimension, expected 4",
                e.getMessage());
        e = assertThrows(IllegalArgumentException.class,
                () -> Norms.layerNorm(Tensor.zeros(2, 4), weight, Tensor.zeros(3), EPS, "LayerNorm(4)"));
        assertEquals("LayerNorm(4): bias [3] for 4 features", e.getMessage());
    }

    // ---------------------------------------------------------------- root mean square

    /** Inputs whose last axis has the features. */
    private static List<int[]> inputs() {
        return List.of(new int[] {5}, new int[] {1, 1}, new int[] {3, 7}, new int[] {2, 3, 17}, new int[] {2, 1, 3, 4});
    }

    private static void refused(String message, Executable action) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, action).getMessage());
    }

    private static double sum(int length, IntToDoubleFunction term) {
        double sum = 0;
        for (int i = 0; i < length; i++) {
            sum += term.applyAsDouble(i);
        }
        return sum;
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void rmsNorm(int[] shape) {
        int last = shape.length - 1;
        int features = shape[last];
        GradientCheck.check("rmsNorm", 1, x -> Norms.rmsNorm(x[0], x[1], RMS_EPS, "norm"),
                x -> DoubleArray.build(shape, i -> {
                    double meanSquare = sum(features, k -> {
                        double element = x[0].at(DoubleArray.with(i, last, k));
                        return element * element;
                    }) / features;
                    return x[1].at(i[last]) * x[0].at(i) / StrictMath.sqrt(meanSquare + RMS_EPS);
                }), Tensor.randn(1, shape), Tensor.randn(2, features));
    }

    @Test
    void normsAreTheSameOnAnyNumberOfThreads() {
        Tensor bias = Tensor.randn(4, 75);
        sameOnAnyNumberOfThreads((x, w) -> Norms.rmsNorm(x, w, RMS_EPS, "norm"));
        sameOnAnyNumberOfThreads((x, w) -> Norms.layerNorm(x, w, bias, EPS, "norm"));
    }

    private static void sameOnAnyNumberOfThreads(BinaryOperator<Tensor> norm) {
        Tensor up = Tensor.randn(3, 900, 75);
        float[][] first = new float[3][];
        for (int threads = 1; threads <= 4; threads++) {
            try (Parallel parallel = Parallel.of(threads)) {
                Tensor x = Tensor.randn(1, 900, 75).requiresGrad(true);
                Tensor w = Tensor.randn(2, 75).requiresGrad(true);
                float[][] found = parallel.call(() -> {
                    Tensor y = norm.apply(x, w);
                    y.mul(up).sum().backward();
                    return new float[][] {y.toArray(), x.grad().toArray(), w.grad().toArray()};
                });
                first = threads == 1 ? found : first;
                assertArrayEquals(first[0], found[0], threads + " threads: y");
                assertArrayEquals(first[1], found[1], threads + " threads: dx");
                assertArrayEquals(first[2], found[2], threads + " threads: dw");
            }
        }
    }

    @Test
    void rmsNormOfZerosIsZero() {
        assertArrayEquals(new float[6], Norms.rmsNorm(Tensor.zeros(2, 3), Tensor.full(1f, 3), RMS_EPS, "norm").data());
        refused("norm: input [2, 3] has 3 features in its last dimension, expected 4",
                () -> Norms.rmsNorm(Tensor.zeros(2, 3), Tensor.zeros(4), RMS_EPS, "norm"));
    }
}
