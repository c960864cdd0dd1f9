package io.bitlab.core.vector;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.KernelParity;
import io.bitlab.core.kernel.KernelParity.Size;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.PreparedActivations;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.platform.VectorPlatform;
import io.bitlab.core.quant.FloatActivations;
import io.bitlab.core.quant.QuantizedActivations;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("parity")
class Int8KernelTest {

    enum Kernel {
        LOOKUP, BYTE_LOOKUP, MULTIPLY;

        /** The kernel; where it can't run the test is skipped. */
        TernaryKernel here() {
            VectorPlatform platform = VectorPlatform.current();
            assumeTrue(platform.isUsable(), platform::reason);
            TernaryKernel kernel = switch (this) {
                case LOOKUP -> new LookupKernel();
                case BYTE_LOOKUP -> new ByteLookupKernel();
                case MULTIPLY -> new MultiplyKernel();
            };
            Optional<String> refusal = kernel.refusal(BitQuantConfig.defaults(), 64, 64);
            assumeTrue(refusal.isEmpty(), () -> kernel.name() + " " + refusal.orElseThrow());
            return kernel;
        }
    }

    private static Stream<Size> sizes() {
        // Vectors are 8, 16 or 32 rows, tiles 4, 2 or 1 of them; groups are 9 or 16 columns, stripes 252 or 256.
        int[] outs =
                {7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 95, 96, 97, 127, 128, 129, 130, 159, 192, 224, 255, 257};
        int[] ins = {8, 9, 17, 18, 19, 26, 27, 28, 35, 36, 37, 127, 128, 129, 130, 251, 252, 253, 256, 257, 258, 259,
            503, 505, 513};
        Stream<Size> edges = IntStream.range(0, outs.length).boxed().flatMap(i -> Stream.of(
                new Size(outs[i], ins[i], 1 + i % 9, 3000 + i),
                new Size(outs[outs.length - 1 - i], ins[i], 1, 4000 + i)));
        Stream<Size> batches = IntStream.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 16, 17, 18, 19, 22, 23)
                .mapToObj(rows -> new Size(100, 300, rows, 5000 + rows));
        Stream<Size> larger = Stream.of(new Size(2100, 40, 5, 6000), new Size(70, 1300, 64, 6001),
                new Size(160, 2560, 5, 6002), new Size(96, 14336, 1, 6003), new Size(33, 14336, 4, 6004));
        // Several bands of several stripes, the last ones not whole.
        Stream<Size> bands = Stream.of(new Size(300, 600, 1, 6005), new Size(1431, 300, 1, 6006),
                new Size(1431, 300, 5, 6007), new Size(2700, 261, 1, 6008), new Size(2700, 40, 13, 6009),
                new Size(1300, 70, 33, 6010), new Size(65, 700, 70, 6011));
        return Stream.of(KernelParity.sizes(), edges, batches, larger, bands).flatMap(s -> s);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void lookup(Size size) {
        KernelParity.check(Kernel.LOOKUP.here(), ActivationDtype.INT8, size);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void byteLookup(Size size) {
        KernelParity.check(Kernel.BYTE_LOOKUP.here(), ActivationDtype.INT8, size);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void multiply(Size size) {
        KernelParity.check(Kernel.MULTIPLY.here(), ActivationDtype.INT8, size);
    }

    /** A name that says another width than the machine's would be a test of something else. */
    @ParameterizedTest
    @EnumSource
    void theNameSaysTheWidth(Kernel kernel) {
        TernaryKernel here = kernel.here();
        assertTrue(here.name().endsWith("-" + VectorPlatform.current().bits()), here.name());
        assertTrue(here.isVectorized());
    }

    /** Blocks as wide as 16-bit sums allow, one column wider, and cut anywhere. */
    @ParameterizedTest
    @EnumSource
    void blocksOfScales(Kernel kernel) {
        TernaryKernel tested = kernel.here();
        int[] widths = {3, 9, 100, 255, 257, 258, 259, 260, 600, 777};
        for (int blockColumns : widths) {
            Random random = new Random(blockColumns);
            int out = 70;
            int in = 1600;
            byte[] trits = new byte[out * in];
            Arrays.fill(trits, (byte) 1);
            float[] scales = new float[out * Math.ceilDiv(in, blockColumns)];
            for (int i = 0; i < scales.length; i++) {
                scales[i] = random.nextFloat() - 0.5f;
            }
            TernaryMatrix matrix = TernaryMatrix.ofBlocks(trits, out, in, scales, blockColumns);
            assertEquals(matrix, tested.pack(matrix).unpack());
            for (int rows : new int[] {1, 6, 21}) {
                byte[] values = new byte[rows * in];
                Arrays.fill(values, (byte) (random.nextBoolean() ? 127 : -127));
                compare(tested, matrix, new QuantizedActivations(values, new float[] {0.5f}, rows, in),
                        "blocks of " + blockColumns + ", " + rows + " rows");
            }
        }
    }

    /** Small values let many stretches of columns be added up in 16 bits; here the sums come close to the limit. */
    @ParameterizedTest
    @EnumSource
    void sumsAtTheLimitOf16Bits(Kernel kernel) {
        TernaryKernel tested = kernel.here();
        int out = 33;
        int in = 5000;
        byte[] trits = new byte[out * in];
        Arrays.fill(trits, (byte) -1);
        TernaryMatrix matrix = TernaryMatrix.of(trits, out, in, new float[] {1});
        for (int rows : new int[] {1, 4, 5, 17}) {
            for (int size : new int[] {1, 6, 7, 13, 14, 32, 33, 63, 64, 65, 126, 127}) {
                byte[] values = new byte[rows * in];
                Random random = new Random(size);
                for (int i = 0; i < values.length; i++) {
                    values[i] = (byte) (random.nextInt(50) == 0 ? -127 : size);
                }
                compare(tested, matrix, new QuantizedActivations(values, new float[] {1}, rows, in),
                        rows + " rows of " + size);
            }
        }
    }

    /** Two activations and all weights that they can have: everything that a table of pairs can hold. */
    @ParameterizedTest
    @EnumSource
    void everyPairOfActivations(Kernel kernel) {
        byte[] trits = new byte[18];
        for (int i = 0; i < 9; i++) {
            trits[2 * i] = (byte) (i % 3 - 1);
            trits[2 * i + 1] = (byte) (i / 3 - 1);
        }
        byte[] values = new byte[2 * 255 * 255];
        float[] expected = new float[9 * 255 * 255];
        for (int row = 0; row < 255 * 255; row++) {
            values[2 * row] = (byte) (row % 255 - 127);
            values[2 * row + 1] = (byte) (row / 255 - 127);
            for (int o = 0; o < 9; o++) {
                expected[9 * row + o] = trits[2 * o] * values[2 * row] + trits[2 * o + 1] * values[2 * row + 1];
            }
        }
        assertArrayEquals(expected, product(kernel.here(), TernaryMatrix.of(trits, 9, 2, new float[] {1}),
                new QuantizedActivations(values, new float[] {1}, 255 * 255, 2)));
    }

    /** So many rows that they are prepared a slice at a time. */
    @ParameterizedTest
    @EnumSource
    void largeBatches(Kernel kernel) {
        compareLarge(kernel.here(), 1701, 2300);
        compareLarge(kernel.here(), 323, 14336); // the last slice has only rows that fill no tile
    }

    private static void compareLarge(TernaryKernel kernel, int rows, int in) {
        int out = 3;
        Random random = new Random(7);
        byte[] trits = new byte[out * in];
        byte[] values = new byte[rows * in];
        float[] scales = new float[rows];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) (random.nextInt(255) - 127);
        }
        for (int i = 0; i < trits.length; i++) {
            trits[i] = (byte) (random.nextInt(3) - 1);
        }
        for (int i = 0; i < rows; i++) {
            scales[i] = random.nextFloat();
        }
        TernaryMatrix matrix = TernaryMatrix.of(trits, out, in, new float[] {0.1f, 0.2f, 0.3f});
        String what = rows + " rows of " + in + ", seed 7";
        compare(kernel, matrix, new QuantizedActivations(values, scales, rows, in), what);
        compare(kernel, matrix, new QuantizedActivations(values, new float[] {2}, rows, in), what + ", one scale");
        TernaryMatrix blocks = TernaryMatrix.ofBlocks(trits, out, in, Arrays.copyOf(scales, out * 2), in / 2);
        compare(kernel, blocks, new QuantizedActivations(values, scales, rows, in), what + ", blocks of scales");
    }

