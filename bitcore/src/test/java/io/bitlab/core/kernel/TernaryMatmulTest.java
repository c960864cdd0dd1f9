package io.bitlab.core.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.WeightScale;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.PatchGrid;
import io.bitlab.core.quant.QuantizedActivations;
import io.bitlab.core.quant.QuantizedPatches;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.quant.TernaryQuantizer;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fallback")
class TernaryMatmulTest {

    private static TernaryMatrix matrix(long seed, int out) {
        return TernaryQuantizer.quantize(Tensor.randn(seed, out, 50).data(), out, 50, Granularity.PER_TENSOR,
                WeightScale.ABS_MEAN);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 9})
    void everyThreadReadsTheSameActivations(int rows) {
        BitQuantConfig config = BitQuantConfig.defaults();
        TernaryKernel kernel = KernelRegistry.kernelFor(config, 200, 50);
        PackedWeights weights = kernel.pack(matrix(4, 200));
        Activations x = TernaryMatmul.quantize(Tensor.randn(5, rows, 50).data(), rows, 50, config, "test");
        float[] expected = new float[rows * 200];
        kernel.multiply(weights, kernel.prepare(x), null, expected, 0, 200);
        try (Parallel parallel = Parallel.of(3)) {
            PreparedActivations prepared = parallel.call(() -> kernel.prepare(x));
            for (int thread = 0; thread < 4; thread++) { // one more than expected must do too
                for (int again = 0; again < 2; again++) {
                    float[] actual = new float[rows * 200];
                    kernel.multiply(weights, TernaryMatmul.forThread(prepared, thread), null, actual, 0, 200);
                    assertArrayEquals(expected, actual);
                }
            }
        }
    }

    /** One row is divided by neighbours in memory, a batch by rows, unless that leaves a thread without work. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void anyDivisionGivesTheSameResults(int threads) {
        BitQuantConfig config = BitQuantConfig.defaults();
        int[] outs = {2700, 640, 33};
        for (int rows : new int[] {1, 5, 70}) {
            Activations x = TernaryMatmul.quantize(Tensor.randn(5, rows, 50).data(), rows, 50, config, "test");
            PackedWeights[] weights = new PackedWeights[outs.length];
            float[][] expected = new float[outs.length][];
            float[][] actual = new float[outs.length][];
            for (int i = 0; i < outs.length; i++) {
                weights[i] = KernelRegistry.kernelFor(config, outs[i], 50).pack(matrix(i, outs[i]));
                expected[i] = new float[rows * outs[i]];
                actual[i] = new float[rows * outs[i]];
                TernaryKernel kernel = weights[i].kernel();
                kernel.multiply(weights[i], kernel.prepare(x), null, expected[i], 0, outs[i]);
            }
            try (Parallel parallel = Parallel.of(threads)) {
                parallel.call(() -> {
                    TernaryMatmul.multiplyAll(weights, x, new float[outs.length][], actual);
                    assertArrayEquals(expected, actual);
                    for (int i = 0; i < outs.length; i++) {
                        Arrays.fill(actual[i], Float.NaN);
                        TernaryMatmul.multiply(weights[i], x, null, actual[i]);
                        assertArrayEquals(expected[i], actual[i]);
                    }
                    return null;
                });
            }
        }
    }

    /** Threads that have the same number, each in a pool of its own, read one prepared batch. */
    @Test
    void preparedBatchesAreShared() throws InterruptedException {
        BitQuantConfig config = BitQuantConfig.defaults();
        PackedWeights weights = KernelRegistry.kernelFor(config, 200, 50).pack(matrix(4, 200));
        Activations x = TernaryMatmul.quantize(Tensor.randn(5, 300, 50).data(), 300, 50, config, "test");
        float[] expected = new float[300 * 200];
        TernaryMatmul.multiply(weights, x, null, expected);
        try (Parallel two = Parallel.of(2)) {
            PreparedActivations prepared = two.call(() -> weights.kernel().prepare(x));
            float[][] actual = new float[4][expected.length];
            Thread[] callers = new Thread[actual.length];
            for (int i = 0; i < callers.length; i++) {
                float[] y = actual[i];
                callers[i] = Thread.ofPlatform().start(() -> Parallel.sequential().call(() -> {
                    for (int again = 0; again < 50; again++) {
                        TernaryMatmul.multiply(weights, prepared, null, y);
                    }
                    return null;
                }));
            }
            for (int i = 0; i < callers.length; i++) {
                callers[i].join();
                assertArrayEquals(expected, actual[i]);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void layersMayHaveDifferentKernels(int threads) {
        PatchGrid grid = new PatchGrid(2, 5, 4, 6, 0, 6, 3, 3, 1, 1, 1, 1, 1, 1);
        byte[] values = new byte[grid.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) (i * 37 % 255 - 127);
        }
        for (Activations x : List.of(new QuantizedActivations(values, new float[] {0.5f}, 40, 6),
                new QuantizedPatches(values, new float[] {0.5f, 2}, grid))) {
            TernaryMatrix matrix = TernaryQuantizer.quantize(Tensor.randn(1, 33, x.columns()).data(), 33, x.columns(),
                    Granularity.PER_TENSOR, WeightScale.ABS_MEAN);
            PackedWeights[] weights = KernelRegistry.kernels().stream()
                    .filter(k -> k.refusal(BitQuantConfig.defaults(), 33, x.columns()).isEmpty())
                    .map(k -> k.pack(matrix)).toArray(PackedWeights[]::new);
            float[] expected = new float[x.rows() * 33];
            TernaryMatmul.multiply(weights[weights.length - 1], x, null, expected);
            float[][] found = new float[weights.length][expected.length];
            try (Parallel parallel = Parallel.of(threads)) {
                parallel.call(() -> {
                    TernaryMatmul.multiplyAll(weights, x, new float[weights.length][], found);
                    return null;
                });
            }
            for (int i = 0; i < weights.length; i++) {
                assertArrayEquals(expected, found[i], weights[i].kernel().name() + ", " + x);
            }
        }
    }

    @Test
    void activationsArePreparedOnceForSeveralLayers() {
        BitQuantConfig config = BitQuantConfig.defaults();
        TernaryKernel kernel = KernelRegistry.kernelFor(config, 200, 50);
        Activations x = TernaryMatmul.quantize(Tensor.randn(1, 3, 50).data(), 3, 50, config, "test");
        PreparedActivations prepared = kernel.prepare(x);
        for (int out : new int[] {200, 64, 7}) {
            PackedWeights weights = kernel.pack(matrix(out, out));
            float[] expected = new float[3 * out];
            float[] actual = new float[3 * out];
            TernaryMatmul.multiply(weights, x, null, expected);
            TernaryMatmul.multiply(weights, prepared, null, actual);
            assertArrayEquals(expected, actual);
        }
        PackedWeights others = KernelRegistry.kernel("scalar").pack(matrix(1, 7));
        PreparedActivations plain = KernelRegistry.kernel("plain").prepare(x);
        assertThrows(IllegalArgumentException.class, () -> TernaryMatmul.multiply(others, plain, null, new float[21]));
    }
}
