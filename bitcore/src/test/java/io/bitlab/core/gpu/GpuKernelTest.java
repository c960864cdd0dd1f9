package io.bitlab.core.gpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.internal.DeviceException;
import io.bitlab.core.kernel.KernelParity;
import io.bitlab.core.kernel.KernelParity.Size;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.PreparedActivations;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.kernel.TernaryMatmul;
import io.bitlab.core.quant.FloatActivations;
import io.bitlab.core.quant.QuantizedActivations;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The kernel on the OpenCL of this machine, such as pocl, which computes on the processor; else skipped. */
class GpuKernelTest {

    private static final int NEVER = Integer.MAX_VALUE;
    private static final long MUCH = 1 << 20;

    /** Every row by itself; always tiles; as in use, but with little memory for a batch. */
    private static GpuKernel rows;
    private static GpuKernel tiles;
    private static GpuKernel parts;

    @BeforeAll
    static void thereIsADevice() {
        rows = new GpuKernel(OpenClLibraries::load, NEVER, MUCH);
        Optional<String> refusal = rows.refusal(BitQuantConfig.defaults(), 64, 64);
        assumeTrue(refusal.isEmpty(), () -> "no OpenCL here: " + refusal.orElseThrow());
        tiles = new GpuKernel(OpenClLibraries::load, 1, MUCH);
        parts = new GpuKernel(OpenClLibraries::load, 5, 1000);
    }

    /** Some of the sizes of the other kernels, since pocl is slow; several turns of all items; several tiles. */
    private static Stream<Size> sizes() {
        return Stream.concat(
                KernelParity.sizes().filter(size -> size.in() < 150 && (size.seed() > 999 || size.seed() % 9 == 0)),
                Stream.of(new Size(7, 2100, 2, 1), new Size(131, 1030, 17, 2)));
    }

