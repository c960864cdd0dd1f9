package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.math.ActivationFunction;
import io.bitlab.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import org.apache.commons.math3.special.Erf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PointwiseTest {

    private enum Function {
        EXP(Tensor::exp, StrictMath::exp),
        LOG(Tensor::log, StrictMath::log),
        SQRT(Tensor::sqrt, StrictMath::sqrt),
        TANH(Tensor::tanh, StrictMath::tanh),
        SIGMOID(Tensor::sigmoid, x -> 1 / (1 + StrictMath.exp(-x))),
        RELU(Tensor::relu, x -> Math.max(x, 0)),
        GELU(Pointwise::gelu, x -> x * (1 + Erf.erf(x / Math.sqrt(2))) / 2),
        GELU_TANH(Pointwise::geluTanh, x -> x / 2
                * (1 + StrictMath.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)))),
        SILU(Pointwise::silu, x -> x / (1 + StrictMath.exp(-x))),
        SQUARED_RELU(Pointwise::squaredRelu, x -> Math.max(x, 0) * Math.max(x, 0));

        private final UnaryOperator<Tensor> function;
        private final DoubleUnaryOperator element;

        Function(UnaryOperator<Tensor> function, DoubleUnaryOperator element) {
            this.function = function;
            this.element = element;
        }

        boolean needsPositive() {
            return this == LOG || this == SQRT;
        }
    }

    private static List<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        long seed = 1;
        for (Function function : Function.values()) {
            for (int[] shape : new int[][] {{}, {1}, {17}, {3, 5}, {2, 3, 7}, {2, 1, 3, 5}}) {
                cases.add(Arguments.of(function, shape, seed++));
            }
        }
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void mapsEachElement(Function function, int[] shape, long seed) {
        Tensor x = function.needsPositive() ? GradientCheck.positive(seed, shape) : Tensor.randn(seed, shape);
        GradientCheck.check(function.name(), seed, t -> function.function.apply(t[0]),
                t -> DoubleArray.build(shape, i -> function.element.applyAsDouble(t[0].at(i))), x);
    }

    @Test
    void propagatesNaN() {
        for (Function function : Function.values()) {
            float[] y = function.function.apply(Tensor.of(new float[] {Float.NaN, 1f}, 2)).data();
            assertArrayEquals(new float[] {Float.NaN, (float) function.element.applyAsDouble(1)}, y, 2e-7f,
                    function.name());
        }
    }

    @Test
    void reluHasNoGradientAtZero() {
        Tensor x = Tensor.of(new float[] {-1, -0f, 0, 2}, 4).requiresGrad(true);
        x.relu().sum().backward();
        assertArrayEquals(new float[] {0, 0, 0, 1}, x.grad().data());
    }

    @Test
    void gatesMultiply() {
        for (int size : new int[] {1, 17, 5000}) {
            Tensor gate = Tensor.randn(size, size);
            Tensor up = Tensor.randn(size + 1, size);
            if (size < 100) {
                GradientCheck.check("gated", size, t -> Pointwise.gated(ActivationFunction.SILU, t[0], t[1]),
                        t -> DoubleArray.build(t[0].shape(),
                                i -> t[0].at(i) / (1 + Math.exp(-t[0].at(i))) * t[1].at(i)),
                        gate, up);
            }
            assertArrayEquals(Pointwise.squaredRelu(gate).mul(up).toArray(),
                    Pointwise.gated(ActivationFunction.SQUARED_RELU, gate, up).toArray());
        }
        Exception e = assertThrows(IllegalArgumentException.class,
                () -> Pointwise.gated(ActivationFunction.SILU, Tensor.zeros(2), Tensor.zeros(3)));
        assertEquals("gated: gate [2] and up [3] must have the same shape", e.getMessage());
    }
}
