package io.bitlab.core.tensor;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.ops.Indexing;
import java.util.Arrays;

/**
 * A dense, row-major float32 tensor of any rank, with automatic differentiation.
 *
 * {@snippet class="io.bitlab.core.snippets.TensorSnippets" region="backward"}
 *
 * <p>The shape never changes, the values may: {@link #data()} is the live array. Operations return new tensors.
 * Operands of {@code add}, {@code sub}, {@code mul} and {@code div} are broadcast as in NumPy: shapes are aligned at
 * their last axis, and an axis of length 1 is stretched. A negative axis counts from the end: -1 is the last.
 *
 * <p><b>Thread safety:</b> any number of threads may read a tensor while none writes it; {@link #backward()} writes the
 * gradients of everything that it reaches.
 */
public final class Tensor extends TensorOperations {

    private final float[] data; // null if the values are elsewhere
    private final ValuesElsewhere elsewhere; // or null
    private final int size;
    private final int[] shape;
    private final Workspace workspace;
    private final int epoch;
    private Autograd.Node node;
    private boolean requiresGrad;
    private Tensor grad;

    Tensor(float[] data, int[] shape, Workspace workspace, Autograd.Node node) {
        this(data, null, shape, workspace, node);
        if (size != data.length) {
            throw new IllegalArgumentException("Tensor: shape " + Arrays.toString(shape) + " has " + size
                    + " elements, the array has " + data.length);
        }
    }

    /** A tensor whose values are brought here when they are first read. */
    Tensor(ValuesElsewhere elsewhere, int[] shape, Workspace workspace, Autograd.Node node) {
        this(null, elsewhere, shape, workspace, node);
    }

    private Tensor(float[] data, ValuesElsewhere elsewhere, int[] shape, Workspace workspace, Autograd.Node node) {
        this.data = data;
        this.elsewhere = elsewhere;
        this.size = Shape.size("Tensor", shape);
        this.shape = shape.clone();
        this.workspace = workspace;
        this.epoch = workspace == null ? 0 : workspace.epoch();
        this.node = node;
    }

    // ---------------------------------------------------------------- factories

    /**
     * Wraps an array.
     *
     * @param data the values, row-major; not copied, so later changes to the array show in the tensor
     * @param shape lengths of the axes; none for a scalar
     * @return a leaf that requires no gradient
     * @throws IllegalArgumentException if a length is not positive, or their product is not {@code data.length}
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
     * A tensor whose elements all have one value.
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
     * A tensor of independent standard normal values.
     *
     * @param seed determines the values: the same seed and shape give the same bits on every machine
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

    /**
     * Joins tensors along an axis; see {@link Indexing#concat}.
     *
     * @param axis the axis along which the lengths add up; all other lengths must agree
     * @param parts at least one tensor
     * @return the joined copy
     */
    public static Tensor concat(int axis, Tensor... parts) {
        return Indexing.concat(axis, parts);
    }