    /** A workspace is not reset for each product: what a product takes for itself must not add up. */
    @ParameterizedTest
    @EnumSource
    void productsKeepLittleScratch(Kernel kernel) {
        TernaryKernel tested = kernel.here();
        int out = 640;
        int in = 256;
        PackedWeights w = tested.pack(
                TernaryMatrix.ofBlocks(new byte[out * in], out, in, new float[2 * out], in / 2));
        QuantizedActivations x = new QuantizedActivations(new byte[64 * in], new float[] {1}, 64, in);
        float[] y = new float[64 * out];
        Workspace workspace = new Workspace();
        workspace.run(() -> {
            PreparedActivations prepared = tested.prepare(x);
            tested.multiply(w, prepared, null, y, 0, out);
            long first = workspace.residentBytes();
            for (int i = 0; i < 10; i++) {
                tested.multiply(w, prepared, null, y, 0, out);
            }
            assertTrue(workspace.residentBytes() - first <= 40_000, // for 10 products
                    () -> first + " bytes after a product, " + workspace.residentBytes() + " after 11");
        });
    }

    private static void compare(TernaryKernel kernel, TernaryMatrix matrix, QuantizedActivations x, String what) {
        float[] expected = product(KernelRegistry.kernel("scalar"), matrix, x);
        assertArrayEquals(expected, product(kernel, matrix, x), () -> kernel.name() + ", " + what);
        Workspace workspace = new Workspace();
        for (int i = 0; i < 2; i++) { // the second time, the arrays have contents
            workspace.run(() -> assertArrayEquals(
                    expected, product(kernel, matrix, x), () -> kernel.name() + " in a workspace, " + what));
            workspace.reset();
        }
    }

