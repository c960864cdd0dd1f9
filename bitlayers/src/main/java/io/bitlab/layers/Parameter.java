package io.bitlab.layers;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;

/**
 * A named tensor that a layer trains. A layer declares it with {@link Layer#parameter(String, Initializer, int...)}:
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="parameter"}
 *
 * <p>Its initial values are drawn when they are first needed, from a random stream of its path. So a network can be
 * built and then loaded without drawing anything.
 *
 * <p>Several layers may declare the same parameter ({@link Layer#parameter(String, Parameter)}). They are tied: both
 * train the same values.
 */
public final class Parameter {

    private static final long DEFAULT_SEED = 0;

    private Layer owner;
    private final String name;
    private final int[] shape;
    private final Initializer initializer;
    private Tensor tensor;
    private boolean frozen;

    Parameter(Layer owner, String name, Initializer initializer, int... shape) {
        Shape.size("Parameter '" + name + "'", shape);
        this.owner = owner;
        this.name = name;
        this.shape = shape.clone();
        this.initializer = initializer;
    }

    Parameter(Layer owner, String name, Tensor values) {
        this.owner = owner;
        this.name = name;
        this.shape = values.shape();
        this.initializer = null;
        this.tensor = values.requiresGrad(true);
    }

    String name() {
        return name;
    }

    int[] shape() {
        return shape.clone();
    }

    int size() {
        return Shape.product(shape, 0, shape.length);
    }

    /**
     * The live values.
     *
     * @return the same tensor at each call
     */
    public Tensor tensor() {
        if (tensor == null) {
            draw(DEFAULT_SEED, LayerNode.join(owner.path(), name));
        }
        return tensor;
    }

    /** Draws the values; a parameter with given values keeps them. */
    void draw(long seed, String path) {
        if (initializer != null) {
            fill(initializer.values(shape, new CounterRandom(seed, CounterRandom.stream(path))));
        }
    }

    /** Copies values into the tensor; the shape was checked before. */
    void load(Tensor values) {
        fill(tensor == null ? values.toArray() : values.data());
    }

    /** Makes a given tensor the values of this parameter, without copying it. */
    void adopt(Tensor values) {
        tensor = values;
        followOwner();
    }

    /** Changes the owner, if it is {@code from}; a tied parameter may belong to another layer. */
    void pass(Layer from, Layer to) {
        if (owner == from) {
            owner = to;
            followOwner();
        }
    }

    /** The object that two declarations of the same parameter have in common. */
    Object identity() {
        return tensor == null ? this : tensor;
    }

    /** Excludes the values from training, or includes them again. */
    void freeze(boolean exclude) {
        frozen = exclude;
        followOwner();
    }

    /** Requires gradients if the owner is in training. */
    private void followOwner() {
        if (tensor != null) {
            recordGradients(owner.mode() == Layer.Mode.TRAIN);
        }
    }

    private void fill(float[] values) {
        if (tensor == null) {
            tensor = Tensor.of(values, shape);
            followOwner();
        } else {
            System.arraycopy(values, 0, tensor.data(), 0, values.length);
        }
    }

    void recordGradients(boolean record) {
        if (tensor != null || !record) {
            tensor().requiresGrad(record && !frozen); // drawn here at the latest: many threads may evaluate at once
        }
    }

    long gradientBytes() {
        return tensor == null || tensor.grad() == null ? 0 : (long) size() * Float.BYTES;
    }
}
