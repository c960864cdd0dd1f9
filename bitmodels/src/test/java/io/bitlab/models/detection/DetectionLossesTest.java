package io.bitlab.models.detection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.Tensor;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The losses and their gradients against definitions in double precision. */
class DetectionLossesTest {

    private static final double STEP = 1e-5;

    /** A scalar loss, and its gradient by central differences of a reference. */
    private static void check(Tensor x, Function<Tensor, Tensor> loss, ToDoubleFunction<double[]> reference) {
        double[] values = new double[x.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = x.data()[i];
        }
        Tensor input = Tensor.of(x.toArray(), x.shape()).requiresGrad(true);
        Tensor result = loss.apply(input);
        double expected = reference.applyAsDouble(values);
        assertEquals(expected, result.item(), 3e-6 * Math.max(1, Math.abs(expected)));
        result.backward();
        for (int i = 0; i < values.length; i++) {
            double middle = values[i];
            values[i] = middle + STEP;
            double above = reference.applyAsDouble(values);
            values[i] = middle - STEP;
            double below = reference.applyAsDouble(values);
            values[i] = middle;
            assertEquals((above - below) / (2 * STEP), input.grad().data()[i], 2e-5, "gradient of element " + i);
        }
    }

    @ParameterizedTest
    @CsvSource({"0.25, 2, 3", "0.5, 1, 1", "1, 2.5, 7", "0, 3, 2"})
    void focalLossAndItsGradient(float alpha, float gamma, float divisor) {
        int[] labels = {2, -1, 0, -2, 1};
        Tensor logits = Tensor.randn(7, 5, 3).mul(3f);
        check(logits, x -> DetectionLosses.focal(x, labels, alpha, gamma, divisor), x -> {
            double sum = 0;
            for (int i = 0; i < x.length; i++) {
                double p = 1 / (1 + Math.exp(-x[i]));
                if (labels[i / 3] == i % 3) {
                    sum -= alpha * Math.pow(1 - p, gamma) * Math.log(p);
                } else if (labels[i / 3] != -2) {
                    sum -= (1 - alpha) * Math.pow(p, gamma) * Math.log(1 - p);
                }
            }
            return sum / divisor;
        });
    }

    /** The logits of a confident network must not become NaN, nor the loss of a wrong one be cut off. */
    @Test
    void focalLossOfExtremeLogits() {
        Tensor logits = Tensor.of(new float[] {-80, 80, 80, -80}, 2, 2).requiresGrad(true);
        Tensor loss = DetectionLosses.focal(logits, new int[] {0, 0}, 0.25f, 2f, 1f);
        assertEquals(0.25 * 80 + 0.75 * 80, loss.item(), 1e-3);
        loss.backward();
        assertEquals(-0.25, logits.grad().data()[0], 1e-6);
        assertEquals(0.75, logits.grad().data()[1], 1e-6);
        assertEquals(0, logits.grad().data()[2], 1e-6);
    }

    /** By corners, as the paper has it. */
    private static double giou(double[] p, int at, float[] t) {
        double width = Math.max(0, Math.min(p[at + 2], t[at + 2]) - Math.max(-p[at], -t[at]));
        double height = Math.max(0, Math.min(p[at + 3], t[at + 3]) - Math.max(-p[at + 1], -t[at + 1]));
        double intersection = width * height;
        double union = (p[at] + p[at + 2]) * (p[at + 1] + p[at + 3]) + (t[at] + t[at + 2]) * (t[at + 1] + t[at + 3])
                - intersection;
        double hull = (Math.max(p[at + 2], t[at + 2]) - Math.min(-p[at], -t[at]))
                * (Math.max(p[at + 3], t[at + 3]) - Math.min(-p[at + 1], -t[at + 1]));
        return intersection / union - (hull - union) / hull;
    }

    private static Tensor edges(long seed, int boxes) {
        CounterRandom random = new CounterRandom(seed, 0);
        float[] edges = new float[4 * boxes];
        for (int i = 0; i < edges.length; i++) {
            edges[i] = 0.3f + 3 * random.nextFloat();
        }
        return Tensor.of(edges, boxes, 4);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void giouAndItsGradient(long seed) {
        Tensor target = edges(seed + 100, 6);
        float[] weights = Tensor.randn(seed, 6).data();
        check(edges(seed, 6), x -> DetectionLosses.giou(x, target).mul(Tensor.of(weights, 6)).sum(), x -> {
            double sum = 0;
            for (int box = 0; box < 6; box++) {
                sum += weights[box] * giou(x, 4 * box, target.data());
            }
            return sum;
        });
    }

    @Test
    void giouOfKnownBoxes() {
        Tensor box = Tensor.of(new float[] {1, 1, 1, 1}, 1, 4);
        assertEquals(1f, DetectionLosses.giou(box, box).item());
        // a box of 2 x 2 inside of one of 4 x 4
        assertEquals(0.25f, DetectionLosses.giou(box, Tensor.of(new float[] {2, 2, 2, 2}, 1, 4)).item());
        // 2 x 2 against 2 x 4, both in a hull of 3 x 4: 3 in common, a union of 9
        assertEquals(2 / 10f - 2 / 12f,
                DetectionLosses.giou(box, Tensor.of(new float[] {2, 1, 0, 3}, 1, 4)).item(), 1e-6);
    }

    @Test
    void distancesAndTheirGradient() {
        float[] scale = {24, 48};
        Tensor logits = Tensor.of(new float[] {0, -3.9f, 2, 0.5f, 6, -9, 1, 3.9f}, 2, 4);
        float[] weights = {0.01f, 0.02f, 0.01f, 0.03f, 0.01f, 0.01f, 0.02f, 1e-4f};
        check(logits, x -> DetectionLosses.distances(x, scale).mul(Tensor.of(weights, 2, 4)).sum(), x -> {
            double sum = 0;
            for (int i = 0; i < x.length; i++) {
                sum += weights[i] * scale[i / 4] * Math.exp(Math.clamp(x[i], -4, 4));
            }
            return sum;
        });
    }

    @Test
    void shapesThatDontAgreeAreRefused() {
        Tensor logits = Tensor.zeros(2, 3);
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> DetectionLosses.focal(logits, new int[3], 0.25f, 2f, 1f)).getMessage().contains("[2, 3]"));
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> DetectionLosses.focal(logits, new int[] {0, 3}, 0.25f, 2f, 1f)).getMessage()
                .contains("label 3 of row 1"));
        for (float[] wrong : new float[][] {{-1, 2, 1}, {0.5f, 0.5f, 1}, {0.5f, 2, 0}, {Float.NaN, 2, 1}}) {
            assertThrows(IllegalArgumentException.class,
                    () -> DetectionLosses.focal(logits, new int[2], wrong[0], wrong[1], wrong[2]));
        }
        assertThrows(IllegalArgumentException.class, () -> DetectionLosses.giou(logits, logits));
        assertThrows(IllegalArgumentException.class,
                () -> DetectionLosses.giou(Tensor.zeros(2, 4), Tensor.zeros(1, 4)));
        assertThrows(IllegalArgumentException.class, () -> DetectionLosses.distances(logits, new float[3]));
    }
}