    private static Stream<Size> allSizes() {
        return Stream.concat(KernelParity.sizes(),
                Stream.of(new Size(128, 64, 16, 1), new Size(129, 65, 17, 2), new Size(293, 784, 33, 3),
                        new Size(33, 14336, 6, 5), new Size(40, 301, 71, 6)));
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void rowByRow(Size size) {
        KernelParity.check(rows, ActivationDtype.INT8, size);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void inTiles(Size size) {
        KernelParity.check(tiles, ActivationDtype.INT8, size);
    }

    @Tag("long")
    @ParameterizedTest
    @MethodSource("allSizes")
    void everySize(Size size) {
        for (GpuKernel kernel : List.of(rows, tiles, parts)) {
            KernelParity.check(kernel, ActivationDtype.INT8, size);
        }
    }

    @Test
    void aBatchThatDoesNotFitIsComputedInParts() {
        KernelParity.check(parts, ActivationDtype.INT8, new Size(20, 90, 40, 7)); // 9 rows of activations
        KernelParity.check(parts, ActivationDtype.INT8, new Size(300, 9, 5, 8)); // not one row of sums
    }

    /** More items than blocks, as many, and several turns of them, of words that are whole or not. */
    @ParameterizedTest
    @ValueSource(ints = {1, 15, 16, 17, 32, 50})
    void blocksOfScales(int blockColumns) {
        Random random = new Random(blockColumns);
        for (int blocks : new int[] {63, 64, 65, 130}) {
            int in = blocks * blockColumns - blockColumns / 2;
            TernaryMatrix matrix = matrix(random, 6, in, blockColumns);
            QuantizedActivations x = activations(random, 2, in);
            for (GpuKernel kernel : List.of(rows, tiles)) {
                assertArrayEquals(product(KernelRegistry.kernel("scalar"), matrix, x), product(kernel, matrix, x),
                        () -> blocks + " blocks of " + blockColumns);
            }
        }
    }

    /** The sum of all products with 1 added to each weight exceeds 32 bits here; the sum itself does not. */
    @Test
    void theLongestRow() {
        int in = TernaryMatrix.MAX_IN_FEATURES;
        byte[] trits = new byte[in];
        Arrays.fill(trits, (byte) 1);
        byte[] values = new byte[in];
        Arrays.fill(values, (byte) 127);
        float[] y = product(rows, TernaryMatrix.of(trits, 1, in, new float[] {1}),
                new QuantizedActivations(values, new float[] {1}, 1, in));
        assertArrayEquals(new float[] {(float) (127L * in)}, y);
    }

    // ---------------------------------------------------------------- sharing

    @Test
    void threadsAndModelsShareADevice() throws Exception {
        int models = 5;
        Random random = new Random(3);
        List<Callable<Void>> work = new ArrayList<>();
        for (int model = 0; model < models; model++) {
            TernaryMatrix matrix = matrix(random, 70 + model, 100 + 20 * model, 1000);
            PackedWeights packed = parts.pack(matrix);
            for (int i = 0; i < 12; i++) {
                QuantizedActivations x = activations(random, 1 + i % 7, matrix.inFeatures());
                float[] expected = product(KernelRegistry.kernel("scalar"), matrix, x);
                work.add(() -> {
                    for (int repeat = 0; repeat < 4; repeat++) {
                        float[] y = new float[expected.length];
                        TernaryMatmul.multiply(packed, x, null, y);
                        assertArrayEquals(expected, y);
                    }
                    return null;
                });
            }
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Void> done : threads.invokeAll(work)) {
                done.get();
            }
        }
    }

    /** Layers that read one input: more than a launch takes, with other scales, and with others' padding. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 6, 40})
    void layersShareAnInput(int batch) {
        Random random = new Random(4 + batch);
        QuantizedActivations x = activations(random, batch, 50);
        TernaryMatrix[] layers = {matrix(random, 20, 50, 50), matrix(random, 9, 50, 50), matrix(random, 300, 50, 50),
            matrix(random, 1, 50, 50), matrix(random, 5, 50, 50), matrix(random, 30, 50, 7),
            matrix(random, 129, 50, 7), matrix(random, 4, 50, 17)};
        for (GpuKernel kernel : List.of(rows, tiles, parts)) {
            PackedWeights[] packed = new PackedWeights[layers.length];
            float[][] biases = new float[layers.length][];
            float[][] ys = new float[layers.length][];
            float[][] expected = new float[layers.length][];
            for (int i = 0; i < layers.length; i++) {
                packed[i] = kernel.pack(layers[i]);
                ys[i] = new float[batch * layers[i].outFeatures()];
                expected[i] = new float[ys[i].length];
                biases[i] = i % 2 == 0 ? null : floats(random, layers[i].outFeatures());
                TernaryMatmul.multiply(KernelRegistry.kernel("scalar").pack(layers[i]), x, biases[i], expected[i]);
            }
            TernaryMatmul.multiplyAll(packed, x, biases, ys);
            for (int i = 0; i < layers.length; i++) {
                assertArrayEquals(expected[i], ys[i], "layer " + i);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"libpocl.so.2, Portable Computing Language", "libnvidia-opencl.so.1, NVIDIA"})
    void aDriverCanBeUsedWithoutTheLoader(String library, String platform) {
        OpenCl driver;
        try {
            driver = OpenClLibraries.load(List.of(), List.of(library));
        } catch (DeviceException e) {
            assumeTrue(false, e.getMessage());
            return;
        }
        GpuKernel kernel = new GpuKernel(() -> driver, 5, MUCH);
        KernelParity.check(kernel, ActivationDtype.INT8, new Size(13, 37, 6, 9));
        assertTrue(kernel.device().contains(platform), kernel.device());
    }

    @Test
    void theLoaderIsUsedWhereThereIsNoDriver() {
        OpenCl loader;
        try {
            loader = OpenClLibraries.load(List.of("libOpenCL.so.1"), List.of("libNoSuchDriver.so.1"));
        } catch (DeviceException e) {
            assumeTrue(false, e.getMessage());
            return;
        }
        assertTrue(loader.platforms().length > 0);
    }

    // ---------------------------------------------------------------- the contract

    @Test
    void itSaysWhatItIs() {
        assertEquals("gpu", rows.name());
        assertTrue(rows.isVectorized());
        assertTrue(rows.priority() < KernelRegistry.kernel("scalar").priority());
        assertTrue(rows.device().matches(".+ of .+, driver .+, kernels .+"), rows.device());
        TernaryMatrix matrix = matrix(new Random(5), 64, 64, 64);
        assertEquals(64 * 64 / 4 + matrix.bytes(), rows.pack(matrix).bytes());
    }

    @Test
    void itReadsInt8Only() {
        assertEquals(Optional.of("reads int8 activations only: configure them with ActivationDtype.INT8"),
                rows.refusal(BitQuantConfig.defaults().withActivationDtype(ActivationDtype.FLOAT32), 1, 1));
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> rows.prepare(new FloatActivations(new float[3], 1, 3))).getMessage()
                .startsWith("Kernel 'gpu' reads int8 activations, got FloatActivations(1 x 3)"));
    }

    @Test
    void operandsOfOthersAreRefused() {
        TernaryMatrix matrix = TernaryMatrix.of(new byte[3], 1, 3, new float[1]);
        QuantizedActivations x = new QuantizedActivations(new byte[3], new float[1], 1, 3);
        PackedWeights own = rows.pack(matrix);
        PreparedActivations ownX = rows.prepare(x);
        assertThrows(IllegalArgumentException.class,
                () -> rows.multiply(tiles.pack(matrix), ownX, null, new float[1], 0, 1));
        assertThrows(IllegalArgumentException.class,
                () -> rows.multiply(own, tiles.prepare(x), null, new float[1], 0, 1));
    }

    // ---------------------------------------------------------------- data

    private static TernaryMatrix matrix(Random random, int out, int in, int blockColumns) {
        byte[] trits = new byte[out * in];
        for (int i = 0; i < trits.length; i++) {
            trits[i] = (byte) (random.nextInt(3) - 1);
        }
        float[] scales = new float[out * Math.ceilDiv(in, blockColumns)];
        for (int i = 0; i < scales.length; i++) {
            scales[i] = random.nextFloat() - 0.5f;
        }
        return TernaryMatrix.ofBlocks(trits, out, in, scales, blockColumns);
    }

    private static QuantizedActivations activations(Random random, int rows, int in) {
        byte[] values = new byte[rows * in];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) (random.nextInt(255) - 127);
        }
        return new QuantizedActivations(values, floats(random, rows), rows, in);
    }

    private static float[] floats(Random random, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat();
        }
        return values;
    }

    private static float[] product(TernaryKernel kernel, TernaryMatrix matrix, QuantizedActivations x) {
        float[] y = new float[x.rows() * matrix.outFeatures()];
        kernel.multiply(kernel.pack(matrix), kernel.prepare(x), null, y, 0, matrix.outFeatures());
        return y;
    }
}
