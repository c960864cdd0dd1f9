package io.bitlab.core.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.PatchGrid;
import io.bitlab.core.quant.QuantizedActivations;
import io.bitlab.core.quant.QuantizedPatches;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Patches of images, which some kernels read where they are and others as rows: each kernel must return the product of
 * the unfolded rows, to the bit, whatever the threads and the division of the work.
 */
@Tag("parity")
class PatchParityTest {

    private static final BitQuantConfig CONFIG =
            BitQuantConfig.defaults().withActivationGranularity(Granularity.PER_SAMPLE);
    private static final int RANDOM_GRIDS = 16;

    /** A grid, the number of outputs, and the seed of the data. */
    private record Case(PatchGrid grid, int out, long seed) {
    }

    private enum Data { RANDOM, EXTREME, ALL_MAXIMAL }

    /** Sizes at which an implementation may change its loops. */
    private static final List<Case> BOUNDARIES = List.of(
            // more pairs than 16 bits may add up: in one run, in one of several, in runs together
            new Case(grid(1, 2, 3, 800, 1, 1, 1, 0, 1), 5, 1), new Case(grid(1, 4, 3, 390, 2, 2, 1, 1, 1), 3, 2),
            new Case(grid(1, 5, 5, 66, 3, 3, 1, 1, 1), 33, 3), new Case(grid(1, 4, 7, 48, 5, 4, 1, 2, 1), 17, 4),
            // dilated columns, whose runs are single pixels: two of three fit together, three of four, one, all
            new Case(grid(2, 7, 7, 130, 3, 3, 1, 2, 2), 9, 5), new Case(grid(1, 9, 9, 96, 4, 4, 1, 0, 2), 4, 6),
            new Case(grid(1, 7, 7, 200, 3, 3, 2, 2, 2), 3, 7), new Case(grid(1, 8, 8, 2, 3, 3, 1, 1, 2), 16, 8),
            // panels: whole, ragged, one vector and two
            new Case(grid(1, 5, 5, 4, 3, 3, 1, 1, 1), 8, 9), new Case(grid(1, 5, 5, 4, 3, 3, 1, 1, 1), 16, 10),
            new Case(grid(1, 5, 5, 4, 3, 3, 1, 1, 1), 32, 11), new Case(grid(1, 5, 5, 4, 3, 3, 1, 1, 1), 64, 12),
            new Case(grid(1, 5, 5, 4, 3, 3, 1, 1, 1), 71, 13), new Case(grid(3, 4, 4, 6, 1, 1, 1, 0, 1), 97, 14),
            // bands of a large image, whose height they don't divide; images smaller than four patches
            new Case(grid(1, 37, 41, 130, 2, 1, 1, 0, 1), 2, 15), new Case(grid(2, 61, 3, 2, 3, 3, 2, 1, 1), 2, 16),
            new Case(grid(5, 1, 1, 2, 3, 3, 1, 1, 1), 3, 17), new Case(grid(7, 1, 1, 5, 1, 1, 1, 0, 1), 3, 18),
            // positions that see only zeros
            new Case(grid(1, 2, 2, 4, 2, 2, 1, 3, 1), 5, 19));

    private static PatchGrid grid(int images, int height, int width, int channels, int kernelHeight, int kernelWidth,
            int stride, int padding, int dilation) {
        return new PatchGrid(images, height, width, channels, 0, channels, kernelHeight, kernelWidth, stride, stride,
                padding, padding, dilation, dilation);
    }

    /** Any settings that fit; some grids take a part of the channels, as groups do. */
    private static Case random(long seed) {
        Random random = new Random(seed);
        while (true) {
            int channels = 1 + random.nextInt(40);
            int first = random.nextBoolean() ? 0 : random.nextInt(channels);
            int count = first == 0 && random.nextBoolean() ? channels : 1 + random.nextInt(channels - first);
            try {
                PatchGrid grid = new PatchGrid(1 + random.nextInt(3), 1 + random.nextInt(9), 1 + random.nextInt(9),
                        channels, first, count, 1 + random.nextInt(5), 1 + random.nextInt(5), 1 + random.nextInt(3),
                        1 + random.nextInt(3), random.nextInt(4), random.nextInt(4), 1 + random.nextInt(3),
                        1 + random.nextInt(3));
                return new Case(grid, 1 + random.nextInt(40), seed);
            } catch (IllegalArgumentException e) {
                assertTrue(e.getMessage().startsWith("PatchGrid: no kernel "), "larger than the image: " + e);
            }
        }
    }

    // ---------------------------------------------------------------- which kernel

