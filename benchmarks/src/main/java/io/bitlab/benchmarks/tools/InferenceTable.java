package io.bitlab.benchmarks.tools;

import com.sun.management.ThreadMXBean;
import io.bitlab.benchmarks.report.Machine;
import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.math.FloatMath;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.pretrained.LoadOptions;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import io.bitlab.models.transformer.DecodingSession;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * Measures text generation: tokens a second of prompt and answer, memory, allocation.
 *
 * <p>{@code java -cp benchmarks.jar io.bitlab.benchmarks.tools.InferenceTable MODEL FORMAT THREADS CONTEXT}, with MODEL
 * {@code character}, {@code small}, {@code base} or {@code bitnet2B4T} (random weights) or the path of a model in any
 * format, FORMAT of embedding and head. A random model in a file is made by {@link RandomCheckpoint}.
 */
public final class InferenceTable {

    private static final int ROUNDS = 5;
    private static final long LEAST_NANOS = 8_000_000_000L; // so that everything is compiled
    private static final int DECODED = 40;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private InferenceTable() {
    }

    /**
     * Measures and prints.
     *
     * @param args model, table format, threads, context
     * @throws IOException if a model can't be loaded
     */
    public static void main(String[] args) throws IOException {
        int context = Integer.parseInt(args[3]);
        try (Parallel parallel = Parallel.of(Integer.parseInt(args[2]))) {
            long start = System.nanoTime();
            parallel.call(() -> {
                BitTransformer model = model(args[0], args[1]);
                System.out.printf(Locale.ROOT, "made or loaded in %.1f s", (System.nanoTime() - start) * 1e-9);
                model.newConversation().append(RandomTransformer.tokens(model.config(), 1));
                System.out.printf(Locale.ROOT, ", first token after %.1f s%n", (System.nanoTime() - start) * 1e-9);
                measure(model, context);
                return null;
            });
        }
    }

    /** A random model of the sizes that a name stands for, or the one that is stored at a path. */
    static BitTransformer model(String name, String format) throws IOException {
        if (!Files.exists(Path.of(name))) {
            return RandomTransformer.of(config(name).withEmbeddingFormat(EmbeddingFormat.parse(format)));
        }
        LoadOptions options = LoadOptions.defaults().withEmbeddingFormat(EmbeddingFormat.parse(format));
        BitTransformer model = AutoBitModel.load(Path.of(name), BitTransformer.class, options);
        model.deploy();
        return model;
    }

    /** The sizes that a name stands for. */
    static BitTransformerConfig config(String model) {
        return switch (model) {
            case "character" -> BitTransformerConfig.character(65);
            case "small" -> BitTransformerConfig.small(32_000);
            case "base" -> BitTransformerConfig.base(32_000);
            case "bitnet2B4T" -> BitTransformerConfig.bitnet2B4T();
            default -> throw new IllegalArgumentException("Unknown model '" + model + "'");
        };
    }

    private static void measure(BitTransformer model, int context) {
        int prompt = Math.min(128, context / 2);
        int[] tokens = RandomTransformer.tokens(model.config(), context);
        DecodingSession conversation = model.newConversation();
        double promptRate = 0;
        long begun = System.nanoTime();
        for (int i = 0; i < ROUNDS || System.nanoTime() - begun < LEAST_NANOS; i++) {
            conversation.truncate(0);
            long start = System.nanoTime();
            conversation.append(Arrays.copyOf(tokens, prompt));
            promptRate = Math.max(promptRate, prompt * 1e9 / (System.nanoTime() - start));
        }
        int from = Math.max(1, context - DECODED);
        double bestRate = 0;
        long bytes = Long.MAX_VALUE;
        begun = System.nanoTime();
        for (int round = 0; round < ROUNDS || System.nanoTime() - begun < LEAST_NANOS; round++) {
            conversation.truncate(0);
            conversation.append(Arrays.copyOf(tokens, from));
            int warm = from + Math.min(8, (context - from) / 2); // the first tokens find their memory
            for (int i = from; i < warm; i++) {
                conversation.append(tokens[i]);
            }
            long allocated = THREADS.getCurrentThreadAllocatedBytes();
            long start = System.nanoTime();
            for (int i = warm; i < context; i++) {
                conversation.append(tokens[i]);
            }
            double rate = (context - warm) * 1e9 / (System.nanoTime() - start);
            bytes = Math.min(bytes, (THREADS.getCurrentThreadAllocatedBytes() - allocated) / (context - warm));
            bestRate = Math.max(bestRate, rate);
        }
        System.gc();
        long used = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        System.out.printf(Locale.ROOT,
                "prompt of %d: %.0f tokens/s; decoding at %d: %.1f tokens/s; %,d bytes allocated a token; heap in use %.2f GB,"
                        + " resident %s%n",
                prompt, promptRate, context, bestRate, bytes, used * 1e-9, Machine.resident());
        System.out.printf(Locale.ROOT, "memory read by a plain sum: %.1f GB/s%n", readRate());
    }

    /** Bytes a nanosecond of a sum over an array that no cache holds, with the threads of this run. */
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
