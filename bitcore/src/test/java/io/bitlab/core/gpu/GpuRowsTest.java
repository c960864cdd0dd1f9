package io.bitlab.core.gpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.internal.DeviceException;
import io.bitlab.core.internal.DeviceRows;
import io.bitlab.core.internal.DeviceSession;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.TernaryMatmul;
import io.bitlab.core.math.ActivationFunction;
import io.bitlab.core.math.FloatMath;
import io.bitlab.core.quant.ActivationQuantizer;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows that stay on the OpenCL of this machine, such as pocl; else skipped. */
class GpuRowsTest {

    private static GpuKernel kernel;

    @BeforeAll
    static void thereIsADevice() {
        kernel = new GpuKernel();
        Optional<String> refusal = kernel.refusal(BitQuantConfig.defaults(), 64, 64);
        assumeTrue(refusal.isEmpty(), () -> "no OpenCL here: " + refusal.orElseThrow());
    }

    private static float[] values(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextGaussian() * (random.nextInt(20) == 0 ? 1e-39 : 3));
        }
        return values;
    }

    private static float[] read(DeviceRows rows) {
        float[] values = new float[rows.rows() * rows.columns()];
        rows.read(values);
        return values;
    }

    private static List<DeviceRows> multiply(DeviceRows x, List<PackedWeights> weights, float[][] biases) {
        return kernel.multiply(x.rows(), () -> x, weights, biases);
    }

    private static TernaryMatrix matrix(Random random, int out, int in, int blockColumns) {
        byte[] trits = new byte[out * in];
        for (int i = 0; i < trits.length; i++) {
            trits[i] = (byte) (random.nextInt(3) - 1);
        }
        return TernaryMatrix.ofBlocks(trits, out, in, values(random, out * Math.ceilDiv(in, blockColumns)),
                blockColumns);
    }

    private static float[] product(TernaryMatrix matrix, float[] x, int rows, float[] bias) {
        float[] y = new float[rows * matrix.outFeatures()];
        TernaryMatmul.multiply(KernelRegistry.kernel("scalar").pack(matrix), ActivationQuantizer.quantize(x, rows,
                matrix.inFeatures(), Granularity.PER_CHANNEL, "GpuRowsTest"), bias, y);
        return y;
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 15", "2, 16", "1, 63", "3, 64", "2, 65", "5, 700", "17, 130", "1, 2560"})
    void operationsEqualThoseOfTheProcessor(int rows, int columns) {
        Random random = new Random(columns);
        float[] x = values(random, rows * columns);
        float[] other = values(random, rows * columns);
        float[] weight = values(random, columns);
        float[] sums = new float[x.length];
        float[] gated = new float[x.length];
        float[] normed = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            sums[i] = x[i] + other[i];
            gated[i] = ActivationFunction.SQUARED_RELU.apply(x[i]) * other[i];
        }
        for (int at = 0; at < x.length; at += columns) {
            FloatMath.get().rmsNorm(x, at, weight, 1e-5f, normed, at, columns);
        }
        try (DeviceSession session = kernel.openSession()) {
            DeviceRows a = session.upload(x, rows, columns);
            DeviceRows b = session.upload(other, rows, columns);
            float[] given = x.clone();
            Arrays.fill(x, 1e9f); // which was copied
            DeviceRows sum = a.plus(b);
            DeviceRows gate = a.squaredReluTimes(b);
            DeviceRows norm = a.rmsNorm(weight, 1e-5f);
            assertArrayEquals(normed, read(norm));
            assertArrayEquals(sums, read(sum));
            assertArrayEquals(gated, read(gate));
            assertArrayEquals(normed, read(norm), "again");
            assertArrayEquals(given, read(a));
        }
    }

    /** One layer and more than a launch takes, with and without bias; whole matrices, rows and blocks with a scale. */
    @ParameterizedTest
    @CsvSource({"1, 40, 7, 40", "1, 130, 9, 16", "2, 100, 70, 25", "7, 65, 130, 65", "20, 90, 33, 13"})
    void productsEqualTheReference(int rows, int in, int out, int blockColumns) {
        Random random = new Random(in);
        float[] x = values(random, rows * in);
        List<TernaryMatrix> matrices = new ArrayList<>();
        float[][] biases = new float[4][];
        for (int i = 0; i < biases.length; i++) {
            matrices.add(matrix(random, out + i, in, blockColumns));
            biases[i] = i % 2 == 0 ? values(random, out + i) : null;
        }
        List<PackedWeights> packed = matrices.stream().map(kernel::pack).toList();
        for (int count : new int[] {1, biases.length}) {
            try (DeviceSession session = kernel.openSession()) {
                List<DeviceRows> ys = multiply(session.upload(x, rows, in), packed.subList(0, count),
                        Arrays.copyOf(biases, count));
                for (int i = count - 1; i >= 0; i--) {
                    assertArrayEquals(product(matrices.get(i), x, rows, biases[i]), read(ys.get(i)), "layer " + i);
                }
                assertArrayEquals(product(matrices.getFirst(), x, rows, biases[0]), read(ys.getFirst()), "again");
            }
        }
    }

    @Test
    void productsOfProducts() {
        Random random = new Random(1);
        TernaryMatrix up = matrix(random, 150, 60, 60);
        TernaryMatrix down = matrix(random, 60, 150, 150);
        PackedWeights packedUp = kernel.pack(up);
        PackedWeights packedDown = kernel.pack(down);
        float[][] none = new float[1][];
        for (int rows : new int[] {1, 2, 9}) {
            float[] x = values(random, rows * 60);
            float[] expected = product(down, product(up, x, rows, null), rows, null);
            try (DeviceSession session = kernel.openSession()) {
                DeviceRows h = multiply(session.upload(x, rows, 60), List.of(packedUp), none).getFirst();
                assertArrayEquals(expected, read(multiply(h, List.of(packedDown), none).getFirst()));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"NaN", "Infinity", "-Infinity"})
    void aRowThatInt8CanNotRepresentGivesNan(float value) {
        Random random = new Random(2);
        TernaryMatrix matrix = matrix(random, 9, 100, 100);
        float[] x = values(random, 3 * 100);
        float[] expected = product(matrix, x, 3, null);
        x[100 + 70] = value;
        try (DeviceSession session = kernel.openSession()) {
            float[] y = read(multiply(session.upload(x, 3, 100), List.of(kernel.pack(matrix)), new float[1][])
                    .getFirst());
            for (int i = 0; i < y.length; i++) {
                boolean isSecondRow = i / 9 == 1;
                assertEquals(isSecondRow, Float.isNaN(y[i]), "result " + i);
                assertTrue(isSecondRow || y[i] == expected[i], "result " + i);
            }
        }
    }

    /** More than the pinned memory that the first upload reserves; and a larger result than all uploads. */
    @Test
    void uploadsOfAnySizes() {
        Random random = new Random(3);
        try (DeviceSession session = kernel.openSession()) {
            List<float[]> given = new ArrayList<>();
            List<DeviceRows> rows = new ArrayList<>();
            for (int columns : new int[] {5, 1000, 3, 70_000, 70_000, 1}) {
                given.add(values(random, columns));
                rows.add(session.upload(given.getLast(), 1, columns));
            }
            for (int i = 0; i < given.size(); i++) {
                assertArrayEquals(given.get(i), read(rows.get(i)));
            }
        }
    }

    @Test
    void sessionsAreLimitedAndEnd() {
        List<DeviceSession> sessions = new ArrayList<>();
        for (DeviceSession next = kernel.openSession(); next != null; next = kernel.openSession()) {
            sessions.add(next);
            assertTrue(sessions.size() <= 8, "too many sessions");
        }
        DeviceRows rows = sessions.getFirst().upload(new float[] {1, 2}, 1, 2);
        sessions.forEach(DeviceSession::close);
        sessions.forEach(DeviceSession::close); // has no effect
        assertThrows(DeviceException.class, () -> rows.plus(rows));
        assertThrows(DeviceException.class, () -> rows.read(new float[2]));
        assertThrows(DeviceException.class, () -> sessions.getFirst().upload(new float[2], 1, 2));
        try (DeviceSession session = kernel.openSession()) {
            assertNotNull(session);
        }
    }

    @Test
    void productsThatAreTooLargeAreLeftToOthers() {
        GpuKernel small = new GpuKernel(OpenClLibraries::load, 5, 1000);
        List<PackedWeights> many = List.of(small.pack(matrix(new Random(4), 60, 20, 20))); // 240 bytes of results a row
        List<PackedWeights> few = List.of(small.pack(matrix(new Random(4), 2, 80, 80))); // 320 bytes of inputs a row
        List<PackedWeights> unlike = List.of(few.getFirst(), small.pack(matrix(new Random(4), 2, 80, 20)));
        Supplier<DeviceRows> notCopied = () -> {
            throw new AssertionError("copied for nothing");
        };
        try (DeviceSession session = small.openSession()) {
            assertNotNull(small.multiply(4, () -> session.upload(new float[4 * 20], 4, 20), many, new float[1][]));
            assertNull(small.multiply(5, notCopied, many, new float[1][]));
            assertNotNull(small.multiply(3, () -> session.upload(new float[3 * 80], 3, 80), few, new float[1][]));
            assertNull(small.multiply(4, notCopied, few, new float[1][]));
            assertNull(small.multiply(1, notCopied, unlike, new float[2][]), "blocks of other sizes");
        }
    }
}
