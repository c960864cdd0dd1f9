package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ReductionsTest {

    private enum Reduction {
        SUM(Tensor::sum, lane -> Arrays.stream(lane).sum()),
        MEAN(Tensor::mean, lane -> Arrays.stream(lane).sum() / lane.length),
        MAX(Tensor::max, lane -> Arrays.stream(lane).max().orElseThrow());

        private final BiFunction<Tensor, Integer, Tensor> operation;
        private final ToDoubleFunction<double[]> ofLane;

        Reduction(BiFunction<Tensor, Integer, Tensor> operation, ToDoubleFunction<double[]> ofLane) {
            this.operation = operation;
            this.ofLane = ofLane;
        }
    }

    /** Every axis of every shape, also counted from the end; 37 is more than two rounds of 16 partials. */
    private static List<Arguments> axes() {
        List<Arguments> cases = new ArrayList<>();
        long seed = 1;
        for (int[] shape : new int[][] {{1}, {37}, {3, 5}, {1, 17}, {17, 1}, {2, 3, 7}, {2, 3, 1, 5}}) {
            for (int axis = -shape.length; axis < shape.length; axis++) {
                cases.add(Arguments.of(shape, axis, seed++));
            }
        }
        return cases;
    }

    /** The elements that differ from {@code index} along one axis only. */
    private static double[] lane(DoubleArray x, int axis, int... index) {
        double[] lane = new double[x.length(axis)];
        Arrays.setAll(lane, i -> x.at(DoubleArray.with(index, axis, i)));
        return lane;
    }

    private static int fromFront(int axis, int... shape) {
        return axis < 0 ? axis + shape.length : axis;
    }

    @ParameterizedTest
    @MethodSource("axes")
    void reducesAnAxis(int[] shape, int axis, long seed) {
        int a = fromFront(axis, shape);
        for (Reduction reduction : Reduction.values()) {
            GradientCheck.check(reduction + " over axis " + axis, seed, x -> reduction.operation.apply(x[0], axis),
                    x -> DoubleArray.build(DoubleArray.remove(shape, a),
                            i -> reduction.ofLane.applyAsDouble(lane(x[0], a, DoubleArray.insert(i, a, 0)))),
                    Tensor.randn(seed, shape));
        }
    }

    @ParameterizedTest
    @MethodSource("axes")
    void normalisesAnAxis(int[] shape, int axis, long seed) {
        int a = fromFront(axis, shape);
        GradientCheck.check("softmax over axis " + axis, seed, x -> x[0].softmax(axis),
                x -> DoubleArray.build(shape, i -> StrictMath.exp(x[0].at(i)) / sumOfExp(lane(x[0], a, i))),
                Tensor.randn(seed, shape));
        GradientCheck.check("logSoftmax over axis " + axis, seed, x -> x[0].logSoftmax(axis),
                x -> DoubleArray.build(shape, i -> x[0].at(i) - StrictMath.log(sumOfExp(lane(x[0], a, i)))),
                Tensor.randn(seed, shape));
    }

    private static double sumOfExp(double... lane) {
        return Arrays.stream(lane).map(StrictMath::exp).sum();
    }

    @Test
    void reducesEverything() {
        int[][] shapes = {{}, {1}, {3, 5}, {2, 3, 7}};
        for (int[] shape : shapes) {
            GradientCheck.check("sum", 40, x -> x[0].sum(),
                    x -> new DoubleArray(new double[] {Arrays.stream(x[0].values()).sum()}), Tensor.randn(40, shape));
            GradientCheck.check("mean", 41, x -> x[0].mean(),
                    x -> new DoubleArray(new double[] {Arrays.stream(x[0].values()).average().orElseThrow()}),
                    Tensor.randn(41, shape));
        }
    }

    @Test
    void givesTheGradientToTheFirstOfEqualMaxima() {
        Tensor x = Tensor.of(new float[] {1, 3, 3, 2, 2, 2}, 2, 3).requiresGrad(true);
        x.max(1).backward(new float[] {5, 7});
        assertArrayEquals(new float[] {0, 5, 0, 7, 0, 0}, x.grad().data());
    }

    @Test
    void letsNaNWinTheMaximum() {
        float nan = Float.NaN;
        Tensor x = Tensor.of(new float[] {nan, 1, 1, nan, 3, 2, Float.POSITIVE_INFINITY, nan}, 4, 2).requiresGrad(true);
        Tensor y = x.max(1);
        assertArrayEquals(new float[] {nan, nan, 3, nan}, y.data());
        y.sum().backward();
        assertArrayEquals(new float[] {1, 0, 0, 1, 1, 0, 0, 1}, x.grad().data());
    }

    @Test
    void softmaxesOfLargeValuesStayFinite() {
        Tensor x = Tensor.of(new float[] {3e38f, 3e38f, -3e38f, -1000, -1000, -1200}, 2, 3);
        assertArrayEquals(new float[] {0.5f, 0.5f, 0, 0.5f, 0.5f, 0}, x.softmax(1).data());
        float half = (float) -StrictMath.log(2);
        float[] logarithms = x.logSoftmax(1).data();
        assertArrayEquals(new float[] {half, half}, new float[] {logarithms[0], logarithms[4]}, 1e-7f);
        assertEquals(-200 + half, logarithms[5], 1e-5f);
    }

    @Test
    void softmaxesSumToOne() {
        float[] y = Tensor.randn(5, 7, 1001).mul(10f).softmax(1).sum(1).data();
        for (float sum : y) {
            assertEquals(1f, sum, 1e-6f);
        }
    }

    @Test
    void softmaxesPropagateNaN() {
        Tensor x = Tensor.of(new float[] {1, Float.NaN, 1, 2}, 2, 2);
        for (Tensor y : List.of(x.softmax(1), x.logSoftmax(1))) {
            assertTrue(Float.isNaN(y.at(0, 0)) && Float.isNaN(y.at(0, 1)), "the lane with NaN: " + y);
            assertTrue(Float.isFinite(y.at(1, 0)) && Float.isFinite(y.at(1, 1)), "the other lane: " + y);
        }
    }

    @ParameterizedTest
    @EnumSource(Reduction.class)
    void refusesAnAxisThatDoesNotExist(Reduction reduction) {
        for (int axis : new int[] {2, -3}) {
            String message = assertThrows(IllegalArgumentException.class,
                    () -> reduction.operation.apply(Tensor.zeros(3, 5), axis)).getMessage();
            assertTrue(message.endsWith(": axis " + axis + " does not exist in shape [3, 5] of rank 2"), message);
        }
    }

    @Test
    void namesTheOperationWhoseAxisDoesNotExist() {
        Tensor scalar = Tensor.scalar(1f);
        String expected = ": axis 0 does not exist in shape [] of rank 0";
        assertEquals("sum" + expected,
                assertThrows(IllegalArgumentException.class, () -> scalar.sum(0)).getMessage());
        assertEquals("mean" + expected,
                assertThrows(IllegalArgumentException.class, () -> scalar.mean(0)).getMessage());
        assertEquals("max" + expected,
                assertThrows(IllegalArgumentException.class, () -> scalar.max(0)).getMessage());
        assertEquals("softmax" + expected,
                assertThrows(IllegalArgumentException.class, () -> scalar.softmax(0)).getMessage());
        assertEquals("logSoftmax" + expected,
                assertThrows(IllegalArgumentException.class, () -> scalar.logSoftmax(0)).getMessage());
    }
}
