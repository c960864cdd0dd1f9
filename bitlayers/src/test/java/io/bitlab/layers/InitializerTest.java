package io.bitlab.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.math.CounterRandom;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.stat.descriptive.DescriptiveStatistics;
import org.apache.commons.math3.stat.inference.KolmogorovSmirnovTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Uniform initialisers are tested in {@link InitializationTest}. */
class InitializerTest {

    private static float[] draw(Initializer initializer, int... shape) {
        return initializer.values(shape, new CounterRandom(17, 1));
    }

    private static double[] wide(float[] values) {
        double[] wide = new double[values.length];
        Arrays.setAll(wide, i -> values[i]);
        return wide;
    }

    private static void assertNormal(double deviation, float[] values) {
        double p =
                new KolmogorovSmirnovTest().kolmogorovSmirnovTest(new NormalDistribution(0, deviation), wide(values));
        assertTrue(p > 1e-3, "normal with " + deviation + ": p " + p + ", seed 17");
    }

    @Test
    void normalsHaveTheirDeviation() {
        assertNormal(0.02, draw(Initializer.normal(0.02), 100, 50));
        assertNormal(Math.sqrt(2.0 / (300 + 20)), draw(Initializer.XAVIER_NORMAL, 20, 300));
        assertNormal(Math.sqrt(2.0 / 300), draw(Initializer.KAIMING_NORMAL, 20, 300));
        // a convolution: fan-in 5*3*3, fan-out 100*3*3
        assertNormal(Math.sqrt(2.0 / (45 + 900)), draw(Initializer.XAVIER_NORMAL, 100, 5, 3, 3));
        assertNormal(Math.sqrt(2.0 / 45), draw(Initializer.KAIMING_NORMAL, 100, 5, 3, 3));
    }

    @Test
    void theTruncatedNormalEndsAtTwoDeviations() {
        DescriptiveStatistics statistics =
                new DescriptiveStatistics(wide(draw(Initializer.truncatedNormal(3), 50_000)));
        assertTrue(statistics.getMax() <= 6 && statistics.getMax() > 5.9, "max " + statistics.getMax());
        assertTrue(statistics.getMin() >= -6 && statistics.getMin() < -5.9, "min " + statistics.getMin());
        assertEquals(0, statistics.getMean(), 0.06);
        assertEquals(0.8796 * 3, statistics.getStandardDeviation(), 0.03);
    }

    @Test
    void constantsAndMistakes() {
        assertArrayEquals(new float[] {0.5f, 0.5f, 0.5f}, draw(Initializer.constant(0.5f), 3));
        assertArrayEquals(new float[3], draw(Initializer.normal(0), 3), 0f);
        for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertEquals("Initializer.normal: standard deviation " + bad + " is not a number of 0 or more",
                    assertThrows(IllegalArgumentException.class, () -> Initializer.normal(bad)).getMessage());
            assertThrows(IllegalArgumentException.class, () -> Initializer.truncatedNormal(bad));
        }
        for (Initializer xavier : List.of(Initializer.XAVIER_UNIFORM, Initializer.XAVIER_NORMAL)) {
            assertEquals("Initializer: Xavier's deviation depends on inputs and outputs, which a parameter of shape "
                    + "[7] lacks; take Initializer.normal",
                    assertThrows(IllegalArgumentException.class, () -> draw(xavier, 7)).getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource({"1,1", "5,5", "3,20", "20,3", "64,64"})
    void orthogonalRowsOrColumnsAreOrthonormal(int rows, int columns) {
        float[] w = draw(Initializer.ORTHOGONAL, rows, columns, 1, 1);
        boolean byRows = rows <= columns;
        for (int a = 0; a < Math.min(rows, columns); a++) {
            for (int b = 0; b < Math.min(rows, columns); b++) {
                double dot = 0;
                for (int i = 0; i < Math.max(rows, columns); i++) {
                    dot += byRows ? (double) w[a * columns + i] * w[b * columns + i]
                            : (double) w[i * columns + a] * w[i * columns + b];
                }
                assertEquals(a == b ? 1 : 0, dot, 1e-6, rows + " x " + columns + ", " + a + " and " + b);
            }
        }
    }
}
