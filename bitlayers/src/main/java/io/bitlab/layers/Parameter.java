package io.bitlab.layers;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;

/**
 * A named tensor that a layer learns. Its first values are drawn when they are first needed, from a stream of random
 * numbers that belongs to its path; so a network can be built and then loaded without drawing anything.
 *
 * <p>Several layers may declare one parameter ({@link Layer#parameter(String, Parameter)}): they are tied, and learn it
 * together.
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
            draw(DEFAULT_SEED, Layer.join(owner.path(), name));
        }
        return tensor;
    }

    /** Draws the values anew; a parameter with given values keeps them. */
    void draw(long seed, String path) {
        if (initializer != null) {
            fill(initializer.values(shape, new CounterRandom(seed, CounterRandom.stream(path))));
        }
    }

    /** Takes over values by copying them; the shape was checked before. */
    void load(Tensor values) {
        fill(values.toArray());
    }

    /** Makes a tensor of another layer this parameter. */
    void adopt(Tensor values) {
        tensor = values;
        follow();
    }

    /** If it belongs to a layer, makes it another one's. */
    void pass(Layer from, Layer to) {
        if (owner == from) {
            owner = to;
            follow();
        }
    }

    /** What two declarations of one parameter have in common. */
    Object identity() {
        return tensor == null ? this : tensor;
    }

    /** Keeps the values from being trained, or no longer. */
    void freeze(boolean freeze) {
        frozen = freeze;
        follow();
    }

    /** Asks for gradients as the owner's mode wants. */
    private void follow() {
        if (tensor != null) {
            recordGradients(owner.mode() == Layer.Mode.TRAIN);
        }
    }

    private void fill(float[] values) {
        if (tensor == null) {
            tensor = Tensor.of(values, shape);
            follow();
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
