package io.bitlab.core.ops;

import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.ChannelsLast;
import io.bitlab.core.tensor.OnDevice;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/**
 * Elementwise arithmetic with broadcasting as in NumPy: shapes are aligned at their last axis, and an axis of length 1
 * is stretched. The gradient of a stretched element is the sum over its copies, added in the order of the result's
 * elements.
 *
 * {@snippet class="io.bitlab.core.snippets.OpsSnippets" region="broadcast"}
 *
 * <p>All methods throw an {@link IllegalArgumentException} that names both shapes if these don't broadcast.
 */
public final class Arithmetic {

    /** Rough cost of adding one element. */
    private static final double ADD_NANOS = 0.2;

    private Arithmetic() {
    }

    /** {@code f(x, y)}. */
    @FunctionalInterface
    private interface Function {
        float of(float x, float y);
    }

    /** The gradient of an operand, from the gradient g of the result, the operands x and y, and the result z. */
    @FunctionalInterface
    private interface Derivative {
        float of(float g, float x, float y, float z);
    }

    /**
     * {@code a + b}; both operands have the gradient of the result.
     *
     * @param a an operand
     * @param b an operand whose shape broadcasts with a's
     * @return the sum, in the common shape
     */
    public static Tensor add(Tensor a, Tensor b) {
        if (isStored(a, b)) {
            Broadcast.of("add", a.shape(), b.shape()); // a message should show these shapes
            return ChannelsLast.images(add(pixels(a), pixels(b)));
        }
        return Arrays.equals(a.shape(), b.shape()) ? addSameShapes(a, b)
                : apply("add", a, b, (x, y) -> x + y, (g, x, y, z) -> g, (g, x, y, z) -> g);
    }

    private static Tensor addSameShapes(Tensor a, Tensor b) {
        if (OnDevice.holds(a)) {
            return OnDevice.result(a, rows -> rows.plus(OnDevice.rows(b, rows)), () -> addHere(a, b));
        }
        return OnDevice.holds(b) ? addSameShapes(b, a) : addHere(a, b);
    }

    /** The sum of residual connections, in loops that the JIT compiler vectorises. */
    private static Tensor addHere(Tensor a, Tensor b) {
        float[] x = a.data();
        float[] y = b.data();
        float[] z = Workspace.floats(x.length);
        Parallel.current().forRange(z.length, Pointwise.CHUNK, (long) (ADD_NANOS * z.length), (from, to) -> {
            for (int i = from; i < to; i++) {
                z[i] = x[i] + y[i];
            }
        });
        return Autograd.result("add", z, a.shape(), g -> {
            for (Tensor operand : new Tensor[] {a, b}) {
                if (operand.needsGrad()) {
                    FloatMath.get().axpy(1f, g, 0, operand.gradBuffer(), 0, g.length);
                }
            }
        }, a, b);
    }

    /**
     * {@code a - b}; a has the gradient of the result, b the negated one.
     *
     * @param a the minuend
     * @param b the subtrahend, whose shape broadcasts with a's
     * @return the difference, in the common shape
     */
    public static Tensor sub(Tensor a, Tensor b) {
        return apply("sub", a, b, (x, y) -> x - y, (g, x, y, z) -> g, (g, x, y, z) -> -g);
    }

    /**
     * {@code a * b}; the gradients are {@code g * b} and {@code g * a}.
     *
     * @param a a factor
     * @param b a factor whose shape broadcasts with a's
     * @return the product, in the common shape
     */
    public static Tensor mul(Tensor a, Tensor b) {
        return apply("mul", a, b, (x, y) -> x * y, (g, x, y, z) -> g * y, (g, x, y, z) -> g * x);
    }

    /**
     * {@code a / b}; the gradients are {@code g / b} and {@code -g * (a / b) / b}.
     *
     * @param a the dividend
     * @param b the divisor, whose shape broadcasts with a's
     * @return the quotient, in the common shape
     */
    public static Tensor div(Tensor a, Tensor b) {
        return apply("div", a, b, (x, y) -> x / y, (g, x, y, z) -> g / y, (g, x, y, z) -> -g * z / y);
    }

    /** Whether an operand has its channels last, and both can. */
    private static boolean isStored(Tensor a, Tensor b) {
        return (ChannelsLast.isStored(a) || ChannelsLast.isStored(b)) && a.rank() <= 4 && b.rank() <= 4;
    }

    /** The operand as it broadcasts with pixels. */
    private static Tensor pixels(Tensor operand) {
        int[] shape = {1, 1, 1, 1};
        System.arraycopy(operand.shape(), 0, shape, 4 - operand.rank(), operand.rank());
        return ChannelsLast.pixels(operand.rank() == 4 ? operand : operand.reshape(shape));
    }

    private static Tensor apply(String operation, Tensor a, Tensor b, Function f, Derivative toA, Derivative toB) {
        if (isStored(a, b)) {
            Broadcast.of(operation, a.shape(), b.shape()); // a message should show these shapes
            return ChannelsLast.images(apply(operation, pixels(a), pixels(b), f, toA, toB));
        }
        Broadcast rows = Broadcast.of(operation, a.shape(), b.shape());
        float[] x = a.data();
        float[] y = b.data();
        float[] z = Workspace.floats(Shape.size(operation, rows.shape));
        rows.forEachRow((out, ao, bo) -> {
            for (int i = 0; i < rows.rowLength; i++) {
                z[out + i] = f.of(x[ao + i * rows.aStep], y[bo + i * rows.bStep]);
            }
        });
        return Autograd.result(operation, z, rows.shape, g -> {
            float[] da = a.needsGrad() ? a.gradBuffer() : null;
            float[] db = b.needsGrad() ? b.gradBuffer() : null;
            rows.forEachRow((out, ao, bo) -> {
                for (int i = 0; i < rows.rowLength; i++) {
                    int ai = ao + i * rows.aStep;
                    int bi = bo + i * rows.bStep;
                    if (da != null) {
                        da[ai] += toA.of(g[out + i], x[ai], y[bi], z[out + i]);
                    }
                    if (db != null) {
                        db[bi] += toB.of(g[out + i], x[ai], y[bi], z[out + i]);
                    }
                }
            });
        }, a, b);
    }
}
