package io.bitlab.core.tensor;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.ops.Arithmetic;
import io.bitlab.core.ops.Indexing;
import io.bitlab.core.ops.Matmul;
import io.bitlab.core.ops.Pointwise;
import io.bitlab.core.ops.Reductions;
import java.util.Arrays;

/**
 * A dense, row-major float32 tensor of any rank that can be differentiated.
 *
 * <p>The shape never changes, the values may: {@link #data()} is the live array. Operations return new tensors.
 * Operands of {@link #add}, {@link #sub}, {@link #mul} and {@link #div} are broadcast as in NumPy: shapes are aligned
 * at their last axis, and an axis of length 1 stretches. An axis may be counted from the end: -1 is the last.
 *
 * <p><b>Thread safety:</b> tensors may be read by many threads while none writes; {@link #backward()} writes the
 * gradients of everything it reaches.
 */
public final class Tensor {

    private final float[] data;
    private final int[] shape;
    private final Workspace workspace;
    private final int epoch;
    private Autograd.Node node;
    private boolean requiresGrad;
    private Tensor grad;

    Tensor(float[] data, int[] shape, Workspace workspace, Autograd.Node node) {
        int size = Shape.size("Tensor", shape);
        if (size != data.length) {
            throw new IllegalArgumentException("Tensor: shape " + Arrays.toString(shape) + " has " + size
                    + " elements, the array has " + data.length);
        }
        this.data = data;
        this.shape = shape.clone();
        this.workspace = workspace;
        this.epoch = workspace == null ? 0 : workspace.epoch();
        this.node = node;
    }

    // ---------------------------------------------------------------- making

    /**
     * A tensor over an array.
     *
     * @param data the values, row-major; used directly, not copied
     * @param shape lengths of the axes; none for a scalar
     * @return the tensor
     * @throws IllegalArgumentException if the lengths don't multiply to {@code data.length}, or one is not positive
     */
    public static Tensor of(float[] data, int... shape) {
        return new Tensor(data, shape, null, null);
    }

    /**
     * A tensor of rank 0.
     *
     * @param value its value
     * @return the tensor
     */
    public static Tensor scalar(float value) {
        return of(new float[] {value});
    }

    /**
     * A tensor of zeros.
     *
     * @param shape lengths of the axes
     * @return the tensor
     */
    public static Tensor zeros(int... shape) {
        return of(new float[Shape.size("Tensor.zeros", shape)], shape);
    }

    /**
     * A tensor of one value.
     *
     * @param value the value
     * @param shape lengths of the axes
     * @return the tensor
     */
    public static Tensor full(float value, int... shape) {
        Tensor tensor = zeros(shape);
        Arrays.fill(tensor.data, value);
        return tensor;
    }

    /**
     * Independent standard normal values.
     *
     * @param seed the same seed and shape give the same values everywhere
     * @param shape lengths of the axes
     * @return the tensor
     */
    public static Tensor randn(long seed, int... shape) {
        Tensor tensor = zeros(shape);
        CounterRandom random = new CounterRandom(seed, CounterRandom.stream("Tensor.randn"));
        for (int i = 0; i < tensor.data.length; i++) {
            tensor.data[i] = (float) random.nextGaussian();
        }
        return tensor;
    }

    // ---------------------------------------------------------------- looking

    /**
     * The lengths of the axes.
     *
     * @return a copy of the shape
     */
    public int[] shape() {
        return shape.clone();
    }

    /**
     * The length of one axis.
     *
     * @param axis which, from 0 or from -1 backwards
     * @return its length
     */
    public int length(int axis) {
        return shape[Shape.axis("Tensor.length", axis, shape)];
    }

    /**
     * The number of axes.
     *
     * @return 0 for a scalar
     */
    public int rank() {
        return shape.length;
    }

    /**
     * The number of elements.
     *
     * @return the product of the lengths
     */
    public int size() {
        return data.length;
    }

