package io.bitlab.core.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.memory.Workspace;
import java.util.Arrays;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.stat.correlation.PearsonsCorrelation;
import org.apache.commons.math3.stat.descriptive.DescriptiveStatistics;
import org.apache.commons.math3.stat.inference.KolmogorovSmirnovTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class TensorTest {

    private static void refused(String message, Executable action) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, action).getMessage());
    }

    @Test
    void ofTakesTheArrayItself() {
        float[] values = {1, 2, 3, 4, 5, 6};
        Tensor x = Tensor.of(values, 2, 3);
        assertSame(values, x.data());
        assertNotSame(values, x.toArray());
        assertArrayEquals(values, x.toArray());
        assertEquals(2, x.rank());
        assertEquals(6, x.size());
        x.data()[5] = 60;
        assertEquals(60f, x.at(1, 2));
    }

    @Test
    void shapesCanNotBeChangedFromOutside() {
        int[] shape = {2, 3};
        Tensor x = Tensor.of(new float[6], shape);
        shape[0] = 7;
        x.shape()[1] = 7;
        assertArrayEquals(new int[] {2, 3}, x.shape());
    }

    @Test
    void makesScalarsZerosAndFullTensors() {
        Tensor scalar = Tensor.scalar(2.5f);
        assertEquals(0, scalar.rank());
        assertEquals(1, scalar.size());
        assertEquals(2.5f, scalar.item());
        assertEquals(2.5f, scalar.at());
        assertArrayEquals(new float[6], Tensor.zeros(2, 3).data());
        assertArrayEquals(new float[] {7, 7, 7}, Tensor.full(7f, 3, 1).data());
        assertArrayEquals(new int[] {3, 1}, Tensor.full(7f, 3, 1).shape());
    }

    @Test
    void refusesImpossibleShapes() {
        refused("Tensor: shape [2, 3] has 6 elements, the array has 5", () -> Tensor.of(new float[5], 2, 3));
        refused("Tensor: shape [] has 1 elements, the array has 0", () -> Tensor.of(new float[0]));
        refused("Tensor: shape [2, 0] has a length of 0; every length must be at least 1",
                () -> Tensor.of(new float[0], 2, 0));
        refused("Tensor.zeros: shape [3, -1] has a length of -1; every length must be at least 1",
                () -> Tensor.zeros(3, -1));
        refused("Tensor.zeros: shape [65536, 32768] has more elements than one array can hold (2147483639)",
                () -> Tensor.zeros(65536, 32768));
        refused("Tensor.zeros: shape [65536, 65536, 65536, 65536] has more elements than one array can hold "
                + "(2147483639)",
                () -> Tensor.zeros(65536, 65536, 65536, 65536));
    }

    @Test
    void countsAxesFromEitherEnd() {
        Tensor x = Tensor.zeros(2, 3, 5);
        assertEquals(2, x.length(0));
        assertEquals(5, x.length(-1));
        assertEquals(2, x.length(-3));
        refused("Tensor.length: axis 3 does not exist in shape [2, 3, 5] of rank 3", () -> x.length(3));
        refused("Tensor.length: axis -4 does not exist in shape [2, 3, 5] of rank 3", () -> x.length(-4));
    }

    @Test
    void itemWantsOneElement() {
        assertEquals(3f, Tensor.full(3f, 1, 1).item());
        assertEquals("Tensor.item: shape [2] has 2 elements, expected 1",
                assertThrows(IllegalStateException.class, () -> Tensor.zeros(2).item()).getMessage());
    }

    @Test
    void atWantsOneIndexAnAxis() {
        Tensor x = Tensor.of(new float[] {0, 1, 2, 10, 11, 12}, 2, 3);
        assertEquals(11f, x.at(1, 1));
        int[][] outside = {{2, 0}, {0, 3}, {-1, 0}, {1}, {1, 1, 0}, {}};
        for (int[] index : outside) {
            assertEquals("Tensor.at: no element " + Arrays.toString(index) + " in shape [2, 3]",
                    assertThrows(IndexOutOfBoundsException.class, () -> x.at(index)).getMessage());
        }
        assertEquals("Tensor.at: no element [0] in shape []",
                assertThrows(IndexOutOfBoundsException.class, () -> Tensor.scalar(1f).at(0)).getMessage());
    }

    @Test
    void argmaxIsTheFirstOfTheLargest() {
        float nan = Float.NaN;
        Tensor x = Tensor.of(new float[] {1, 3, 3, -2, -1, -5, nan, 9, 9, 9, nan, nan}, 2, 2, 3);
        assertArrayEquals(new int[] {1, 1, 0, 1}, x.argmax());
        assertArrayEquals(new int[] {0}, Tensor.full(5f, 4).argmax());
        refused("Tensor.length: axis -1 does not exist in shape [] of rank 0", () -> Tensor.scalar(1f).argmax());
    }

    @Test
    void printsSmallTensorsInFull() {
        assertEquals("Tensor[]([2.0])", Tensor.scalar(2f).toString());
        assertEquals("Tensor[1, 2]([1.0, -0.5])", Tensor.of(new float[] {1, -0.5f}, 1, 2).toString());
        assertEquals("Tensor[17](17 values)", Tensor.zeros(17).toString());
        assertEquals("Tensor[2]([0.0, 0.0], by relu)", Tensor.zeros(2).requiresGrad(true).relu().toString());
    }

    @Test
    void throwsAfterItsWorkspaceWasReset() {
        Workspace workspace = new Workspace();
        Tensor x = Tensor.of(new float[] {1, 2}, 2);
        Tensor y = workspace.call(() -> x.add(1f));
        Tensor view = workspace.call(() -> y.reshape(1, 2));
        Tensor kept = y.detach();
        assertArrayEquals(new float[] {2, 3}, view.data());
        workspace.reset();
        String expected =
                ": its memory was recycled by Workspace.reset(); before the reset, copy what you need with toArray() "
                        + "or detach()";
        assertEquals("Tensor [2]" + expected, assertThrows(IllegalStateException.class, y::data).getMessage());
        assertEquals("Tensor [1, 2]" + expected, assertThrows(IllegalStateException.class, view::data).getMessage());
        for (Executable read : new Executable[] {y::toArray, y::detach, y::argmax, () -> y.at(0), () -> y.add(1f),
            () -> x.mul(y), () -> y.reshape(2, 1), () -> y.sum(), () -> Tensor.concat(0, x, y)}) {
            assertThrows(IllegalStateException.class, read);
        }
        assertEquals("Tensor[2](recycled)", y.toString());
        assertArrayEquals(new float[] {2, 3}, kept.data());
    }

    @Test
    void randnDependsOnTheSeedOnly() {
        assertArrayEquals(Tensor.randn(7, 2, 3).data(), Tensor.randn(7, 6).data());
        assertArrayEquals(Tensor.randn(7, 3).data(), Arrays.copyOf(Tensor.randn(7, 100).data(), 3));
        assertTrue(Tensor.randn(7, 1).item() != Tensor.randn(8, 1).item());
    }

    @Test
    void randnStaysAsItIs() {
        assertArrayEquals(new float[] {1.6823984f, 0.04331252f, -0.39875463f, 0.85667884f}, Tensor.randn(0, 4).data());
        assertArrayEquals(new float[] {0.8042658f, 1.6683564f, 0.67478615f, 0.85632414f},
                Tensor.randn(-1234567890123L, 4).data());
    }

    @Test
    void randnIsNormal() {
        for (long seed = 0; seed < 5; seed++) {
            float[] values = Tensor.randn(seed, 50_001).data();
            DescriptiveStatistics statistics = new DescriptiveStatistics();
            double[] first = new double[50_000];
            double[] next = new double[50_000];
            for (int i = 0; i < 50_000; i++) {
                statistics.addValue(values[i]);
                first[i] = values[i];
                next[i] = values[i + 1];
            }
            // Five standard errors each.
            assertEquals(0, statistics.getMean(), 5 / Math.sqrt(50_000), "mean, seed " + seed);
            assertEquals(1, statistics.getVariance(), 5 * Math.sqrt(2.0 / 50_000), "variance, seed " + seed);
            assertEquals(0, statistics.getSkewness(), 5 * Math.sqrt(6.0 / 50_000), "skewness, seed " + seed);
            assertEquals(0, statistics.getKurtosis(), 5 * Math.sqrt(24.0 / 50_000), "excess kurtosis, seed " + seed);
            assertEquals(0, new PearsonsCorrelation().correlation(first, next), 5 / Math.sqrt(50_000),
                    "correlation of neighbours, seed " + seed);
            double p = new KolmogorovSmirnovTest().kolmogorovSmirnovTest(new NormalDistribution(null, 0, 1), first);
            assertTrue(p > 1e-4, "Kolmogorov-Smirnov p " + p + ", seed " + seed);
        }
    }
}
