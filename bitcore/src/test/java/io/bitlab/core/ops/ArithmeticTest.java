package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ArithmeticTest {

    private enum Operation {
        ADD(Tensor::add, (x, y) -> x + y),
        SUB(Tensor::sub, (x, y) -> x - y),
        MUL(Tensor::mul, (x, y) -> x * y),
        DIV(Tensor::div, (x, y) -> x / y);

        private final BinaryOperator<Tensor> operation;
        private final DoubleBinaryOperator element;

        Operation(BinaryOperator<Tensor> operation, DoubleBinaryOperator element) {
            this.operation = operation;
            this.element = element;
        }

        Tensor apply(Tensor... operands) {
            return operation.apply(operands[0], operands[1]);
        }

        DoubleArray reference(int[] shape, DoubleArray a, DoubleArray b) {
            return DoubleArray.build(shape, i -> element.applyAsDouble(a.stretchedAt(i), b.stretchedAt(i)));
        }
    }

    /** Two shapes and the one they broadcast to, worked out by hand. */
    private static List<int[][]> shapes() {
        return List.of(
                new int[][] {{}, {}, {}},
                new int[][] {{}, {5}, {5}},
                new int[][] {{3, 5}, {}, {3, 5}},
                new int[][] {{1}, {1, 1, 1}, {1, 1, 1}},
                new int[][] {{7}, {7}, {7}},
                new int[][] {{3, 5}, {3, 5}, {3, 5}},
                new int[][] {{3, 5}, {5}, {3, 5}},
                new int[][] {{5}, {3, 5}, {3, 5}},
                new int[][] {{2, 3, 5}, {3, 5}, {2, 3, 5}},
                new int[][] {{2, 3, 5}, {2, 1, 5}, {2, 3, 5}},
                new int[][] {{2, 3, 5}, {3, 1}, {2, 3, 5}},
                new int[][] {{2, 1, 5}, {1, 3, 1}, {2, 3, 5}},
                new int[][] {{4, 1}, {1, 7}, {4, 7}},
                new int[][] {{3, 1}, {7}, {3, 7}},
                new int[][] {{1, 3, 1, 2}, {2, 1, 5, 1}, {2, 3, 5, 2}},
                new int[][] {{2, 3, 1, 3}, {3, 2, 3}, {2, 3, 2, 3}},
                new int[][] {{2, 1, 1, 3}, {5, 1}, {2, 1, 5, 3}});
    }

    private static List<Arguments> cases() {
        List<Arguments> cases = new ArrayList<>();
        long seed = 1;
        for (Operation operation : Operation.values()) {
            for (int[][] shapes : shapes()) {
                cases.add(Arguments.of(operation, shapes[0], shapes[1], shapes[2], seed++));
            }
        }
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void broadcasts(Operation operation, int[] a, int[] b, int[] result, long seed) {
        GradientCheck.check(operation.name(), seed, operation::apply, x -> operation.reference(result, x[0], x[1]),
                Tensor.randn(seed, a), GradientCheck.positive(seed + 500, b));
    }

    @ParameterizedTest
    @EnumSource(Operation.class)
    void takesOneTensorAsBothOperands(Operation operation) {
        GradientCheck.check(operation + " with itself", 3, x -> operation.apply(x[0], x[0]),
                x -> operation.reference(x[0].shape(), x[0], x[0]), GradientCheck.positive(3, 2, 7));
    }

    @Test
    void takesAStretchedViewOfTheOtherOperand() {
        GradientCheck.check("x * sum(x)", 4, x -> x[0].mul(x[0].sum(0)),
                x -> DoubleArray.build(new int[] {3, 5}, i -> x[0].at(i)
                        * (x[0].at(0, i[1]) + x[0].at(1, i[1]) + x[0].at(2, i[1]))),
                Tensor.randn(4, 3, 5));
    }

    @Test
    void takesNumbers() {
        Tensor x = Tensor.of(new float[] {1, -2, 3}, 3).requiresGrad(true);
        Tensor y = x.mul(4f).add(0.5f);
        assertArrayEquals(new float[] {4.5f, -7.5f, 12.5f}, y.data());
        y.sum().backward();
        assertArrayEquals(new float[] {4, 4, 4}, x.grad().data());
    }

    @Test
    void followsIeeeArithmetic() {
        Tensor y = Tensor.of(new float[] {1, -1, 0, Float.NaN}, 4).div(Tensor.scalar(0f));
        assertArrayEquals(new float[] {Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN, Float.NaN},
                y.data());
    }

    @ParameterizedTest
    @EnumSource(Operation.class)
    void refusesShapesThatDoNotMeet(Operation operation) {
        Tensor a = Tensor.zeros(2, 3, 5);
        Tensor b = Tensor.zeros(4, 5);
        String message = assertThrows(IllegalArgumentException.class, () -> operation.apply(a, b)).getMessage();
        assertEquals(operation.name().toLowerCase(Locale.ROOT) + ": shapes [2, 3, 5] and [4, 5] don't broadcast: "
                + "aligned at the last axis, lengths 3 and 4 meet; they must be equal, or one of them 1", message);
    }
}
