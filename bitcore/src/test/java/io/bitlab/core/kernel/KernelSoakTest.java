package io.bitlab.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.TernaryMatrix;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Ten minutes of random products: every kernel that accepts, the chosen one among them, against the oracle, exactly;
 * and memory that does not grow. Each case has a seed of its own, which a failure names; to see that case again:
 *
 * <pre>
 * scripts/soak --seed SEED
 * </pre>
 *
 * <p>{@code --minutes N} is another duration. The memory is compared with that after a tenth of the time.
 */
@Tag("long")
class KernelSoakTest {

    /** So many multiply-adds a case at most: the oracle takes about 20 ms for them. */
    private static final int LARGEST = 40_000_000;
    private static final int LONGEST = 7_000;
    private static final int MOST_ROWS = 300;
    private static final int MOST_THREADS = 4;
    private static final int BLOCK = 256;
    private static final float UNTOUCHED = -12345.678f;
    /** A workspace forgets lengths that this many resets did not see. */
    private static final int FORGETTING = 20;
    /** What code, profiles and statistics of the JVM and JUnit may come to in minutes. */
    private static final long MORE_HEAP = 8L << 20;

    private enum Weights { RANDOM, SPARSE, ALL_MINUS_ONE, ALL_PLUS_ONE, ALL_ZERO }

    private enum Scales { TENSOR, ROW, BLOCK }

    private enum Inputs { GAUSSIAN, EXTREME, ZEROS, ONE_HOT, TINY }

    private final Workspace workspace = new Workspace();
    private final Parallel[] pools = new Parallel[MOST_THREADS];
    private final Map<String, Long> products = new TreeMap<>();
    private long cases;
    private double weights;
    private long largestWorkspace;

    @Test
    void everyKernelEqualsTheOracleAndMemoryStaysFlat() {
        Arrays.setAll(pools, i -> Parallel.of(i + 1));
        try {
            Long replayed = Long.getLong("bitlab.soak.seed");
            if (replayed != null) {
                check(replayed);
            } else {
                soak(System.nanoTime(), Duration.ofSeconds(Math.round(
                        60 * Double.parseDouble(System.getProperty("bitlab.soak.minutes", "10")))));
            }
        } finally {
            Arrays.stream(pools).forEach(Parallel::close);
        }
    }

    private void soak(long firstSeed, Duration duration) {
        long start = System.nanoTime();
        long seed = firstSeed;
        while (System.nanoTime() - start < duration.toNanos() / 10) {
            check(seed++);
        }
        long earlyWorkspace = workspaceAtRest();
        long earlyHeap = heapAtRest();
        while (System.nanoTime() - start < duration.toNanos()) {
            check(seed++);
        }
        long lateWorkspace = workspaceAtRest(); // first, since what a workspace keeps is on the heap
        long heap = heapAtRest();
        System.out.printf("""
                soak: %d cases in %s, seeds %d to %d, JVM %s
                soak: %.1f billion multiply-adds, without the oracle's; products by kernel: %s
                soak: heap at rest %.2f MB after a tenth of the time, %.2f MB at the end; workspace at rest %d and %d \
                bytes, at most %.1f MB
                """, cases, duration, firstSeed, seed - 1, System.getProperty("java.vm.version"), weights / 1e9,
                products,
                earlyHeap / 1e6, heap / 1e6, earlyWorkspace, lateWorkspace, largestWorkspace / 1e6);
        assertEquals(earlyWorkspace, lateWorkspace, "bytes in the workspace after the same products");
        assertTrue(heap <= earlyHeap + MORE_HEAP, () -> "heap at rest grew from " + earlyHeap + " to " + heap);
        for (ActivationDtype dtype : ActivationDtype.values()) { // and none was disabled on the way
            TernaryKernel chosen = KernelRegistry.kernelFor(BitQuantConfig.defaults().withActivationDtype(dtype));
            assertTrue(products.containsKey(chosen.name()), () -> chosen.name() + " was chosen and never compared");
        }
    }

