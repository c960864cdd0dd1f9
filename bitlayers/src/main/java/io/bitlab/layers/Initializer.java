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

    /** Normal with standard deviation sqrt(2 / (fanIn + fanOut)) (Glorot and Bengio, 2010). */
    Initializer XAVIER_NORMAL = (shape, random) -> {
        double fanIn = Shape.product(shape, 1, shape.length);
        double fanOut = fanIn / shape[1] * shape[0];
        return normal(Math.sqrt(2 / (fanIn + fanOut))).values(shape, random);
    };

    /** Normal with standard deviation sqrt(2 / fanIn) (He et al., 2015). */
    Initializer KAIMING_NORMAL = (shape, random) -> normal(Math.sqrt(2.0 / Shape.product(shape, 1, shape.length)))
            .values(shape, random);

    /**
     * Rows (or columns, if there are fewer of them) of length 1 that are orthogonal to each other, drawn evenly from
     * all such matrices (Saxe, McClelland and Ganguli, <i>Exact solutions to the nonlinear dynamics of learning in deep
     * linear neural networks</i>, 2014). All axes but the first count as one. The cost grows with the square of the
     * smaller side.
     */
    Initializer ORTHOGONAL = (shape, random) -> Orthogonal.matrix(shape[0], Shape.product(shape, 1, shape.length),
            random);

    /**
     * All one value.
     *
     * @param value the value
     * @return an initialiser that draws nothing
     */
    static Initializer constant(float value) {
        return (shape, random) -> {
            float[] values = ZEROS.values(shape, random);
            Arrays.fill(values, value);
            return values;
        };
    }

    /**
     * Normal around 0.
     *
     * @param deviation standard deviation, at least 0
     * @return an initialiser that draws one number a value
     */
    static Initializer normal(double deviation) {
        requireDeviation("normal", deviation);
        return (shape, random) -> {
            float[] values = ZEROS.values(shape, random);
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (random.nextGaussian() * deviation);
            }
            return values;
        };
    }

    /**
     * Normal around 0, without the values beyond two standard deviations: those are drawn again. What remains has a
     * standard deviation of 0.88 times the given one.
     *
     * @param deviation standard deviation before values are left out, at least 0
     * @return an initialiser that draws one number a value, now and then more
     */
    static Initializer truncatedNormal(double deviation) {
        requireDeviation("truncatedNormal", deviation);
        return (shape, random) -> {
            float[] values = ZEROS.values(shape, random);
            for (int i = 0; i < values.length; i++) {
                double drawn = random.nextGaussian();
                while (Math.abs(drawn) > 2) {
                    drawn = random.nextGaussian();
                }
                values[i] = (float) (drawn * deviation);
            }
            return values;
        };
    }

    private static void requireDeviation(String initializer, double deviation) {
        if (!(deviation >= 0 && deviation < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("Initializer." + initializer + ": standard deviation " + deviation
                    + " is not a number of 0 or more");
        }
    }

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
