package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Tensor;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OpsTest {

    private static final float EPS = 0.01f; // large, so that its part shows

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
    void linear(int[] shape) {
        int last = shape.length - 1;
        int in = shape[last];
        int out = 6;
        GradientCheck.check("linear", 1, x -> Ops.linear(x[0], x[1], x[2], "layer"),
                x -> DoubleArray.build(DoubleArray.with(shape, last, out), i -> x[2].at(i[last])
                        + sum(in, k -> x[0].at(DoubleArray.with(i, last, k)) * x[1].at(i[last], k))),
                Tensor.randn(1, shape), Tensor.randn(2, out, in), Tensor.randn(3, out));
        GradientCheck.check("linear without bias", 2, x -> Ops.linear(x[0], x[1], null, "layer"),
                x -> DoubleArray.build(DoubleArray.with(shape, last, out),
                        i -> sum(in, k -> x[0].at(DoubleArray.with(i, last, k)) * x[1].at(i[last], k))),
                Tensor.randn(4, shape), Tensor.randn(5, out, in));
    }

    @Test
    void linearRefusesWhatDoesNotFit() {
        Tensor weight = Tensor.zeros(4, 5);
        refused("Linear(5 -> 4): input [3, 6] has 6 features in its last dimension, expected 5",
                () -> Ops.linear(Tensor.zeros(3, 6), weight, null, "Linear(5 -> 4)"));
        refused("Linear(5 -> 4): input is a scalar (rank 0), expected shape [..., 5]",
                () -> Ops.linear(Tensor.scalar(1f), weight, null, "Linear(5 -> 4)"));
        refused("Linear(5 -> 4): bias [5] for 4 output features, expected [4]",
                () -> Ops.linear(Tensor.zeros(3, 5), weight, Tensor.zeros(5), "Linear(5 -> 4)"));
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void rmsNorm(int[] shape) {
        int last = shape.length - 1;
        int features = shape[last];
        GradientCheck.check("rmsNorm", 1, x -> Ops.rmsNorm(x[0], x[1], EPS, "norm"),
                x -> DoubleArray.build(shape, i -> {
                    double meanSquare = sum(features, k -> {
                        double element = x[0].at(DoubleArray.with(i, last, k));
                        return element * element;
                    }) / features;
                    return x[1].at(i[last]) * x[0].at(i) / StrictMath.sqrt(meanSquare + EPS);
                }), Tensor.randn(1, shape), Tensor.randn(2, features));
    }

    @Test
    void rmsNormIsTheSameOnAnyNumberOfThreads() {
        Tensor up = Tensor.randn(3, 900, 75);
        float[][] first = new float[3][];
        for (int threads = 1; threads <= 4; threads++) {
            try (Parallel parallel = Parallel.of(threads)) {
                Tensor x = Tensor.randn(1, 900, 75).requiresGrad(true);
                Tensor w = Tensor.randn(2, 75).requiresGrad(true);
                float[][] found = parallel.call(() -> {
                    Tensor y = Ops.rmsNorm(x, w, EPS, "norm");
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
        assertArrayEquals(new float[6], Ops.rmsNorm(Tensor.zeros(2, 3), Tensor.full(1f, 3), EPS, "norm").data());
        refused("norm: input [2, 3] has 3 features in its last dimension, expected 4",
                () -> Ops.rmsNorm(Tensor.zeros(2, 3), Tensor.zeros(4), EPS, "norm"));
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void dropout(int[] shape) {
        double probability = 0.25;
        int size = Tensor.zeros(shape).size();
        CounterRandom random = new CounterRandom(11, 2);
        double[] factors = new double[size];
        for (int i = 0; i < size; i++) {
            factors[i] = random.nextFloat() < probability ? 0 : 1 / (1 - probability);
        }
        GradientCheck.check("dropout", 6, x -> Ops.dropout(x[0], (float) probability, new CounterRandom(11, 2)), x -> {
            double[] y = new double[size];
            for (int i = 0; i < size; i++) {
                y[i] = x[0].values()[i] * factors[i];
            }
            return new DoubleArray(y, shape);
        }, Tensor.randn(6, shape));
    }

    @Test
    void dropoutKeepsTheMeanAndMovesTheGeneratorOn() {
        CounterRandom random = new CounterRandom(1, 2);
        Tensor ones = Tensor.full(1f, 100_000);
        Tensor y = Ops.dropout(ones, 0.3f, random);
        assertEquals(1.0, y.mean().item(), 0.01);
        assertEquals(100_000, random.position());
        assertArrayEquals(ones.data(), Ops.dropout(ones, 0f, random).data());
    }

    @Test
    void dropoutRefusesWhatIsNoProbability() {
        for (float probability : new float[] {-0.1f, 1f, 1.5f, Float.NaN}) {
            refused("dropout: probability " + probability + " is not in [0, 1)",
                    () -> Ops.dropout(Tensor.zeros(3), probability, new CounterRandom(1, 2)));
        }
    }
}
