package io.bitlab.layers.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GradientClippingTest {

    private static Tensor withGradient(float... gradient) {
        Tensor parameter = Tensor.zeros(gradient.length).requiresGrad(true);
        System.arraycopy(gradient, 0, parameter.gradBuffer(), 0, gradient.length);
        return parameter;
    }

    @Test
    void scalesAllGradientsByOneFactor() {
        Tensor a = withGradient(3, 0);
        Tensor none = Tensor.zeros(7).requiresGrad(true);
        Tensor b = withGradient(-4);
        assertEquals(5f, GradientClipping.byNorm(List.of(a, none, b), 1f));
        assertArrayEquals(new float[] {0.6f, 0}, a.grad().data(), 1e-6f);
        assertArrayEquals(new float[] {-0.8f}, b.grad().data(), 1e-6f);
        assertNull(none.grad());
    }

    @Test
    void smallGradientsKeepTheirBits() {
        Tensor a = withGradient(0.1f, -0.7f);
        GradientClipping.byNorm(List.of(a), 1f);
        GradientClipping.byValue(List.of(a), 0.7f);
        assertArrayEquals(new float[] {0.1f, -0.7f}, a.grad().data());
        assertEquals(0f, GradientClipping.byNorm(List.of(Tensor.zeros(3)), 1f));
    }

    @Test
    void addsPyTorchsMillionthToTheNorm() {
        Tensor a = withGradient(1e-6f);
        assertEquals(1e-6f, GradientClipping.byNorm(List.of(a), 1e-6f), 1e-12f);
        assertEquals(5e-7f, a.grad().item(), 1e-12f);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void aNormThatIsNoNumberLeavesTheGradientsAlone(float bad) {
        Tensor a = withGradient(3, 4);
        Tensor b = withGradient(bad);
        float norm = GradientClipping.byNorm(List.of(a, b), 1f);
        assertEquals(Float.isNaN(bad) ? Float.NaN : Float.POSITIVE_INFINITY, norm);
        assertArrayEquals(new float[] {3, 4}, a.grad().data());
        assertArrayEquals(new float[] {bad}, b.grad().data());
    }

    @ParameterizedTest
    @ValueSource(floats = {2e19f, 1e30f, 3e38f, 1e-20f, 1e-25f, 1e-38f})
    void aNormWhoseSquareIsNoFloatClipsToo(float size) {
        float max = 0.1f * Math.min(1f, size); // small gradients would not be clipped otherwise
        Tensor a = withGradient(3 * (size / 5), 0f);
        Tensor b = withGradient(-4 * (size / 5));
        Tensor c = withGradient(size / 1e6f, 0f, 0f);
        assertEquals(size, GradientClipping.byNorm(List.of(a, b, c), max), 1e-5f * size);
        double factor = max / (size + 1e-6);
        assertEquals(0.6 * size * factor, a.grad().data()[0], 1e-5 * size * factor + Float.MIN_VALUE);
        assertEquals(-0.8 * size * factor, b.grad().data()[0], 1e-5 * size * factor + Float.MIN_VALUE);
        assertEquals(1e-6 * size * factor, c.grad().data()[0], 1e-11 * size * factor + Float.MIN_VALUE);
    }

    @Test
    void aNormBeyondFloatsIsInfiniteAndClipsToo() {
        Tensor a = withGradient(3e38f, -3e38f, 3e38f, 3e38f);
        assertEquals(Float.POSITIVE_INFINITY, GradientClipping.byNorm(List.of(a), 1e-3f));
        assertArrayEquals(new float[] {5e-4f, -5e-4f, 5e-4f, 5e-4f}, a.grad().data(), 1e-9f);
    }

    @Test
    void hugeGradientsMoveWeightsByTheClippedStepOnly() {
        Tensor parameter = withGradient(2e19f, -2e19f);
        GradientClipping.byNorm(List.of(parameter), 0.1f);
        new SGD(List.of(parameter), 1f).step();
        assertArrayEquals(new float[] {-0.0707107f, 0.0707107f}, parameter.toArray(), 1e-6f);
    }

    /** A float can't add 1 to 2^26, so a million squares of 1 are lost in that block, but not those of other blocks. */
    @Test
    void largeSquaresDrownSmallOnesOfTheirBlockAtMost() {
        int n = 3 << 20;
        Tensor parameter = Tensor.zeros(n).requiresGrad(true);
        float[] g = parameter.gradBuffer();
        Arrays.fill(g, 1f);
        Arrays.fill(g, 0, 16, 8192f);
        double expected = Math.sqrt(16.0 * 8192 * 8192 + n - 16);
        assertEquals(expected, GradientClipping.byNorm(List.of(parameter), 1f), 5e-4 * expected);
        assertEquals(8192 / expected, g[0], 5e-4);
    }

    @Test
    void clippingAndSteppingAreTheSameOnAnyNumberOfThreads() {
        float[] first = new float[0];
        for (int threads = 1; threads <= 4; threads++) {
            try (Parallel parallel = Parallel.of(threads)) {
                List<Tensor> parameters =
                        List.of(Tensor.randn(1, 100_003), Tensor.randn(2, 77), Tensor.randn(3, 50_001));
                AdamW optimizer = new AdamW(parameters, 0.1f);
                parallel.call(() -> {
                    for (int step = 0; step < 3; step++) {
                        for (Tensor parameter : parameters) {
                            parameter.requiresGrad(true);
                            float[] g = parameter.gradBuffer();
                            System.arraycopy(Tensor.randn(step, g.length).data(), 0, g, 0, g.length);
                        }
                        assertEquals(387.3f, GradientClipping.byNorm(parameters, 1f), 1.5f);
                        optimizer.step();
                    }
                    return null;
                });
                float[] found = Tensor.concat(0, parameters.toArray(Tensor[]::new)).toArray();
                first = threads == 1 ? found : first;
                assertArrayEquals(first, found, threads + " threads");
            }
        }
    }

    @Test
    void byValueKeepsNaN() {
        Tensor a = withGradient(3, -0.5f, Float.NaN, Float.NEGATIVE_INFINITY);
        GradientClipping.byValue(List.of(a, Tensor.zeros(2)), 2f);
        assertArrayEquals(new float[] {2, -0.5f, Float.NaN, -2}, a.grad().data());
    }

    @ParameterizedTest
    @ValueSource(floats = {0f, -1f, Float.NaN})
    void refusesMaximaThatAreNotPositive(float max) {
        List<Tensor> parameters = List.of(withGradient(1));
        assertEquals("GradientClipping.byNorm: the maximum " + max + " is not positive", assertThrows(
                IllegalArgumentException.class, () -> GradientClipping.byNorm(parameters, max)).getMessage());
        assertEquals("GradientClipping.byValue: the maximum " + max + " is not positive", assertThrows(
                IllegalArgumentException.class, () -> GradientClipping.byValue(parameters, max)).getMessage());
    }
}
