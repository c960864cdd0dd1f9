package io.bitlab.models.diffusion.score;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.io.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.SingularValueDecomposition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrechetDistanceTest {

    private static Map<String, Object> golden() throws IOException {
        try (InputStream in = FrechetDistanceTest.class.getResourceAsStream("/golden/generator-scores.json")) {
            return Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), "golden");
        }
    }

    private static double[] numbers(Object list) {
        return ((List<?>) list).stream().mapToDouble(number -> ((Number) number).doubleValue()).toArray();
    }

    private static Tensor rows(Object list, int features) {
        double[] numbers = numbers(list);
        float[] values = new float[numbers.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) numbers[i];
        }
        return Tensor.of(values, values.length / features, features);
    }

    /** Rows (±x, 0, ...), (0, ±y, ...), ...: no covariances, and the variance 2 x² / (2 n - 1) of each feature. */
    private static Tensor cross(float... extents) {
        int features = extents.length;
        float[] values = new float[2 * features * features];
        for (int f = 0; f < features; f++) {
            values[2 * f * features + f] = extents[f];
            values[(2 * f + 1) * features + f] = -extents[f];
        }
        return Tensor.of(values, 2 * features, features);
    }

    private static Tensor shifted(Tensor points, float shift) {
        float[] values = points.toArray();
        for (int i = 0; i < values.length; i++) {
            values[i] += shift;
        }
        return Tensor.of(values, points.shape());
    }

    @Test
    void agreesWithNumpy() throws IOException {
        Map<String, Object> golden = golden();
        Tensor a = rows(golden.get("a"), 6);
        Tensor b = rows(golden.get("b"), 6);
        FeatureStatistics statistics = new FeatureStatistics(6).add(a);
        assertArrayEquals(numbers(golden.get("mean_a")), statistics.mean(), 1e-13);
        assertArrayEquals(numbers(golden.get("covariance_a")),
                Arrays.stream(statistics.covariance()).flatMapToDouble(Arrays::stream).toArray(), 1e-12);
        double distance = ((Number) golden.get("distance_a_b")).doubleValue();
        assertEquals(distance, FrechetDistance.between(a, b), 1e-10 * distance);
        assertEquals(distance, FrechetDistance.between(b, a), 1e-10 * distance);
        double singular = ((Number) golden.get("distance_few_b")).doubleValue();
        assertEquals(singular, FrechetDistance.between(rows(golden.get("few"), 6), b), 1e-6 * singular);
        assertEquals(singular, FrechetDistance.between(b, rows(golden.get("few"), 6)), 1e-6 * singular);
    }

    @Test
    void equalSetsHaveNoDistance() {
        Tensor points = Tensor.randn(1, 100, 5);
        assertEquals(0, FrechetDistance.between(points, points), 1e-12);
        Tensor constant = Tensor.full(3f, 4, 5);
        assertEquals(0, FrechetDistance.between(constant, constant));
    }

    @Test
    void aShiftIsItsSquare() {
        Tensor points = cross(1, 2, 3);
        assertEquals(3 * 0.25, FrechetDistance.between(points, shifted(points, 0.5f)), 1e-12);
    }

    /** Of covariances that commute, the sum of the squared differences of the deviations. */
    @Test
    void diagonalCovariancesHaveAClosedForm() {
        double unit = Math.sqrt(2 / 5.0); // six samples
        double expected = (1 + 0 + 16) * unit * unit;
        assertEquals(expected, FrechetDistance.between(cross(1, 2, 3), cross(2, 2, 7)), 1e-12);
        assertEquals(14 * unit * unit, FrechetDistance.between(cross(1, 2, 3), cross(0, 0, 0)), 1e-12);
        double[][] covariance = new FeatureStatistics(3).add(cross(1, 2, 3)).covariance();
        assertArrayEquals(new double[] {0, 2 * 4 / 5.0, 0}, covariance[1], 1e-15);
    }

    /** Then the trace is the sum of the singular values of the products of samples, a small matrix. */
    @ParameterizedTest
    @ValueSource(ints = {30, 200})
    void thereMayBeFewerSamplesThanFeatures(int features) {
        Tensor a = Tensor.randn(1, 20, features);
        Tensor b = Tensor.randn(2, 25, features).mul(2f);
        double[][] first = centred(a);
        double[][] second = centred(b);
        double distance = squares(first) / 19 + squares(second) / 24;
        double[] mean = new FeatureStatistics(features).add(a).mean();
        double[] other = new FeatureStatistics(features).add(b).mean();
        for (int f = 0; f < features; f++) {
            distance += (mean[f] - other[f]) * (mean[f] - other[f]);
        }
        double trace = Arrays.stream(new SingularValueDecomposition(MatrixUtils.createRealMatrix(first)
                .multiply(MatrixUtils.createRealMatrix(second).transpose())).getSingularValues()).sum();
        distance -= 2 * trace / Math.sqrt(19 * 24);
        assertEquals(distance, FrechetDistance.between(a, b), 1e-6 * distance);
        assertEquals(distance, FrechetDistance.between(b, a), 1e-6 * distance);
    }

    private static double[][] centred(Tensor points) {
        double[] mean = new FeatureStatistics(points.length(1)).add(points).mean();
        double[][] rows = new double[points.length(0)][mean.length];
        for (int i = 0; i < points.size(); i++) {
            rows[i / mean.length][i % mean.length] = points.data()[i] - mean[i % mean.length];
        }
        return rows;
    }

    private static double squares(double[][] rows) {
        return Arrays.stream(rows).flatMapToDouble(Arrays::stream).map(value -> value * value).sum();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 300, 1000})
    void batchesAndThreadsChangeNoBit(int size) {
        Tensor points = Tensor.randn(3, 1000, 24);
        FeatureStatistics once = new FeatureStatistics(24);
        Parallel.sequential().call(() -> once.add(points));
        FeatureStatistics parts = new FeatureStatistics(24);
        try (Parallel threads = Parallel.of(3)) {
            threads.call(() -> {
                for (int from = 0; from < 1000; from += size) {
                    int to = Math.min(1000, from + size);
                    parts.add(Tensor.of(Arrays.copyOfRange(points.data(), from * 24, to * 24), to - from, 24));
                }
                return null;
            });
        }
        assertEquals(1000, parts.count());
        assertArrayEquals(once.mean(), parts.mean());
        assertArrayEquals(once.covariance(), parts.covariance());
        assertEquals("FeatureStatistics(1000 samples of 24 features)", parts.toString());
    }

    /** A sum of squares less the square of the sum would have nothing left. */
    @Test
    void aLargeMeanLeavesTheVariance() {
        Tensor far = Tensor.of(new float[] {1e6f, 1e6f + 1, 1e6f + 2}, 3, 1);
        assertEquals(1, new FeatureStatistics(1).add(far).covariance()[0][0], 1e-9);
    }

    @Test
    void whatHasNoDistanceIsRefused() {
        Tensor two = Tensor.randn(1, 2, 3);
        refused("1 samples and 2", () -> FrechetDistance.between(Tensor.randn(1, 1, 3), two));
        refused("3 features and 4", () -> FrechetDistance.between(two, Tensor.randn(1, 9, 4)));
        refused("expected [n, features]", () -> FrechetDistance.between(two, Tensor.randn(1, 9)));
        refused("value 1 of number 1 is NaN",
                () -> FrechetDistance.between(two, Tensor.of(new float[] {0, 1, 2, Float.NaN}, 2, 2)));
        FeatureStatistics statistics = new FeatureStatistics(3);
        refused("value 2 of number 0 is Infinity",
                () -> statistics.add(Tensor.of(new float[] {0, 1, Float.POSITIVE_INFINITY}, 1, 3)));
        refused("4 features of each sample, expected 3", () -> statistics.add(Tensor.zeros(2, 4)));
        refused("0 features", () -> new FeatureStatistics(0));
        assertEquals(0, statistics.count());
        assertThrows(IllegalStateException.class, statistics::mean);
        statistics.add(Tensor.zeros(1, 3));
        assertThrows(IllegalStateException.class, statistics::covariance);
    }

    private static void refused(String part, Runnable call) {
        String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertTrue(message.contains(part), message);
    }
}
