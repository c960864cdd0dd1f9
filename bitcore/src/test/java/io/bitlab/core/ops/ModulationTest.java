package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Tensor;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModulationTest {

    private static final float EPS = 0.01f; // large, so that its part shows

    private static double rms(DoubleArray x, int[] i) {
        double meanSquare = 0;
        for (int k = 0; k < x.length(2); k++) {
            double value = x.at(i[0], i[1], k);
            meanSquare += value * value / x.length(2);
        }
        return StrictMath.sqrt(meanSquare + EPS);
    }

    private static DoubleArray modulatedNorm(DoubleArray x, DoubleArray scale, DoubleArray shift) {
        DoubleArray u = DoubleArray.build(x.shape(),
                i -> x.at(i) / rms(x, i) * (1 + scale.at(i[0], i[2])) + shift.at(i[0], i[2]));
        return DoubleArray.build(x.shape(), i -> u.at(i) / rms(u, i));
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1", "2, 3, 4", "3, 1, 17", "1, 5, 33"})
    void valuesAndGradientsAreThoseOfTheDefinition(int samples, int positions, int features) {
        Tensor x = Tensor.randn(1, samples, positions, features);
        Tensor scale = Tensor.randn(2, samples, features);
        Tensor shift = Tensor.randn(3, samples, features);
        GradientCheck.check("modulatedNorm", 4, t -> Modulation.modulatedNorm(t[0], t[1], t[2], EPS, "block"),
                t -> modulatedNorm(t[0], t[1], t[2]), x, scale, shift);
        GradientCheck.check("addGated", 5, t -> Modulation.addGated(t[0], t[1], t[2], "block"),
                t -> DoubleArray.build(t[0].shape(), i -> t[0].at(i) + t[1].at(i[0], i[2]) * t[2].at(i)), x, scale,
                Tensor.randn(6, samples, positions, features));
    }

    @Test
    void bitsDoNotDependOnTheThreads() {
        assertSameBits(t -> Modulation.modulatedNorm(t[0], t[1], t[2], EPS, "block"), Tensor.randn(1, 40, 30, 96),
                Tensor.randn(2, 40, 96), Tensor.randn(3, 40, 96));
        assertSameBits(t -> Modulation.addGated(t[0], t[1], t[2], "block"), Tensor.randn(1, 40, 30, 96),
                Tensor.randn(2, 40, 96), Tensor.randn(3, 40, 30, 96));
    }

    private static void assertSameBits(Function<Tensor[], Tensor> operation, Tensor... inputs) {
        float[][] first = null;
        for (int threads = 1; threads <= 3; threads++) {
            try (Parallel parallel = Parallel.of(threads)) {
                float[][] found = parallel.call(() -> {
                    for (Tensor input : inputs) {
                        input.requiresGrad(true);
                        input.zeroGrad();
                    }
                    Tensor y = operation.apply(inputs);
                    y.mul(inputs[0]).sum().backward();
                    return new float[][] {y.toArray(), inputs[0].grad().toArray(), inputs[1].grad().toArray(),
                        inputs[2].grad().toArray()};
                });
                first = first == null ? found : first;
                assertArrayEquals(first, found);
            }
        }
    }

    @Test
    void shapesThatDontFitAreRefused() {
        Tensor x = Tensor.zeros(2, 3, 4);
        Tensor fits = Tensor.zeros(2, 4);
        Tensor other = Tensor.zeros(3, 4);
        for (Exception e : new Exception[] {
            assertThrows(IllegalArgumentException.class, () -> Modulation.modulatedNorm(x, other, fits, EPS, "b")),
            assertThrows(IllegalArgumentException.class, () -> Modulation.modulatedNorm(x, fits, other, EPS, "b")),
            assertThrows(IllegalArgumentException.class, () -> Modulation.addGated(x, other, x, "b"))}) {
            assertTrue(e.getMessage().startsWith("b: a condition of the shape [3, 4] for an input of the shape"
                    + " [2, 3, 4]"), e.getMessage());
        }
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> Modulation.addGated(x, fits, Tensor.zeros(2, 3, 5), "b")).getMessage()
                .startsWith("b: a branch of the shape [2, 3, 5]"));
    }
}
