package io.bitlab.layers;

import io.bitlab.core.tensor.Shape;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Draws the initial values of a parameter. A weight has the shape {@code [out, in, ...]}: its fan-in is the product of
 * all lengths but the first, its fan-out the product of all lengths but the second.
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="initializer"}
 *
 * <p>The library's initialisers are stateless and may be shared by layers and threads.
 */
@FunctionalInterface
public interface Initializer {

    /** All 0; usual for biases. */
    Initializer ZEROS = (shape, random) -> new float[Shape.product(shape, 0, shape.length)];

    /** All 1; usual for the weights of norms. */
    Initializer ONES = (shape, random) -> {
        float[] values = ZEROS.values(shape, random);
        Arrays.fill(values, 1f);
        return values;
    };

    /**
     * Uniform in ±sqrt(6 / (fanIn + fanOut)) (Glorot and Bengio, <i>Understanding the difficulty of training deep
     * feedforward neural networks</i>, 2010): linear layers preserve the variance of activations and gradients.
     */
    Initializer XAVIER_UNIFORM = (shape, random) -> uniform(shape, Math.sqrt(6 / fans(shape)), random);

    /**
     * Uniform in ±sqrt(6 / fanIn) (He et al., <i>Delving deep into rectifiers</i>, 2015): layers followed by ReLU
     * preserve the variance of activations.
     */
    Initializer KAIMING_UNIFORM =
            (shape, random) -> uniform(shape, Math.sqrt(6.0 / Shape.product(shape, 1, shape.length)), random);

    /** Normal with standard deviation sqrt(2 / (fanIn + fanOut)) (Glorot and Bengio, 2010). */
    Initializer XAVIER_NORMAL = (shape, random) -> normal(Math.sqrt(2 / fans(shape))).values(shape, random);

    /** Normal with standard deviation sqrt(2 / fanIn) (He et al., 2015). */
    Initializer KAIMING_NORMAL = (shape, random) -> normal(Math.sqrt(2.0 / Shape.product(shape, 1, shape.length)))
            .values(shape, random);

    /**
     * Orthonormal rows (or columns, if there are fewer of them), drawn uniformly from all such matrices (Saxe,
     * McClelland and Ganguli, <i>Exact solutions to the nonlinear dynamics of learning in deep linear neural
     * networks</i>, 2014). All axes but the first are treated as one. The cost grows with the square of the smaller
     * side.
     */
    Initializer ORTHOGONAL = (shape, random) -> OrthogonalMatrix.draw(shape[0], Shape.product(shape, 1, shape.length),
            random);

    /**
     * The same value for all elements.
     *
     * @param value the value
     * @return an initialiser that draws no random numbers
     */
    static Initializer constant(float value) {
        return (shape, random) -> {
            float[] values = ZEROS.values(shape, random);
            Arrays.fill(values, value);
            return values;
        };
    }

    /**
     * Normal with mean 0.
     *
     * @param deviation standard deviation, at least 0
     * @return the initialiser
     * @throws IllegalArgumentException if the deviation is negative, NaN or infinite
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
     * Normal with mean 0, truncated at two standard deviations: values beyond are drawn again. The standard deviation
     * of the result is 0.88 times the given one.
     *
     * @param deviation standard deviation before truncation, at least 0
     * @return the initialiser
     * @throws IllegalArgumentException if the deviation is negative, NaN or infinite
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
     * @param random source of random numbers
     * @return a new array of the shape's size, row-major
     */
    float[] values(int[] shape, RandomGenerator random);

    /** Numbers of inputs and outputs of a value, together: those of a convolution count the kernel. */
    private static double fans(int[] shape) {
        if (shape.length < 2) {
            throw new IllegalArgumentException("Initializer: Xavier's deviation depends on inputs and outputs, which a"
                    + " parameter of shape " + Arrays.toString(shape) + " lacks; take Initializer.normal");
        }
        double fanIn = Shape.product(shape, 1, shape.length);
        return fanIn + fanIn / shape[1] * shape[0];
    }

    private static float[] uniform(int[] shape, double bound, RandomGenerator random) {
        float[] values = ZEROS.values(shape, random);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
        }
        return values;
    }
}
