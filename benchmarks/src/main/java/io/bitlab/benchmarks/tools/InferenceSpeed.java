package io.bitlab.benchmarks.tools;

import com.sun.management.ThreadMXBean;
import io.bitlab.benchmarks.BenchmarkCommand;
import io.bitlab.benchmarks.report.Machine;
import io.bitlab.core.math.FloatMath;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.DecodingSession;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures text generation with one model: tokens a second of prompt and answer, memory, allocation, and the rate at
 * which the machine reads memory in the same run. {@code scripts/inference-speed} runs it.
 */
@Command(name = "inference-speed", mixinStandardHelpOptions = true, description = "Measures text generation.")
public final class InferenceSpeed implements Callable<Integer> {

    private static final int ROUNDS = 5;
    private static final long LEAST_NANOS = 8_000_000_000L; // so that everything is compiled
    private static final int DECODED = 40;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** How keys and values are stored. */
    private enum Cache {
        FLOAT32, BFLOAT16, INT8
    }

    @Mixin
    private MeasuredModel measured;

    @Option(names = "--cache", defaultValue = "FLOAT32",
            description = "how keys and values are stored: ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}")
    private Cache cache;

    private InferenceSpeed() {
    }

    /**
     * Measures and prints.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        BenchmarkCommand.run(new InferenceSpeed(), arguments);
    }

    @Override
    public Integer call() throws IOException {
        try (Parallel parallel = Parallel.of(measured.threads())) {
            long start = System.nanoTime();
            parallel.call(() -> {
                BitTransformer model = measured.load();
                System.out.printf(Locale.ROOT, "made or loaded in %.1f s", (System.nanoTime() - start) * 1e-9);
                model.newSession().append(RandomTransformer.tokens(model.config(), 1));
                System.out.printf(Locale.ROOT, ", first token after %.1f s%n", (System.nanoTime() - start) * 1e-9);
                measure(model, measured.context(), cache);
                return null;
            });
        }
        return 0;
    }

    private static void measure(BitTransformer model, int context, Cache cache) {
        int prompt = Math.min(128, context / 2);
        int[] tokens = RandomTransformer.tokens(model.config(), context);
        DecodingSession session = model.newSession(model.cacheBuilder().bfloat16(cache == Cache.BFLOAT16)
                .int8(cache == Cache.INT8).build());
        double promptRate = 0;
        long begun = System.nanoTime();
        for (int i = 0; i < ROUNDS || System.nanoTime() - begun < LEAST_NANOS; i++) {
            session.truncate(0);
            long start = System.nanoTime();
            session.append(Arrays.copyOf(tokens, prompt));
            promptRate = Math.max(promptRate, prompt * 1e9 / (System.nanoTime() - start));
        }
        int from = Math.max(1, context - DECODED);
        double bestRate = 0;
        long bytes = Long.MAX_VALUE;
        begun = System.nanoTime();
        for (int round = 0; round < ROUNDS || System.nanoTime() - begun < LEAST_NANOS; round++) {
            session.truncate(0);
            session.append(Arrays.copyOf(tokens, from));
            int warm = from + Math.min(8, (context - from) / 2); // the first tokens allocate their memory
            for (int i = from; i < warm; i++) {
                session.append(tokens[i]);
            }
            long allocated = THREADS.getCurrentThreadAllocatedBytes();
            long start = System.nanoTime();
            for (int i = warm; i < context; i++) {
                session.append(tokens[i]);
            }
            double rate = (context - warm) * 1e9 / (System.nanoTime() - start);
            bytes = Math.min(bytes, (THREADS.getCurrentThreadAllocatedBytes() - allocated) / (context - warm));
            bestRate = Math.max(bestRate, rate);
        }
        System.gc();
        long used = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        System.out.printf(Locale.ROOT,
                "prompt of %d: %.0f tokens/s; decoding at %d: %.1f tokens/s; %,d bytes allocated a token; heap in use"
                        + " %.2f GB, resident %s%n",
                prompt, promptRate, context, bestRate, bytes, used * 1e-9, Machine.resident());
        System.out.printf(Locale.ROOT, "memory read by a plain sum: %.1f GB/s%n", readRate());
    }

    /** Gigabytes a second of a sum over an array that no cache holds, with the threads of this run. */
    private static double readRate() {
        float[][] values = new float[16][1 << 24];
        FloatMath math = FloatMath.get();
        float[] sums = new float[values.length];
        double best = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            Parallel.current().forRange(values.length, 1, Long.MAX_VALUE, (from, to) -> {
                for (int i = from; i < to; i++) {
                    sums[i] = math.sum(values[i], 0, values[i].length);
                }
            });
            best = Math.max(best, (double) values.length * values[0].length * Float.BYTES
                    / (System.nanoTime() - start));
        }
        return best;
    }
}
