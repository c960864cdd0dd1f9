package io.bitlab.models.diffusion.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrecisionRecallTest {

    private static Tensor line(float... values) {
        return Tensor.of(values, values.length, 1);
    }

    private static double squared(Tensor a, int i, Tensor b, int j) {
        double sum = 0;
        for (int f = 0; f < a.length(1); f++) {
            double difference = (double) a.at(i, f) - b.at(j, f);
            sum += difference * difference;
        }
        return sum;
    }

    /** By the definition: sorts all distances. */
    private static double shareByDefinition(Tensor points, Tensor others, int k) {
        double[] radii = new double[others.length(0)];
        for (int o = 0; o < radii.length; o++) {
            double[] distances = new double[radii.length];
            for (int n = 0; n < distances.length; n++) {
                distances[n] = squared(others, o, others, n);
            }
            Arrays.sort(distances); // the point itself is the first
            radii[o] = distances[k];
        }
        int inside = 0;
        for (int p = 0; p < points.length(0); p++) {
            boolean found = false;
            for (int o = 0; o < radii.length; o++) {
                found |= squared(points, p, others, o) <= radii[o];
            }
            inside += found ? 1 : 0;
        }
        return inside / (double) points.length(0);
    }

    @ParameterizedTest
    @CsvSource({"1, 30, 40, 3, 3", "2, 40, 30, 2, 1", "3, 4, 50, 5, 3", "4, 70, 60, 70, 5", "5, 60, 33, 300, 2",
        "6, 530, 40, 2, 3"})
    void isWhatTheDefinitionSays(long seed, int reals, int generated, int features, int k) {
        Tensor real = Tensor.randn(seed, reals, features);
        float[] values = Tensor.randn(seed + 100, generated, features).toArray();
        for (int i = 0; i < values.length; i++) {
            values[i] *= 0.97f;
        }
        Tensor made = Tensor.of(values, generated, features);
        PrecisionRecall found = PrecisionRecall.of(real, made, k);
        assertEquals(shareByDefinition(made, real, k), found.precision(), "precision, seed " + seed);
        assertEquals(shareByDefinition(real, made, k), found.recall(), "recall, seed " + seed);
    }

    /** With k = 1 the balls of 0, 1, 10 reach from -1 to 2 and from 1 to 19. */
    @Test
    void ballsReachToTheNeighbour() {
        Tensor real = line(0, 1, 10);
        assertEquals(1, PrecisionRecall.of(real, line(-1, 2, 19), 1).precision());
        assertEquals(0, PrecisionRecall.of(real, line(-1.1f, 19.1f, 30), 1).precision());
        assertEquals(0.75, PrecisionRecall.of(real, line(-1.1f, 0.5f, 1.5f, 18), 1).precision());
    }

    @Test
    void oneImageOverAndOverHasPrecisionWithoutRecall() {
        Tensor real = Tensor.randn(1, 50, 2);
        float[] same = new float[2 * 20];
        for (int i = 0; i < same.length; i++) {
            same[i] = real.at(7, i % 2);
        }
        PrecisionRecall found = PrecisionRecall.of(real, Tensor.of(same, 20, 2));
        assertEquals(1, found.precision());
        assertEquals(1 / 50.0, found.recall()); // only the copied one
        assertEquals(3, found.k());
        assertEquals("PrecisionRecall(precision 1.000, recall 0.020, k 3)", found.toString());
        PrecisionRecall copies = PrecisionRecall.of(real, real);
        assertEquals(1, copies.precision());
        assertEquals(1, copies.recall());
    }

    @Test
    void threadsChangeNothing() {
        Tensor real = Tensor.randn(1, 600, 20);
        Tensor made = Tensor.randn(2, 700, 20);
        PrecisionRecall alone = Parallel.sequential().call(() -> PrecisionRecall.of(real, made));
        try (Parallel threads = Parallel.of(3)) {
            assertEquals(alone, threads.call(() -> PrecisionRecall.of(real, made)));
        }
        assertTrue(alone.precision() > 0 && alone.precision() < 1, alone.toString());
    }

    @Test
    void whatDoesNotFitIsRefused() {
        Tensor four = Tensor.randn(1, 4, 2);
        refused("neighbour 3 of 4 real samples and 3", () -> PrecisionRecall.of(four, Tensor.randn(1, 3, 2)));
        refused("neighbour 4 of 4", () -> PrecisionRecall.of(four, four, 4));
        refused("neighbour 0", () -> PrecisionRecall.of(four, four, 0));
        refused("2 real features and 3", () -> PrecisionRecall.of(four, Tensor.randn(1, 4, 3)));
        refused("generated features: value 0 of number 3 is NaN",
                () -> PrecisionRecall.of(line(1, 2, 3, 4), line(1, 2, 3, Float.NaN)));
    }

    private static void refused(String part, Runnable call) {
        String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertTrue(message.contains(part), message);
    }
}
