package io.bitlab.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.testing.Configurations;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link BitLinear#apply} on plain arrays, also from many threads. */
class BitLinearApplyTest {

    private static final int THREADS = 8;

    static Stream<BitQuantConfig> configurations() {
        return Configurations.all().stream();
    }

    @Test
    void needsEvaluation() {
        BitLinear layer = BitLinear.builder(4, 3).build();
        Sequential net = new Sequential(layer);
        String message = "BitLinear(4 -> 3) '0'.apply: the layer is in training; call eval() first";
        assertEquals(message, assertThrows(IllegalStateException.class,
                () -> layer.apply(new float[4], 1, new float[3])).getMessage());
        net.eval();
        layer.apply(new float[4], 1, new float[3]);
        net.train();
        assertEquals(message, assertThrows(IllegalStateException.class,
                () -> layer.apply(new float[4], 1, new float[3])).getMessage());
    }

    @Test
    void refusesArraysThatDoNotFit() {
        BitLinear layer = BitLinear.builder(4, 3).build();
        layer.eval();
        int[][] wrong = {{0, 0, 0}, {-1, 4, 3}, {2, 8, 5}, {2, 7, 6}, {2, 9, 6}, {2, 8, 7}, {1 << 30, 0, 1 << 4}};
        for (int[] sizes : wrong) {
            Exception e = assertThrows(IllegalArgumentException.class,
                    () -> layer.apply(new float[sizes[1]], sizes[0], new float[sizes[2]]));
            assertEquals("BitLinear(4 -> 3).apply: " + sizes[0] + " rows of 4 inputs into rows of 3 outputs don't fit "
                    + "arrays of " + sizes[1] + " and " + sizes[2], e.getMessage());
        }
    }

    @Test
    void worksAgainAfterARefusedInput() {
        BitLinear layer = BitLinear.builder(4, 3).build();
        layer.eval();
        float[] x = Tensor.randn(1, 2, 4).data();
        float[] y = new float[6];
        layer.apply(x, 2, y);
        float[] bad = x.clone();
        bad[6] = Float.NaN;
        assertThrows(IllegalArgumentException.class, () -> layer.apply(bad, 2, new float[6]));
        float[] again = new float[6];
        layer.apply(x, 2, again);
        assertArrayEquals(y, again);
    }

    @Test
    void writesEveryElementOfItsResult() {
        BitLinear layer = BitLinear.builder(4, 3).build();
        layer.eval();
        float[] y = new float[6];
        Arrays.fill(y, Float.NaN);
        layer.apply(new float[8], 2, y);
        assertArrayEquals(new float[6], y);
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void eightThreadsAtOnceGiveTheBitsOfOne(BitQuantConfig config) throws Exception {
        BitLinear first = BitLinear.builder(67, 48).quantConfig(config).build();
        BitLinear second = BitLinear.builder(48, 9).quantConfig(config).build();
        Sequential net = new Sequential(first, new RMSNorm(48), new ReLU(), new Dropout(0.5f), second);
        net.eval();
        List<Tensor> inputs = new ArrayList<>();
        List<float[]> outputs = new ArrayList<>();
        List<float[]> applied = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            inputs.add(Tensor.randn(100 + i, 3 + i, 67));
            outputs.add(net.forward(inputs.get(i)).toArray());
            applied.add(first.forward(inputs.get(i)).toArray());
        }
        CyclicBarrier together = new CyclicBarrier(THREADS);
        List<Callable<Void>> jobs = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            int job = i;
            jobs.add(() -> {
                Tensor x = inputs.get(job);
                float[] y = new float[x.length(0) * 48];
                together.await();
                for (int round = 0; round < 20; round++) {
                    assertArrayEquals(outputs.get(job), net.forward(x).toArray(), config + ", round " + round);
                    first.apply(x.data(), x.length(0), y);
                    assertArrayEquals(applied.get(job), y, config + ", round " + round);
                }
                return null;
            });
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            for (Future<Void> done : threads.invokeAll(jobs)) {
                done.get();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("configurations")
    void allocatesNextToNothing(BitQuantConfig config) {
        BitLinear layer = BitLinear.builder(512, 64).quantConfig(config).build();
        layer.eval();
        int rows = 4;
        float[] x = Tensor.randn(7, rows, 512).data();
        float[] y = new float[rows * 64];
        // Vector code allocates its vectors until C2 has compiled it in the background, so wait for that.
        long deadline = System.nanoTime() + 30_000_000_000L;
        long bytes = bytesPerCall(layer, x, rows, y);
        while (bytes >= 1024 && System.nanoTime() < deadline) {
            bytes = bytesPerCall(layer, x, rows, y);
        }
        // The int8 rows alone are 2048 bytes; what remains is a handful of small objects.
        assertTrue(bytes < 1024, config + ": " + bytes + " bytes a call");
    }

    private static long bytesPerCall(BitLinear layer, float[] x, int rows, float[] y) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int calls = 200;
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < calls; i++) {
            layer.apply(x, rows, y);
        }
        return (threads.getCurrentThreadAllocatedBytes() - before) / calls;
    }
}
