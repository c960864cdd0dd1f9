package io.bitlab.layers.optim;

import io.bitlab.core.tensor.Tensor;

/** A step that was refused because of a gradient; nothing was changed. */
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
     * Whose gradient it is.
     *
     * @return the live parameter, with its gradient; null if this exception was serialised
     */
    public Tensor parameter() {
        return parameter;
    }

    /**
     * Where in the gradient the first bad value is.
     *
     * @return its position, row-major
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
