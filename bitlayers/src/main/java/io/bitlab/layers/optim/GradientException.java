package io.bitlab.layers.optim;

import io.bitlab.core.tensor.Tensor;

/**
 * Thrown by {@link Optimizer#step()} for a gradient that is NaN, infinite or too large. Nothing was changed.
 *
 * {@snippet class="io.bitlab.layers.snippets.OptimSnippets" region="gradientException"}
 */
public final class GradientException extends ArithmeticException {

    private static final long serialVersionUID = 1;

    private final transient Tensor parameter;
    /** Position of the first bad value. */
    private final int element;
    /** The first bad value. */
    private final float value;

    GradientException(String message, Tensor parameter, int element, float value) {
        super(message);
        this.parameter = parameter;
        this.element = element;
        this.value = value;
    }

    /**
     * The parameter with the bad gradient.
     *
     * @return the live parameter, with its gradient; null if this exception was serialised
     */
    public Tensor parameter() {
        return parameter;
    }

    /**
     * The position of the first bad value in the gradient.
     *
     * @return its index, row-major
     */
    public int element() {
        return element;
    }

    /**
     * The first bad value.
     *
     * @return NaN, infinite or beyond {@link Optimizer#LARGEST_GRADIENT}
     */
    public float value() {
        return value;
    }
}
