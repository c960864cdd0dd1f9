package io.bitlab.layers;

import io.bitlab.core.tensor.Tensor;

/** State of a layer that isn't trained: live values, and those it starts with. Never shared, unlike a parameter. */
final class Buffer {

    private final float[] initial;
    private final Tensor tensor;

    Buffer(Tensor initial) {
        this.initial = initial.toArray();
        this.tensor = Tensor.of(initial.toArray(), initial.shape());
    }

    Tensor tensor() {
        return tensor;
    }

    void reset() {
        fill(initial);
    }

    /** Copies values into the tensor; the shape was checked before. */
    void load(Tensor values) {
        fill(values.data());
    }

    private void fill(float[] values) {
        System.arraycopy(values, 0, tensor.data(), 0, values.length);
    }

    MemoryFootprint memory() {
        long bytes = (long) tensor.size() * Float.BYTES;
        return new MemoryFootprint(bytes, bytes, bytes + (long) initial.length * Float.BYTES);
    }
}