    @Test
    void theFastestKernelRuns() {
        assumeTrue(ExpectedKernel.patches(1).isPresent(), "nothing is known about the vectors of this machine");
        for (int[] shape : new int[][] {{64, 576}, {16, 27}, {1, 9}, {255, 2304}, {256, 2304}, {511, 18}, {512, 4608},
            {8, 16}}) {
            assertEquals(ExpectedKernel.patches(shape[0]).get(),
                    KernelRegistry.patchKernelFor(CONFIG, shape[0], shape[1]).name());
        }
        String expected = ExpectedKernel.patches(64).get();
        TernaryKernel kernel = KernelRegistry.kernel(expected);
        assertEquals(!expected.equals("plain"), kernel.readsPatches(grid(1, 8, 8, 64, 3, 3, 1, 1, 1)));
        assertEquals(!expected.equals("plain"), kernel.readsPatches(grid(1, 8, 8, 3, 1, 1, 1, 0, 1)));
        assertTrue(!kernel.readsPatches(grid(1, 8, 8, 3, 3, 3, 1, 1, 1)), "pairs of columns cross taps");
    }

    @Test
    void someKernelsReadPatchesAndSomeDont() {
        PatchGrid even = grid(1, 4, 4, 2, 3, 3, 1, 1, 1);
        QuantizedPatches x = new QuantizedPatches(new byte[even.size()], new float[] {1}, even);
        for (TernaryKernel kernel : KernelRegistry.kernels()) {
            assertEquals(kernel.name().startsWith("wide-"), kernel.readsPatches(even), kernel.name());
            if (!kernel.readsPatches(even) && !(kernel instanceof ScalarKernel)) {
                assertThrows(IllegalArgumentException.class, () -> kernel.prepare(x), kernel.name());
            }
        }
    }

    // ---------------------------------------------------------------- what they compute

    @TestFactory
    Stream<DynamicTest> everyKernelEqualsTheProductOfUnfoldedRows() {
        return KernelRegistry.kernels().stream().filter(k -> k.refusal(CONFIG, 64, 576).isEmpty())
                .map(kernel -> DynamicTest.dynamicTest(kernel.name(), () -> {
                    try (Parallel three = Parallel.of(3)) {
                        cases(kernel).forEach(c -> check(kernel, c, three));
                    }
                    assertTrue(kernel.refusal(CONFIG, 64, 576).isEmpty(), "disabled by its self-check");
                }));
    }

    /** Kernels that don't read patches get rows, on which other tests compare them. */
    private static Stream<Case> cases(TernaryKernel kernel) {
        boolean reads = kernel.name().startsWith("wide-");
        return Stream.concat(reads ? BOUNDARIES.stream() : BOUNDARIES.stream().filter(c -> c.seed % 3 == 0),
                IntStream.range(0, reads ? RANDOM_GRIDS : 5).mapToObj(i -> random(100 + i)));
    }