    /** Used bytes when nothing but what is kept is there. */
    private static long heapAtRest() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            least = Math.min(least, Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        }
        return least;
    }

    /** What the workspace keeps after the same products, once it has forgotten all others. */
    private long workspaceAtRest() {
        for (int i = 0; i < FORGETTING; i++) {
            workspace.reset();
        }
        check(1);
        return workspace.residentBytes();
    }

    // ---------------------------------------------------------------- one case

    private void check(long seed) {
        Random random = new Random(seed);
        random.nextInt(); // neighbouring seeds begin alike
        int in = size(random, LONGEST);
        int out = size(random, Math.min(LONGEST, LARGEST / in));
        int rows = random.nextBoolean() ? 1 + random.nextInt(Math.min(8, LARGEST / (in * out)))
                : size(random, Math.min(MOST_ROWS, LARGEST / (in * out)));
        BitQuantConfig config = BitQuantConfig.builder()
                .activationDtype(pick(random, ActivationDtype.values()))
                .activationGranularity(pick(random, Granularity.values())).build();
        Weights kind = pick(random, Weights.values());
        Scales scales = pick(random, Scales.values());
        Inputs inputs = pick(random, Inputs.values());
        float[] bias = random.nextBoolean() ? gaussian(random, out, 1) : null;
        int threads = 1 + random.nextInt(MOST_THREADS);
        String what = "-Dbitlab.soak.seed=" + seed + ": " + out + " x " + in + ", " + rows + " rows, "
                + config.activationDtype() + ", weights " + kind + ", scales " + scales + ", inputs " + inputs
                + ", bias " + (bias != null) + ", threads " + threads;

        TernaryMatrix matrix = matrix(random, kind, scales, out, in);
        float[] x = inputs(random, inputs, rows, in);
        Activations activations = TernaryMatmul.quantize(x, rows, in, config, what);
        float[] expected = new float[rows * out];
        multiply(KernelRegistry.kernel("scalar").pack(matrix), activations, bias, expected, MOST_THREADS);
        float[] y = new float[rows * out];
        for (TernaryKernel kernel : KernelRegistry.kernels()) {
            if (kernel.refusal(config, out, in).isEmpty() && !(kernel instanceof ScalarKernel)) {
                PackedWeights packed = kernel.pack(matrix);
                Arrays.fill(y, UNTOUCHED);
                multiply(packed, activations, bias, y, threads);
                assertSameBits(expected, y, out, kernel.name() + ", " + what);
                assertEquals(matrix, packed.unpack(), () -> "unpack, " + kernel.name() + ", " + what);
                products.merge(kernel.name(), 1L, Long::sum);
                weights += (double) rows * out * in;
            }
        }
        cases++;
    }

    private void multiply(PackedWeights packed, Activations x, float[] bias, float[] y, int threads) {
        pools[threads - 1].call(() -> {
            workspace.run(() -> TernaryMatmul.multiply(packed, x, bias, y));
            return null;
        });
        workspace.reset();
        largestWorkspace = Math.max(largestWorkspace, workspace.residentBytes());
    }

    private static void assertSameBits(float[] expected, float[] found, int out, String what) {
        for (int i = 0; i < expected.length; i++) {
            if (Float.floatToIntBits(expected[i]) != Float.floatToIntBits(found[i])) {
                fail(what + ": row " + i / out + ", output " + i % out + " is " + found[i] + ", expected "
                        + expected[i]);
            }
        }
    }

    // ---------------------------------------------------------------- data

    /** 1 to most, as many small ones as large ones. */
    private static int size(Random random, int most) {
        return (int) Math.exp(random.nextDouble() * Math.log(most + 1));
    }

    private static <T> T pick(Random random, T[] values) {
        return values[random.nextInt(values.length)];
    }

    private static float[] gaussian(Random random, int count, float size) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian() * size;
        }
        return values;
    }

    private static TernaryMatrix matrix(Random random, Weights kind, Scales scales, int out, int in) {
        byte[] trits = new byte[out * in];
        for (int i = 0; i < trits.length; i++) {
            trits[i] = (byte) switch (kind) {
                case RANDOM -> random.nextInt(3) - 1;
                case SPARSE -> random.nextInt(20) == 0 ? 2 * random.nextInt(2) - 1 : 0;
                case ALL_MINUS_ONE -> -1;
                case ALL_PLUS_ONE -> 1;
                case ALL_ZERO -> 0;
            };
        }
        return switch (scales) {
            case TENSOR -> TernaryMatrix.of(trits, out, in, gaussian(random, 1, 0.1f));
            case ROW -> TernaryMatrix.of(trits, out, in, gaussian(random, out, 0.1f));
            case BLOCK -> TernaryMatrix.ofBlocks(trits, out, in, gaussian(random, out * Math.ceilDiv(in, BLOCK), 0.1f),
                    BLOCK);
        };
    }

    private static float[] inputs(Random random, Inputs kind, int rows, int in) {
        return switch (kind) {
            case GAUSSIAN -> gaussian(random, rows * in, 1);
            case ZEROS -> new float[rows * in];
            case TINY -> gaussian(random, rows * in, Math.scalb(1f, -random.nextInt(150)));
            case EXTREME -> { // int8 makes of these -127 and 127
                boolean alike = random.nextBoolean();
                float[] values = new float[rows * in];
                for (int i = 0; i < values.length; i++) {
                    values[i] = alike || random.nextBoolean() ? 1 : -1;
                }
                yield values;
            }
            case ONE_HOT -> {
                float[] values = new float[rows * in];
                for (int row = 0; row < rows; row++) {
                    values[row * in + random.nextInt(in)] = (float) random.nextGaussian();
                }
                yield values;
            }
        };
    }
}
