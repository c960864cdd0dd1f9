package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.tensor.Tensor;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LinearOpsTest {

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
        GradientCheck.check("linear", 1, x -> LinearOps.linear(x[0], x[1], x[2], "layer"),
                x -> DoubleArray.build(DoubleArray.with(shape, last, out), i -> x[2].at(i[last])
                        + sum(in, k -> x[0].at(DoubleArray.with(i, last, k)) * x[1].at(i[last], k))),
                Tensor.randn(1, shape), Tensor.randn(2, out, in), Tensor.randn(3, out));
        GradientCheck.check("linear without bias", 2, x -> LinearOps.linear(x[0], x[1], null, "layer"),
                x -> DoubleArray.build(DoubleArray.with(shape, last, out),
                        i -> sum(in, k -> x[0].at(DoubleArray.with(i, last, k)) * x[1].at(i[last], k))),
                Tensor.randn(4, shape), Tensor.randn(5, out, in));
    }

    @Test
    void linearRefusesWhatDoesNotFit() {
        Tensor weight = Tensor.zeros(4, 5);
        refused("Linear(5 -> 4): input [3, 6] has 6 features in its last dimension, expected 5",
                () -> LinearOps.linear(Tensor.zeros(3, 6), weight, null, "Linear(5 -> 4)"));
        refused("Linear(5 -> 4): input is a scalar (rank 0), expected shape [..., 5]",
                () -> LinearOps.linear(Tensor.scalar(1f), weight, null, "Linear(5 -> 4)"));
        refused("Linear(5 -> 4): bias [5] for 4 output features, expected [4]",
                () -> LinearOps.linear(Tensor.zeros(3, 5), weight, Tensor.zeros(5), "Linear(5 -> 4)"));
    }
}