    private static float[] product(TernaryKernel kernel, TernaryMatrix matrix, QuantizedActivations x) {
        float[] y = new float[x.rows() * matrix.outFeatures()];
        kernel.multiply(kernel.pack(matrix), kernel.prepare(x), null, y, 0, matrix.outFeatures());
        return y;
    }

    @ParameterizedTest
    @EnumSource
    void refusals(Kernel kernel) {
        TernaryKernel tested = kernel.here();
        BitQuantConfig int8 = BitQuantConfig.defaults();
        int most = Int8Limits.MAX_IN_FEATURES;
        assertEquals(Optional.empty(), tested.refusal(int8, 1, most));
        assertTrue(tested.refusal(int8, 1, most + 1).orElseThrow().contains("132105: split the layer"));
        assertTrue(tested.refusal(int8.withActivationDtype(ActivationDtype.FLOAT32), 1, 1).orElseThrow()
                .contains("int8 activations only"));
        assertThrows(IllegalArgumentException.class, () -> tested.prepare(new FloatActivations(new float[1], 1, 1)));
        byte[] trits = new byte[most];
        Arrays.fill(trits, (byte) 1);
        byte[] values = new byte[most];
        Arrays.fill(values, (byte) -127);
        compare(tested, TernaryMatrix.of(trits, 1, most, new float[] {1}),
                new QuantizedActivations(values, new float[] {1}, 1, most), "the longest row");
        assertThrows(IllegalArgumentException.class,
                () -> tested.pack(TernaryMatrix.of(new byte[most + 1], 1, most + 1, new float[] {1})));
    }

    @ParameterizedTest
    @EnumSource
    void operandsOfOtherKernels(Kernel kernel) {
        TernaryKernel tested = kernel.here();
        TernaryMatrix matrix = TernaryMatrix.of(new byte[] {1, 0}, 1, 2, new float[] {1});
        QuantizedActivations x = new QuantizedActivations(new byte[2], new float[] {1}, 1, 2);
        TernaryKernel other = kernel == Kernel.LOOKUP ? new MultiplyKernel() : KernelRegistry.kernel("scalar");
        PackedWeights own = tested.pack(matrix);
        PackedWeights foreign = other.pack(matrix);
        PreparedActivations ownX = tested.prepare(x);
        PreparedActivations foreignX = other.prepare(x);
        float[] y = new float[1];
        assertTrue(assertThrows(IllegalArgumentException.class, () -> tested.multiply(foreign, ownX, null, y, 0, 1))
                .getMessage().contains("packed by kernel '" + other.name()));
        assertThrows(IllegalArgumentException.class, () -> tested.multiply(own, foreignX, null, y, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> tested.multiply(own, ownX, null, new float[2], 0, 1));
    }
}