    private static void check(TernaryKernel kernel, Case c, Parallel three) {
        Random random = new Random(c.seed);
        for (Data data : Data.values()) {
            byte[] trits = new byte[c.out * c.grid.columns()];
            for (int i = 0; i < trits.length; i++) {
                trits[i] = (byte) (data == Data.ALL_MAXIMAL ? 1 - 2 * (int) (c.seed % 2) : random.nextInt(3) - 1);
            }
            byte[] pixels = new byte[c.grid.size()];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (byte) switch (data) {
                    case RANDOM -> random.nextInt(255) - 127;
                    case EXTREME -> random.nextBoolean() ? 127 : -127;
                    case ALL_MAXIMAL -> 127;
                };
            }
            QuantizedPatches x = new QuantizedPatches(pixels,
                    scales(random, data == Data.RANDOM ? c.grid.images() : 1), c.grid);
            float[] bias = data == Data.EXTREME ? null : scales(random, c.out);
            TernaryMatrix matrix = TernaryMatrix.of(trits, c.out, c.grid.columns(),
                    scales(random, data == Data.EXTREME ? 1 : c.out));
            compare(three, kernel.pack(matrix), matrix, x, bias,
                    KernelParity.expected(trits, matrix, unfold(x), bias), c + ", " + data);
            if (data == Data.RANDOM && c.seed % 3 == 0) {
                int columns = 1 + random.nextInt(c.grid.columns());
                TernaryMatrix blocks = TernaryMatrix.ofBlocks(trits, c.out, c.grid.columns(),
                        scales(random, c.out * Math.ceilDiv(c.grid.columns(), columns)), columns);
                compare(three, kernel.pack(blocks), blocks, x, bias,
                        KernelParity.expected(trits, blocks, unfold(x), bias),
                        c + ", blocks of " + columns);
            }
        }
    }

    private static float[] scales(Random random, int count) {
        float[] scales = new float[count];
        for (int i = 0; i < count; i++) {
            scales[i] = (1 + random.nextInt(1000)) / 127f;
        }
        return scales;
    }

    private static void compare(Parallel three, PackedWeights packed, TernaryMatrix matrix, QuantizedPatches x,
            float[] bias, float[] expected, String what) {
        assertEquals(matrix, packed.unpack(), what);
        compare(packed, x, bias, expected, what);
        three.call(() -> {
            compare(packed, x, bias, expected, what + ", 3 threads");
            return null;
        });
    }

    private static void compare(PackedWeights packed, QuantizedPatches x, float[] bias, float[] expected, String what) {
        float[] y = new float[expected.length];
        Arrays.fill(y, Float.NaN);
        TernaryMatmul.multiply(packed, x, bias, y);
        assertArrayEquals(expected, y, what);
        TernaryKernel kernel = packed.kernel();
        if (!kernel.readsPatches(x.grid())) {
            return;
        }
        // in this thread, and in two parts, the later one first
        PreparedActivations prepared = kernel.prepare(x);
        assertEquals(x.rows(), prepared.rows());
        assertEquals(x.columns(), prepared.columns());
        int out = packed.outFeatures();
        int cut = out / 2 / kernel.rowAlignment() * kernel.rowAlignment();
        Arrays.fill(y, Float.NaN);
        kernel.multiply(packed, prepared, bias, y, cut, out);
        kernel.multiply(packed, prepared, bias, y, 0, cut);
        assertArrayEquals(expected, y, what + ", outputs in two parts");
    }

    /** The rows by the definition of a patch. */
    private static QuantizedActivations unfold(QuantizedPatches x) {
        PatchGrid g = x.grid();
        byte[] rows = new byte[g.rows() * g.columns()];
        float[] scales = new float[g.rows()];
        int at = 0;
        int row = 0;
        for (int n = 0; n < g.images(); n++) {
            for (int oy = 0; oy < g.outHeight(); oy++) {
                for (int ox = 0; ox < g.outWidth(); ox++) {
                    scales[row++] = x.scaleOfImage(n);
                    for (int ky = 0; ky < g.kernelHeight(); ky++) {
                        int y = oy * g.strideHeight() + ky * g.dilationHeight() - g.paddingHeight();
                        for (int kx = 0; kx < g.kernelWidth(); kx++) {
                            int column = ox * g.strideWidth() + kx * g.dilationWidth() - g.paddingWidth();
                            boolean inside = y >= 0 && y < g.height() && column >= 0 && column < g.width();
                            int pixel = ((n * g.height() + y) * g.width() + column) * g.channels() + g.firstChannel();
                            for (int c = 0; c < g.patchChannels(); c++) {
                                rows[at++] = inside ? x.pixels()[pixel + c] : 0;
                            }
                        }
                    }
                }
            }
        }
        QuantizedActivations unfolded = new QuantizedActivations(rows, scales, g.rows(), g.columns());
        QuantizedActivations library = x.unfold(0, g.rows());
        assertArrayEquals(unfolded.values(), library.values(), g.toString());
        assertArrayEquals(unfolded.scales(), library.scales(), g.toString());
        return unfolded;
    }

    // ---------------------------------------------------------------- several threads

    @Test
    void preparedPatchesAreSharedByThreadsAndLayers() {
        PatchGrid grid = grid(1, 6, 6, 4, 3, 3, 1, 1, 1); // fewer bands than threads
        TernaryKernel kernel = KernelRegistry.patchKernelFor(CONFIG, 7, grid.columns());
        assumeTrue(kernel.readsPatches(grid), "nothing is prepared for patches here");
        Random random = new Random(7);
        byte[] pixels = new byte[grid.size()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (random.nextInt(255) - 127);
        }
        QuantizedPatches x = new QuantizedPatches(pixels, new float[] {1}, grid);
        PackedWeights[] weights = new PackedWeights[4];
        float[][] expected = new float[weights.length][];
        for (int i = 0; i < weights.length; i++) {
            byte[] trits = new byte[7 * grid.columns()];
            for (int j = 0; j < trits.length; j++) {
                trits[j] = (byte) (random.nextInt(3) - 1);
            }
            TernaryMatrix matrix = TernaryMatrix.of(trits, 7, grid.columns(), new float[] {1});
            weights[i] = kernel.pack(matrix);
            expected[i] = KernelParity.expected(trits, matrix, unfold(x), null);
        }
        try (Parallel four = Parallel.of(4)) {
            PreparedActivations prepared = four.call(() -> kernel.prepare(x));
            IntStream.range(0, 300).parallel().forEach(i -> {
                float[] y = new float[expected[0].length];
                kernel.multiply(weights[i % 4], prepared, null, y, 0, 7);
                assertArrayEquals(expected[i % 4], y);
            });
        }
    }
}
