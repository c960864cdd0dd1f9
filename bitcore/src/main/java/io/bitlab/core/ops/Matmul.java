package io.bitlab.core.ops;

import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/**
 * The matrix product, of single matrices or of batches of them.
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="matmul"}
 */
public final class Matmul {

    private Matmul() {
    }

    /**
     * Multiplies the matrices in the last two axes; the leading axes are broadcast. Gradients: {@code dA = G·Bᵀ},
     * {@code dB = Aᵀ·G}.
     *
     * @param a {@code [..., m, k]}
     * @param b {@code [..., k, n]}
     * @return {@code [..., m, n]}
     * @throws IllegalArgumentException if a rank is below 2, the inner lengths differ, or the leading axes don't
     *     broadcast
     */
    public static Tensor matmul(Tensor a, Tensor b) {
        int[] shapeA = a.shape();
        int[] shapeB = b.shape();
        if (shapeA.length < 2 || shapeB.length < 2 || a.length(-1) != b.length(-2)) {
            throw new IllegalArgumentException("matmul: shapes " + Arrays.toString(shapeA) + " and "
                    + Arrays.toString(shapeB) + "; expected [..., m, k] and [..., k, n] with the same k");
        }
        int m = a.length(-2);
        int k = a.length(-1);
        int n = b.length(-1);
        Broadcast stack = stack(shapeA, shapeB);
        int[] shape = Arrays.copyOf(stack.shape, stack.shape.length + 1);
        shape[shape.length - 2] = m;
        shape[shape.length - 1] = n;
        float[] c = Workspace.floats(Shape.size("matmul", shape));
        FloatMath math = FloatMath.get();
        stack.forEachRow((at, ia, ib) -> math.gemm(m, n, k, a.data(), ia * m * k, b.data(), ib * k * n, c, at * m * n,
                false));
        return Autograd.result("matmul", c, shape, g -> {
            if (a.needsGrad()) {
                float[] da = a.gradBuffer();
                stack.forEachRow((at, ia, ib) -> math.gemmTransposedB(m, k, n, g, at * m * n, b.data(), ib * k * n, da,
                        ia * m * k, true));
            }
            if (b.needsGrad()) {
                float[] db = b.gradBuffer();
                stack.forEachRow((at, ia, ib) -> math.gemmTransposedA(k, n, m, a.data(), ia * m * k, g, at * m * n, db,
                        ib * k * n, true));
            }
        }, a, b);
    }

    /** Broadcasts the leading axes: each matrix is one element, so an appended axis of length 1 makes rows of one. */
    private static Broadcast stack(int[] a, int[] b) {
        return Broadcast.of("matmul", leadingAxesAndOne(a), leadingAxesAndOne(b), a, b);
    }

    private static int[] leadingAxesAndOne(int[] shape) {
        int[] leading = Arrays.copyOf(shape, shape.length - 1);
        leading[leading.length - 1] = 1;
        return leading;
    }
}
