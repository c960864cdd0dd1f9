package io.bitlab.core.tensor;

/** The backward of one operation: given the gradient of its result, adds to the gradients of its inputs. */
@FunctionalInterface
public interface Backward {

    /**
     * Adds to the {@link Tensor#gradBuffer()} of each input for which {@link Tensor#needsGrad()} is true.
     *
     * @param gradient gradient of the loss with respect to the result, in the layout of the result; not modified
     */
    void accept(float[] gradient);
}
