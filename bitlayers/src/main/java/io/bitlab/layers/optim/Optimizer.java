package io.bitlab.layers.optim;

import io.bitlab.core.tensor.Tensor;
import java.util.List;

/** Changes parameters along their gradients. Belongs to one thread. */
public abstract class Optimizer {

    private final List<Tensor> parameters;
    private float learningRate;

    /**
     * An optimiser.
     *
     * @param parameters the live tensors to change
     * @param learningRate size of a step, not negative
     */
    protected Optimizer(List<Tensor> parameters, float learningRate) {
        if (parameters.isEmpty()) {
            throw new IllegalArgumentException(getClass().getSimpleName() + ": no parameters to optimise; is the model "
                    + "deployed?");
        }
        this.parameters = List.copyOf(parameters);
        learningRate(learningRate);
    }

    /** Changes every parameter that has a gradient. */
    public abstract void step();

    /** Sets all gradients to zero, for the next step. */
    public final void zeroGrad() {
        parameters.forEach(Tensor::zeroGrad);
    }

    /**
     * What is optimised.
     *
     * @return the live tensors, unmodifiable list
     */
    public final List<Tensor> parameters() {
        return parameters;
    }

    /**
     * The size of a step.
     *
     * @return the learning rate
     */
    public final float learningRate() {
        return learningRate;
    }

    /**
     * Changes the size of a step, as a schedule does.
     *
     * @param newRate not negative
     */
    public final void learningRate(float newRate) {
        if (!(newRate >= 0f && newRate < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(getClass().getSimpleName() + ": learning rate " + newRate
                    + " is not a number of 0 or more");
        }
        learningRate = newRate;
    }
}