    /**
     * The live values, row-major: writing here changes the tensor.
     *
     * @return the array itself
     * @throws IllegalStateException if the workspace that the array came from was reset
     */
    public float[] data() {
        if (isRecycled()) {
            throw new IllegalStateException("Tensor " + Arrays.toString(shape) + ": its memory was recycled by "
                    + "Workspace.reset(); copy what must stay with toArray() or detach() before the reset");
        }
        return data;
    }

    private boolean isRecycled() {
        return workspace != null && workspace.epoch() != epoch;
    }

    /**
     * The values, row-major.
     *
     * @return a copy
     */
    public float[] toArray() {
        return data().clone();
    }

    /**
     * The only value.
     *
     * @return the value of a tensor of one element
     * @throws IllegalStateException if there are more
     */
    public float item() {
        if (data.length != 1) {
            throw new IllegalStateException("Tensor.item: shape " + Arrays.toString(shape) + " has " + data.length
                    + " elements, expected 1");
        }
        return data()[0];
    }

    /**
     * One value.
     *
     * @param index one index an axis
     * @return the element there
     * @throws IndexOutOfBoundsException if there is none
     */
    public float at(int... index) {
        boolean inside = index.length == shape.length;
        int offset = 0;
        for (int i = 0; inside && i < shape.length; i++) {
            inside = index[i] >= 0 && index[i] < shape[i];
            offset = offset * shape[i] + index[i];
        }
        if (!inside) {
            throw new IndexOutOfBoundsException("Tensor.at: no element " + Arrays.toString(index) + " in shape "
                    + Arrays.toString(shape));
        }
        return data()[offset];
    }

    /**
     * Where the largest value stands, along the last axis. NaN counts as the largest, as in {@link #max}.
     *
     * @return for each position of the other axes, row-major, the first index of the maximum
     */
    public int[] argmax() {
        int length = length(-1);
        float[] values = data();
        int[] best = new int[values.length / length];
        for (int row = 0; row < best.length; row++) {
            for (int i = 1; i < length; i++) {
                float value = values[row * length + i];
                float largest = values[row * length + best[row]];
                if (value > largest || Float.isNaN(value) && !Float.isNaN(largest)) {
                    best[row] = i;
                }
            }
        }
        return best;
    }

    @Override
    public String toString() {
        String values = isRecycled() ? "recycled"
                : data.length <= 16 ? Arrays.toString(data) : data.length + " values";
        return "Tensor" + Arrays.toString(shape) + "(" + values
                + (node == null ? ")" : ", by " + node.operation() + ")");
    }

    // ---------------------------------------------------------------- gradients

    /**
     * Asks for gradients, or stops asking. Only a leaf (a tensor that no recorded operation made) can be asked.
     *
     * @param required whether {@link #backward()} shall fill in {@link #grad()}
     * @return this tensor
     */
    public Tensor requiresGrad(boolean required) {
        if (node != null) {
            throw new IllegalStateException("Tensor.requiresGrad: this tensor is the result of '" + node.operation()
                    + "'; only leaves keep gradients: call detach() first");
        }
        requiresGrad = required;
        return this;
    }

    /**
     * Whether this leaf asks for gradients.
     *
     * @return what {@link #requiresGrad(boolean)} set; false at first
     */
    public boolean requiresGrad() {
        return requiresGrad;
    }

    /**
     * Whether a gradient must be computed for this tensor: it asks for one, or it was computed from one that does.
     *
     * @return true if an operation's backward has to add to {@link #gradBuffer()}
     */
    public boolean needsGrad() {
        return requiresGrad || node != null;
    }

    /**
     * The gradient that {@link #backward()} accumulated in this leaf.
     *
     * @return a tensor of this shape over the live gradient; null if there is none yet
     */
    public Tensor grad() {
        return grad;
    }