    // ---------------------------------------------------------------- shape and values

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
     * @param axis the axis; a negative one counts from the end
     * @return its length
     * @throws IllegalArgumentException if there is no such axis
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
        return size;
    }

    /**
     * The live values, row-major: writing to the array changes the tensor. (Only the results of operations on images
     * may be stored in another order, see {@link ChannelsLast}, and results in {@link OnDevice#keeping} on a device:
     * for those it is a copy, made at the first call.)
     *
     * @return the array itself, not a copy
     * @throws IllegalStateException if the workspace that owns the array was reset
     */
    public float[] data() {
        requireLive();
        return elsewhere == null ? data : elsewhere.values();
    }

    /** Throws if the workspace that owns the values was reset. */
    void requireLive() {
        if (isRecycled()) {
            throw new IllegalStateException("Tensor " + Arrays.toString(shape) + ": its memory was recycled by "
                    + "Workspace.reset(); before the reset, copy what you need with toArray() or detach()");
        }
    }

    /** Where the values are unless they are an array of this tensor; or null. */
    ValuesElsewhere elsewhere() {
        return elsewhere;
    }

    private boolean isRecycled() {
        return workspace != null && workspace.epoch() != epoch;
    }

    /**
     * A copy of the values, row-major.
     *
     * @return a new array
     */
    public float[] toArray() {
        return data().clone();
    }

    /**
     * The value of a tensor with a single element, such as a loss.
     *
     * @return the value
     * @throws IllegalStateException if there are several elements
     */
    public float item() {
        if (size != 1) {
            throw new IllegalStateException("Tensor.item: shape " + Arrays.toString(shape) + " has " + size
                    + " elements, expected 1");
        }
        return data()[0];
    }

    /**
     * The element at an index.
     *
     * @param index one index for each axis, from 0
     * @return its value
     * @throws IndexOutOfBoundsException if there is no such element
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
     * The index of the largest value along the last axis. NaN counts as the largest, as in {@link #max}.
     *
     * @return for each position of the other axes, row-major, the first index that holds the maximum
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
                : size <= 16 ? Arrays.toString(data()) : size + " values";
        return "Tensor" + Arrays.toString(shape) + "(" + values
                + (node == null ? ")" : ", by " + node.operation() + ")");
    }

    // ---------------------------------------------------------------- gradients

    /**
     * Chooses whether {@link #backward()} accumulates a gradient in this tensor. Only leaves keep gradients: tensors
     * that are not the result of a recorded operation.
     *
     * @param required whether {@link #backward()} fills in {@link #grad()}
     * @return this tensor
     * @throws IllegalStateException if this tensor is the result of a recorded operation
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
     * Whether {@link #backward()} accumulates a gradient in this leaf.
     *
     * @return the value that {@link #requiresGrad(boolean)} set; false initially
     */
    public boolean requiresGrad() {
        return requiresGrad;
    }

    /**
     * Whether the backward of an operation has to add to {@link #gradBuffer()}: for leaves that require a gradient, and
     * for results computed from such leaves.
     *
     * @return true if this tensor needs a gradient
     */
    public boolean needsGrad() {
        return requiresGrad || node != null;
    }

    /**
     * The gradient that {@link #backward()} has accumulated in this leaf.
     *
     * @return a tensor of this shape over the live values of the gradient; null before the first backward
     */
    public Tensor grad() {
        return grad;
    }

    /**
     * The array to which backward functions add; created with zeros at the first call.
     *
     * @return the live values of the gradient, laid out as {@link #data()}
     */
    public float[] gradBuffer() {
        if (grad == null) {
            // A leaf's gradient outlives the training step, so it is never allocated from the workspace.
            grad = node == null ? zeros(shape)
                    : new Tensor(Workspace.zeros(size), shape, Workspace.current(), null);
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

    /** Sets the accumulated gradient to zero, in place. */
    public void zeroGrad() {
        if (grad != null) {
            Arrays.fill(grad.data, 0f);
        }
    }

    /**
     * Computes the gradient of this single value with respect to every leaf that {@linkplain #requiresGrad(boolean)
     * requires} one, and adds it to the leaf's {@link #grad()}. Call {@link #zeroGrad()} between steps.
     *
     * @throws IllegalStateException if this tensor has several elements or records no gradients, or if an earlier
     *     backward used up a part of the record
     */
    public void backward() {
        if (size != 1) {
            throw new IllegalStateException("Tensor.backward: shape " + Arrays.toString(shape)
                    + " is not a single value; reduce it with sum() or mean(), or call backward(gradient)");
        }
        backward(new float[] {1f});
    }

    /**
     * As {@link #backward()}, for a tensor of any shape: differentiates the weighted sum of its elements.
     *
     * @param gradient the weight of each element, laid out as {@link #data()}; not modified
     * @throws IllegalStateException if this tensor records no gradients, or if an earlier backward used up a part of
     *     the record
     * @throws IllegalArgumentException if the gradient has another length
     */
    public void backward(float[] gradient) {
        if (!needsGrad()) {
            throw new IllegalStateException(
                    "Tensor.backward: this tensor records no gradients. Either no leaf that it was "
                            + "computed from has requiresGrad(true), or it was computed inside Autograd.noGrad, or "
                            + "by a layer in evaluation: call train() on the model and run forward again");
        }
        if (gradient.length != size) {
            throw new IllegalArgumentException("Tensor.backward: the gradient has " + gradient.length
                    + " elements, shape " + Arrays.toString(shape) + " has " + size);
        }
        Autograd.backward(this, gradient);
    }

    /**
     * A copy that is independent of this tensor's gradients and of its workspace.
     *
     * @return a new leaf with the same values
     */
    public Tensor detach() {
        return of(toArray(), shape);
    }
}
