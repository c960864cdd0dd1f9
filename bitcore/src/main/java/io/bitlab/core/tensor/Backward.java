package io.bitlab.core.tensor;

/** What an operation does when the gradient of its result is known: it adds to the gradients of its inputs. */
@FunctionalInterface
public interface Backward {

    /**
     * Adds this operation's share to {@link Tensor#gradBuffer()} of each input that {@link Tensor#needsGrad()}.
     *
     * @param gradient gradient of the loss with respect to the result, laid out as the result; not modified
     */
    void accept(float[] gradient);
}
