package io.bitlab.layers;

import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/**
 * A residual connection (He et al., <i>Deep Residual Learning</i>, 2016): {@code y = body(x) + x}, or
 * {@code y = body(x) + shortcut(x)}, optionally with an activation after the sum. The children's names are body,
 * shortcut and activation.
 *
 * {@snippet class="io.bitlab.layers.snippets.VisionSnippets" region="residual"}
 */
public final class Residual extends Layer {

    /**
     * Creates a connection whose shortcut is the identity.
     *
     * @param body what is added to the input; its output has the input's shape
     */
    public Residual(Layer body) {
        child("body", body);
    }

    /**
     * Creates a connection with a shortcut that computes, where the body changes the shape.
     *
     * @param body what is added to the shortcut's output
     * @param shortcut its output has the shape of the body's; an empty {@link Sequential} is the identity
     */
    public Residual(Layer body, Layer shortcut) {
        this(body);
        child("shortcut", shortcut);
    }

    /**
     * Creates a connection with an activation after the sum.
     *
     * @param body what is added to the shortcut's output
     * @param shortcut its output has the shape of the body's; an empty {@link Sequential} is the identity
     * @param activation applied to the sum
     */
    public Residual(Layer body, Layer shortcut, Layer activation) {
        this(body, shortcut);
        child("activation", activation);
    }

    /**
     * Adds the outputs of body and shortcut.
     *
     * @param x the input; not modified
     * @return the sum, or the activation's output
     * @throws IllegalArgumentException if the outputs of body and shortcut differ in shape; they are not broadcast
     */
    @Override
    public Tensor forward(Tensor x) {
        Layer shortcut = children().get("shortcut");
        Layer activation = children().get("activation");
        Tensor skipped = shortcut == null ? x : shortcut.forward(x);
        Tensor y = children().get("body").forward(x);
        if (!Arrays.equals(y.shape(), skipped.shape())) {
            throw new IllegalArgumentException(describeWithPath() + ": the body returns "
                    + Arrays.toString(y.shape()) + ", the shortcut " + Arrays.toString(skipped.shape())
                    + "; pass a shortcut that changes the shape as the body does");
        }
        Tensor sum = y.add(skipped);
        return observed(activation == null ? sum : activation.forward(sum));
    }
}
