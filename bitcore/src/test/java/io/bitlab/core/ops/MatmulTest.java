package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MatmulTest {

    /** Shapes of A and B and the leading axes of the result, worked out by hand. */
    private static List<Arguments> shapes() {
        return List.of(
                Arguments.of(new int[] {1, 1}, new int[] {1, 1}, new int[] {}, 1),
                Arguments.of(new int[] {3, 5}, new int[] {5, 7}, new int[] {}, 2),
                Arguments.of(new int[] {1, 17}, new int[] {17, 1}, new int[] {}, 3),
                Arguments.of(new int[] {5, 1}, new int[] {1, 3}, new int[] {}, 4),
                Arguments.of(new int[] {2, 3, 5}, new int[] {2, 5, 4}, new int[] {2}, 5),
                Arguments.of(new int[] {3, 2, 5}, new int[] {5, 3}, new int[] {3}, 6),
                Arguments.of(new int[] {2, 5}, new int[] {3, 5, 3}, new int[] {3}, 7),
                Arguments.of(new int[] {1, 2, 3}, new int[] {4, 3, 2}, new int[] {4}, 8),
                Arguments.of(new int[] {2, 3, 1, 4}, new int[] {2, 3, 4, 3}, new int[] {2, 3}, 9),
                Arguments.of(new int[] {2, 1, 3, 2}, new int[] {3, 2, 3}, new int[] {2, 3}, 10),
                Arguments.of(new int[] {2, 1, 2, 3}, new int[] {1, 3, 3, 2}, new int[] {2, 3}, 11));
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void multipliesStacksOfMatrices(int[] a, int[] b, int[] leading, long seed) {
        int inner = a[a.length - 1];
        int rank = leading.length + 2;
        int[] shape = DoubleArray.insert(DoubleArray.insert(leading, rank - 2, a[a.length - 2]), rank - 1,
                b[b.length - 1]);
        GradientCheck.check("matmul", seed, x -> x[0].matmul(x[1]), x -> DoubleArray.build(shape, index -> {
            double sum = 0;
            for (int k = 0; k < inner; k++) {
                sum += matrixElement(x[0], DoubleArray.with(index, rank - 1, k))
                        * matrixElement(x[1], DoubleArray.with(index, rank - 2, k));
            }
            return sum;
        }), Tensor.randn(seed, a), Tensor.randn(seed + 100, b));
    }

    /** Broadcasts the leading axes only: the last two are the matrix, even where their length is 1. */
    private static double matrixElement(DoubleArray x, int... index) {
        int skipped = index.length - x.shape().length;
        int[] own = new int[x.shape().length];
        for (int axis = 0; axis < own.length; axis++) {
            own[axis] = axis < own.length - 2 && x.length(axis) == 1 ? 0 : index[axis + skipped];
        }
        return x.at(own);
    }

    @Test
    void multipliesATensorByItself() {
        GradientCheck.check("x·x", 20, x -> x[0].matmul(x[0]), x -> DoubleArray.build(new int[] {3, 3},
                i -> x[0].at(i[0], 0) * x[0].at(0, i[1]) + x[0].at(i[0], 1) * x[0].at(1, i[1])
                        + x[0].at(i[0], 2) * x[0].at(2, i[1])),
                Tensor.randn(20, 3, 3));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void refusesShapesThatDoNotMeet(int[] a, int[] b, String message) {
        assertEquals(message,
                assertThrows(IllegalArgumentException.class, () -> Tensor.zeros(a).matmul(Tensor.zeros(b)))
                        .getMessage());
    }

    private static List<Arguments> refused() {
        String expected = "; expected [..., m, k] and [..., k, n] with the same k";
        return List.of(
                Arguments.of(new int[] {3, 5}, new int[] {4, 5}, "matmul: shapes [3, 5] and [4, 5]" + expected),
                Arguments.of(new int[] {5}, new int[] {5, 4}, "matmul: shapes [5] and [5, 4]" + expected),
                Arguments.of(new int[] {3, 5}, new int[] {5}, "matmul: shapes [3, 5] and [5]" + expected),
                Arguments.of(new int[] {}, new int[] {}, "matmul: shapes [] and []" + expected),
                Arguments.of(new int[] {2, 3, 5}, new int[] {4, 5,
                    3}, "matmul: shapes [2, 3, 5] and [4, 5, 3] don't broadcast: "
                            + "aligned at the last axis, lengths 2 and 4 meet; they must be equal, or one of them 1"));
    }
}