    /**
     * The array that backward functions add to; zeros when first asked for.
     *
     * @return the gradient's live array, laid out as {@link #data()}
     */
    public float[] gradBuffer() {
        if (grad == null) {
            // A leaf's gradient outlives the step, so it never comes from the workspace.
            grad = node == null ? zeros(shape)
                    : new Tensor(Workspace.zeros(data.length), shape, Workspace.current(), null);
        }
        return grad.data();
    }

    Workspace workspace() {
        return workspace;
    }

    void dropGrad() {
        grad = null;
    }

    Autograd.Node node() {
        return node;
    }

    /** Sets the accumulated gradient to zero; keeps its array. */
    public void zeroGrad() {
        if (grad != null) {
            Arrays.fill(grad.data, 0f);
        }
    }

    /**
     * Computes the gradients of this scalar with respect to every leaf that asks, and adds them to {@link #grad()}.
     *
     * @throws IllegalStateException if this is not a single value, if it records no gradients, or if its record was
     * used up
     */
    public void backward() {
        if (data.length != 1) {
            throw new IllegalStateException("Tensor.backward: shape " + Arrays.toString(shape)
                    + " is not a single value; reduce it with sum() or mean(), or call backward(gradient)");
        }
        backward(new float[] {1f});
    }

    /**
     * Computes the gradients of the sum of this tensor's elements, each weighted, and adds them to the leaves.
     *
     * @param gradient the weights, laid out as {@link #data()}; not modified
     * @throws IllegalStateException if this tensor records no gradients, or its record was used up
     */
    public void backward(float[] gradient) {
        if (!needsGrad()) {
            throw new IllegalStateException(
                    "Tensor.backward: this tensor records no gradients. Either no leaf that it was "
                            + "computed from has requiresGrad(true), or it was computed inside Autograd.noGrad, or by a layer in "
                            + "evaluation: call train() on the model and run forward again");
        }
        if (gradient.length != data.length) {
            throw new IllegalArgumentException("Tensor.backward: the gradient has " + gradient.length
                    + " elements, shape " + Arrays.toString(shape) + " has " + data.length);
        }
        Autograd.backward(this, gradient);
    }

    /**
     * A copy that nothing connects to this tensor: not its gradients, not its workspace.
     *
     * @return a new leaf with the same values
     */
    public Tensor detach() {
        return of(toArray(), shape);
    }

    // ---------------------------------------------------------------- operations

    /**
     * Elementwise sum, broadcast.
     *
     * @param other the other operand
     * @return {@code this + other}
     */
    public Tensor add(Tensor other) {
        return Arithmetic.add(this, other);
    }

    /**
     * Adds a number to each element.
     *
     * @param value the number
     * @return {@code this + value}
     */
    public Tensor add(float value) {
        return Arithmetic.add(this, scalar(value));
    }

    /**
     * Elementwise difference, broadcast.
     *
     * @param other the other operand
     * @return {@code this - other}
     */
    public Tensor sub(Tensor other) {
        return Arithmetic.sub(this, other);
    }

    /**
     * Elementwise product, broadcast.
     *
     * @param other the other operand
     * @return {@code this * other}
     */
    public Tensor mul(Tensor other) {
        return Arithmetic.mul(this, other);
    }

    /**
     * Multiplies each element by a number.
     *
     * @param factor the number
     * @return {@code this * factor}
     */
    public Tensor mul(float factor) {
        return Arithmetic.mul(this, scalar(factor));
    }

    /**
     * Elementwise quotient, broadcast.
     *
     * @param other the divisor
     * @return {@code this / other}
     */
    public Tensor div(Tensor other) {
        return Arithmetic.div(this, other);
    }

    /**
     * Matrix product of the last two axes; leading axes are broadcast.
     *
     * @param other {@code [..., k, n]}
     * @return {@code [..., m, n]} for this {@code [..., m, k]}
     */
    public Tensor matmul(Tensor other) {
        return Matmul.matmul(this, other);
    }

    /**
     * Sum of all elements.
     *
     * @return a scalar
     */
    public Tensor sum() {
        return Reductions.sum(reshape(data.length), 0);
    }

