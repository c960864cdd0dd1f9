package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class IndexingTest {

    private static final int[][] SHAPES = {{1}, {7}, {3, 5}, {1, 4}, {2, 3, 5}, {2, 1, 3, 4}, {3, 2, 2, 3}};

    private static List<Arguments> axes() {
        List<Arguments> cases = new ArrayList<>();
        long seed = 1;
        for (int[] shape : SHAPES) {
            for (int axis = 0; axis < shape.length; axis++) {
                cases.add(Arguments.of(shape, axis, seed++));
            }
        }
        return cases;
    }

    private static void refused(String message, Executable action) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, action).getMessage());
    }

    @Test
    void reshapes() {
        int[][][] cases = { // from, asked for, result
            {{3, 4}, {12}, {12}}, {{3, 4}, {-1}, {12}}, {{3, 4}, {2, -1}, {2, 6}}, {{3, 4}, {-1, 2, 3}, {2, 2, 3}},
            {{12}, {2, -1, 3}, {2, 2, 3}}, {{1}, {}, {}}, {{}, {1, 1}, {1, 1}}, {{}, {-1}, {1}},
            {{2, 3}, {3, 2}, {3, 2}},
            {{2, 3, 5}, {5, 1, 6, -1}, {5, 1, 6, 1}}};
        for (int[][] shapes : cases) {
            GradientCheck.check("reshape to " + Arrays.toString(shapes[1]), 3, x -> x[0].reshape(shapes[1]),
                    x -> new DoubleArray(x[0].values().clone(), shapes[2]), Tensor.randn(3, shapes[0]));
        }
    }

    @Test
    void reshapeSharesItsValuesAndTransposeDoesNot() {
        Tensor x = Tensor.randn(4, 2, 3);
        assertSame(x.data(), x.reshape(3, 2).data());
        assertNotSame(x.data(), x.transpose().data());
    }

    @Test
    void reshapeRefusesOtherSizes() {
        Tensor x = Tensor.zeros(3, 4);
        refused("reshape: shape [3, 4] of 12 elements can't become [5, 2]", () -> x.reshape(5, 2));
        refused("reshape: shape [3, 4] of 12 elements can't become [5, -1]", () -> x.reshape(5, -1));
        refused("reshape: shape [3, 4] of 12 elements can't become [13, -1]", () -> x.reshape(13, -1));
        refused("reshape: shape [3, 4] of 12 elements can't become []", () -> x.reshape());
        refused("reshape: shape [3, 4, 1, -1] has a length of -1; every length must be at least 1",
                () -> x.reshape(3, 4, -1, -1));
        refused("reshape: shape [0, 12] has a length of 0; every length must be at least 1", () -> x.reshape(0, 12));
    }

    @Test
    void transposesAnyTwoAxes() {
        long seed = 1;
        for (int[] shape : SHAPES) {
            for (int first = 0; first < shape.length; first++) {
                for (int second = 0; second < shape.length; second++) {
                    checkTranspose(seed++, first, second, shape);
                }
            }
        }
    }

    private static void checkTranspose(long seed, int first, int second, int... shape) {
        int fromEnd = second - shape.length;
        GradientCheck.check("transpose axes " + first + " and " + fromEnd, seed, x -> x[0].transpose(first, fromEnd),
                x -> DoubleArray.build(swap(shape, first, second), i -> x[0].at(swap(i, first, second))),
                Tensor.randn(seed, shape));
    }

    private static int[] swap(int[] index, int first, int second) {
        return DoubleArray.with(DoubleArray.with(index, first, index[second]), second, index[first]);
    }

    @Test
    void transposesTheLastTwoAxesByDefault() {
        Tensor x = Tensor.randn(6, 2, 3, 5);
        assertArrayEquals(x.transpose(1, 2).data(), x.transpose().data());
        assertArrayEquals(new int[] {2, 5, 3}, x.transpose().shape());
        refused("transpose: axis -2 does not exist in shape [3] of rank 1", () -> Tensor.zeros(3).transpose());
    }

    @ParameterizedTest
    @MethodSource("axes")
    void slices(int[] shape, int axis, long seed) {
        for (int from = 0; from < shape[axis]; from++) {
            for (int to = from + 1; to <= shape[axis]; to++) {
                checkSlice(seed, axis, from, to, shape);
            }
        }
    }

    private static void checkSlice(long seed, int axis, int from, int to, int... shape) {
        GradientCheck.check("slice [" + from + ", " + to + ") of axis " + axis, seed,
                x -> x[0].slice(axis - shape.length, from, to),
                x -> DoubleArray.build(DoubleArray.with(shape, axis, to - from),
                        i -> x[0].at(DoubleArray.with(i, axis, from + i[axis]))),
                Tensor.randn(seed, shape));
    }

    @Test
    void sliceRefusesRangesOutsideTheAxis() {
        Tensor x = Tensor.zeros(3, 5);
        int[][] ranges = {{-1, 2}, {0, 6}, {2, 2}, {3, 1}};
        for (int[] range : ranges) {
            refused("slice: range [" + range[0] + ", " + range[1] + ") is empty or outside axis 1 of shape [3, 5]",
                    () -> x.slice(1, range[0], range[1]));
        }
    }

    @ParameterizedTest
    @MethodSource("axes")
    void gathersWithRepeats(int[] shape, int axis, long seed) {
        int last = shape[axis] - 1;
        for (int[] indices : new int[][] {{0}, {last}, {last, 0, last / 2, last, last}}) {
            GradientCheck.check("gather " + Arrays.toString(indices) + " of axis " + axis, seed,
                    x -> x[0].gather(axis, indices),
                    x -> DoubleArray.build(DoubleArray.with(shape, axis, indices.length),
                            i -> x[0].at(DoubleArray.with(i, axis, indices[i[axis]]))),
                    Tensor.randn(seed, shape));
        }
    }

    @Test
    void gatherKeepsItsOwnCopyOfTheIndices() {
        int[] indices = {2, 0};
        Tensor x = Tensor.of(new float[] {1, 2, 3}, 3).requiresGrad(true);
        Tensor y = x.gather(0, indices);
        indices[0] = 1;
        y.backward(new float[] {5, 7});
        assertArrayEquals(new float[] {7, 0, 5}, x.grad().data());
    }

    @Test
    void gatherRefusesIndicesOutsideTheAxis() {
        Tensor x = Tensor.zeros(3, 5);
        refused("gather: index 3 at position 1 is outside axis 0 of shape [3, 5]", () -> x.gather(0, 2, 3));
        refused("gather: index -1 at position 0 is outside axis 1 of shape [3, 5]", () -> x.gather(1, -1));
        refused("gather: no indices", () -> x.gather(1));
    }

    @ParameterizedTest
    @MethodSource("axes")
    void concatenates(int[] shape, int axis, long seed) {
        int own = shape[axis];
        int[] longer = DoubleArray.with(shape, axis, own + 2);
        GradientCheck.check("concat along axis " + axis, seed, x -> Tensor.concat(axis, x),
                x -> DoubleArray.build(DoubleArray.with(shape, axis, 3 * own + 2), i -> {
                    int at = i[axis];
                    return at < own ? x[0].at(i)
                            : at < 2 * own + 2 ? x[1].at(DoubleArray.with(i, axis, at - own))
                            : x[2].at(DoubleArray.with(i, axis, at - 2 * own - 2));
                }),
                Tensor.randn(seed, shape), Tensor.randn(seed + 100, longer), Tensor.randn(seed + 200, shape));
    }

    @Test
    void concatenatesATensorWithItself() {
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2).requiresGrad(true);
        Tensor y = Tensor.concat(-1, x, x);
        assertArrayEquals(new float[] {1, 2, 1, 2, 3, 4, 3, 4}, y.data());
        y.backward(new float[] {1, 2, 10, 20, 3, 4, 30, 40});
        assertArrayEquals(new float[] {11, 22, 33, 44}, x.grad().data());
    }

    @Test
    void concatRefusesShapesThatDoNotMeet() {
        refused("concat: no tensors", () -> Tensor.concat(0));
        refused("concat: shapes [3, 5] and [3, 4] differ in more than axis 0",
                () -> Tensor.concat(0, Tensor.zeros(3, 5), Tensor.zeros(3, 4)));
        refused("concat: shapes [3, 5] and [3] differ in more than axis 0",
                () -> Tensor.concat(0, Tensor.zeros(3, 5), Tensor.zeros(3)));
        refused("concat: axis 0 does not exist in shape [] of rank 0", () -> Tensor.concat(0, Tensor.scalar(1f)));
    }
}
