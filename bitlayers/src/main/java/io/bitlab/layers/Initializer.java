package io.bitlab.layers;

import io.bitlab.core.tensor.Shape;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Draws the first values of a parameter. A weight has shape {@code [out, in, ...]}: its fan-in is the product of all
 * lengths but the first, its fan-out the product of all lengths but the second.
 */
@FunctionalInterface
public interface Initializer {

    /** All 0: biases. */
    Initializer ZEROS = (shape, random) -> new float[Shape.product(shape, 0, shape.length)];

    /** All 1: the weights of norms. */
    Initializer ONES = (shape, random) -> {
        float[] values = ZEROS.values(shape, random);
        Arrays.fill(values, 1f);
        return values;
    };

    /**
     * Uniform in ±sqrt(6 / (fanIn + fanOut)) (Glorot and Bengio, <i>Understanding the difficulty of training deep
     * feedforward neural networks</i>, 2010): keeps the variance of activations and gradients through linear layers.
     */
    Initializer XAVIER_UNIFORM = (shape, random) -> {
        double fanIn = Shape.product(shape, 1, shape.length);
        double fanOut = fanIn / shape[1] * shape[0];
        return uniform(shape, Math.sqrt(6 / (fanIn + fanOut)), random);
    };

    /**
     * Uniform in ±sqrt(6 / fanIn) (He et al., <i>Delving deep into rectifiers</i>, 2015): keeps the variance of
     * activations through layers that are followed by ReLU.
     */
    Initializer KAIMING_UNIFORM =
            (shape, random) -> uniform(shape, Math.sqrt(6.0 / Shape.product(shape, 1, shape.length)), random);

    /**
     * Draws values.
     *
     * @param shape shape of the parameter
     * @param random where randomness comes from
     * @return a new array of the shape's size, row-major
     */
    float[] values(int[] shape, RandomGenerator random);

    private static float[] uniform(int[] shape, double bound, RandomGenerator random) {
        float[] values = ZEROS.values(shape, random);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
        }
        return values;
    }
}
