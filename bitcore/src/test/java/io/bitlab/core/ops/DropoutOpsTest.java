package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.ChannelsLast;
import io.bitlab.core.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DropoutOpsTest {

    /** Inputs whose last axis has the features. */
    private static List<int[]> inputs() {
        return List.of(new int[] {5}, new int[] {1, 1}, new int[] {3, 7}, new int[] {2, 3, 17}, new int[] {2, 1, 3, 4});
    }

    private static void refused(String message, Executable action) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, action).getMessage());
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void dropout(int[] shape) {
        double probability = 0.25;
        int size = Tensor.zeros(shape).size();
        CounterRandom random = new CounterRandom(11, 2);
        double[] factors = new double[size];
        for (int i = 0; i < size; i++) {
            factors[i] = random.nextFloat() < probability ? 0 : 1 / (1 - probability);
        }
        GradientCheck.check("dropout", 6, x -> DropoutOps.dropout(x[0], (float) probability, new CounterRandom(11, 2)),
                x -> {
                    double[] y = new double[size];
                    for (int i = 0; i < size; i++) {
                        y[i] = x[0].values()[i] * factors[i];
                    }
                    return new DoubleArray(y, shape);
                }, Tensor.randn(6, shape));
    }

    @ParameterizedTest
    @MethodSource("inputs")
    void dropSamples(int[] shape) {
        CounterRandom random = new CounterRandom(11, 2);
        double[] factors = new double[shape[0]];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = random.nextFloat() < 0.25 ? 0 : 1 / 0.75;
        }
        GradientCheck.check("dropSamples", 7, x -> DropoutOps.dropSamples(x[0], 0.25f, new CounterRandom(11, 2)),
                x -> DoubleArray.build(shape, i -> x[0].at(i) * factors[i[0]]), Tensor.randn(7, shape));
    }

    @Test
    void droppedSamplesAreZeroWhateverTheyHold() {
        CounterRandom random = new CounterRandom(1, 2);
        Tensor x = Tensor.full(Float.POSITIVE_INFINITY, 100, 3);
        Tensor y = DropoutOps.dropSamples(x, 0.5f, random);
        assertEquals(100, random.position());
        int dropped = 0;
        for (int i = 0; i < 100; i++) {
            assertEquals(y.at(i, 0), y.at(i, 2));
            dropped += y.at(i, 1) == 0f ? 1 : 0;
        }
        assertEquals(50, dropped, 25);
        SameBits.check("dropSamples", t -> {
            Tensor z = DropoutOps.dropSamples(t[0], 0.5f, new CounterRandom(3, 4));
            return ChannelsLast.images(ChannelsLast.pixels(z));
        }, Tensor.randn(8, 5, 3, 4, 2));
    }

    @Test
    void dropoutKeepsTheMeanAndMovesTheGeneratorOn() {
        CounterRandom random = new CounterRandom(1, 2);
        Tensor ones = Tensor.full(1f, 100_000);
        Tensor y = DropoutOps.dropout(ones, 0.3f, random);
        assertEquals(1.0, y.mean().item(), 0.01);
        assertEquals(100_000, random.position());
        assertArrayEquals(ones.data(), DropoutOps.dropout(ones, 0f, random).data());
    }

    @Test
    void dropoutRefusesWhatIsNoProbability() {
        for (float probability : new float[] {-0.1f, 1f, 1.5f, Float.NaN}) {
            refused("dropout: probability " + probability + " is not in [0, 1)",
                    () -> DropoutOps.dropout(Tensor.zeros(3), probability, new CounterRandom(1, 2)));
            refused("dropSamples: probability " + probability + " is not in [0, 1)",
                    () -> DropoutOps.dropSamples(Tensor.zeros(3), probability, new CounterRandom(1, 2)));
        }
        refused("dropSamples: input is a scalar (rank 0), expected shape [samples, ...]",
                () -> DropoutOps.dropSamples(Tensor.scalar(1), 0.5f, new CounterRandom(1, 2)));
    }
}
