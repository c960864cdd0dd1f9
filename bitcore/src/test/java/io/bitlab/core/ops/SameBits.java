package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.ChannelsLast;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import java.util.function.Function;

/** An operation on images gives the same bits on any number of threads, and for both orders of the images. */
final class SameBits {

    private SameBits() {
    }

    /** Checks the result and all gradients; the first input is images, or their pixels if {@code stored}. */
    static void check(String what, Function<Tensor[], Tensor> operation, Tensor... inputs) {
        float[][] expected = null;
        for (int threads = 1; threads <= 3; threads++) {
            try (Parallel parallel = Parallel.of(threads)) {
                for (boolean stored : new boolean[] {false, true}) {
                    float[][] found = parallel.call(() -> compute(operation, stored, inputs));
                    expected = expected == null ? found : expected;
                    for (int i = 0; i < found.length; i++) {
                        assertArrayEquals(expected[i], found[i], what + ", " + threads + " threads, channels "
                                + (stored ? "last" : "first") + ": " + (i == 0 ? "result" : "gradient " + (i - 1)));
                    }
                }
            }
        }
    }

    /** Values from -1 to 1, faster than normal ones. */
    static Tensor uniform(long seed, int... shape) {
        Tensor tensor = Tensor.zeros(shape);
        CounterRandom random = new CounterRandom(seed, 1);
        float[] data = tensor.data();
        for (int i = 0; i < data.length; i++) {
            data[i] = 2 * random.nextFloat() - 1;
        }
        return tensor;
    }

    private static float[][] compute(Function<Tensor[], Tensor> operation, boolean stored, Tensor... inputs) {
        Tensor[] leaves = new Tensor[inputs.length];
        Arrays.setAll(leaves, i -> Tensor.of(inputs[i].toArray(), inputs[i].shape()).requiresGrad(true));
        Tensor[] arguments = leaves.clone();
        if (stored) {
            arguments[0] = ChannelsLast.images(ChannelsLast.pixels(leaves[0]));
        }
        Tensor y = operation.apply(arguments);
        assertTrue(y.rank() != 4 || ChannelsLast.isStored(y), "the pixels of the result are at hand");
        y.backward(uniform(77, y.size()).data());
        float[][] results = new float[inputs.length + 1][];
        results[0] = y.toArray();
        for (int i = 0; i < inputs.length; i++) {
            results[i + 1] = leaves[i].grad().toArray();
        }
        return results;
    }
}