    /**
     * Sum over one axis.
     *
     * @param axis which; it disappears from the shape
     * @return the sums
     */
    public Tensor sum(int axis) {
        return Reductions.sum(this, axis);
    }

    /**
     * Mean of all elements.
     *
     * @return a scalar
     */
    public Tensor mean() {
        return Reductions.mean(reshape(data.length), 0);
    }

    /**
     * Mean over one axis.
     *
     * @param axis which; it disappears from the shape
     * @return the means
     */
    public Tensor mean(int axis) {
        return Reductions.mean(this, axis);
    }

    /**
     * Largest element along one axis; the gradient goes to the first of equal ones.
     *
     * @param axis which; it disappears from the shape
     * @return the maxima
     */
    public Tensor max(int axis) {
        return Reductions.max(this, axis);
    }

    /**
     * The softmax along one axis.
     *
     * @param axis which
     * @return {@code exp(x - max) / sum(exp(x - max))}
     */
    public Tensor softmax(int axis) {
        return Reductions.softmax(this, axis);
    }

    /**
     * The logarithm of the softmax along one axis, without the detour through small numbers.
     *
     * @param axis which
     * @return {@code x - max - log(sum(exp(x - max)))}
     */
    public Tensor logSoftmax(int axis) {
        return Reductions.logSoftmax(this, axis);
    }

    /**
     * The same elements in another shape.
     *
     * @param newShape lengths of the axes; one of them may be -1 and is worked out
     * @return a tensor that shares this one's values
     */
    public Tensor reshape(int... newShape) {
        return Indexing.reshape(this, newShape);
    }

    /**
     * Swaps the last two axes.
     *
     * @return the transposed copy
     */
    public Tensor transpose() {
        return Indexing.transpose(this, -2, -1);
    }

    /**
     * Swaps two axes.
     *
     * @param axis one
     * @param other the other
     * @return the transposed copy
     */
    public Tensor transpose(int axis, int other) {
        return Indexing.transpose(this, axis, other);
    }

    /**
     * Part of an axis.
     *
     * @param axis which
     * @param from first index
     * @param to index after the last
     * @return a copy of that part
     */
    public Tensor slice(int axis, int from, int to) {
        return Indexing.slice(this, axis, from, to);
    }

    /**
     * Joins tensors along an axis; the other axes must agree.
     *
     * @param axis which
     * @param parts at least one
     * @return the joined copy
     */
    public static Tensor concat(int axis, Tensor... parts) {
        return Indexing.concat(axis, parts);
    }

    /**
     * Picks positions along an axis, in the given order, repeats allowed: rows of an embedding table, for instance.
     *
     * @param axis which
     * @param indices what to pick
     * @return a tensor whose axis has one position an index
     */
    public Tensor gather(int axis, int... indices) {
        return Indexing.gather(this, axis, indices);
    }

    /**
     * Elementwise exponential.
     *
     * @return e to the power of each element
     */
    public Tensor exp() {
        return Pointwise.exp(this);
    }

    /**
     * Elementwise natural logarithm.
     *
     * @return ln of each element
     */
    public Tensor log() {
        return Pointwise.log(this);
    }

    /**
     * Elementwise square root.
     *
     * @return the root of each element
     */
    public Tensor sqrt() {
        return Pointwise.sqrt(this);
    }

    /**
     * Elementwise hyperbolic tangent.
     *
     * @return tanh of each element
     */
    public Tensor tanh() {
        return Pointwise.tanh(this);
    }

    /**
     * Elementwise logistic function.
     *
     * @return {@code 1 / (1 + exp(-x))} of each element
     */
    public Tensor sigmoid() {
        return Pointwise.sigmoid(this);
    }

    /**
     * Elementwise rectifier.
     *
     * @return {@code max(x, 0)} of each element
     */
    public Tensor relu() {
        return Pointwise.relu(this);
    }
}
