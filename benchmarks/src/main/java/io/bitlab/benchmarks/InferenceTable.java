package io.bitlab.benchmarks;

import com.sun.management.ThreadMXBean;
import io.bitlab.core.TableFormat;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import io.bitlab.models.transformer.Conversation;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;

/**
 * Measures text generation: tokens a second of prompt and answer, memory, allocation.
 *
 * <p>{@code java -cp benchmarks.jar io.bitlab.benchmarks.InferenceTable MODEL FORMAT THREADS CONTEXT}, with MODEL
 * {@code character}, {@code small}, {@code base} or {@code bitnet2B4T} (random weights), FORMAT of embedding and head.
 */
public final class InferenceTable {

    private InferenceTable() {
    }

    /**
     * Measures and prints.
     *
     * @param args model, table format, threads, context
     */
    public static void main(String[] args) {
        TableFormat format = TableFormat.parse(args[1]);
        BitTransformerConfig config = (switch (args[0]) {
            case "character" -> BitTransformerConfig.character(65);
            case "small" -> BitTransformerConfig.small(32_000);
            case "base" -> BitTransformerConfig.base(32_000);
            default -> BitTransformerConfig.bitnet2B4T();
        }).withTableFormat(format);
        int context = Integer.parseInt(args[3]);
        try (Parallel parallel = Parallel.of(Integer.parseInt(args[2]))) {
            long start = System.nanoTime();
            BitTransformer model = RandomTransformer.of(config);
            System.out.printf(Locale.ROOT, "made in %.1f s%n", (System.nanoTime() - start) * 1e-9);
            parallel.call(() -> {
                measure(model, context);
                return null;
            });
        }
    }

    private static void measure(BitTransformer model, int context) {
        int prompt = Math.min(128, context / 2);
        int[] tokens = RandomTransformer.tokens(model.config(), context);
        Conversation conversation = model.newConversation();
        double[] promptRates = new double[3];
        for (int i = 0; i < promptRates.length; i++) {
            conversation.truncate(0);
            long start = System.nanoTime();
            conversation.append(Arrays.copyOf(tokens, prompt));
            promptRates[i] = prompt * 1e9 / (System.nanoTime() - start);
        }
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int parts = context > 256 ? 1 : 400;
        double best = 0;
        double last = 0;
        long bytes = 0;
        for (int round = 0; round < 5; round++) {
            long allocated = threads.getCurrentThreadAllocatedBytes();
            long start = System.nanoTime();
            int count = 0;
            for (int part = 0; part < parts; part++) {
                conversation.truncate(0);
                int from = parts == 1 ? context - 32 : 1;
                if (from > 1) {
                    conversation.append(Arrays.copyOf(tokens, from));
                    start = System.nanoTime();
                    allocated = threads.getCurrentThreadAllocatedBytes();
                }
                for (int i = from; i < context; i++) {
                    conversation.append(tokens[i]);
                    count++;
                }
            }
            last = count * 1e9 / (System.nanoTime() - start);
            best = Math.max(best, last);
            bytes = (threads.getCurrentThreadAllocatedBytes() - allocated) / count;
            System.out.printf(Locale.ROOT, "decode %.1f tokens/s%n", last);
        }
        System.gc();
        long used = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        System.out.printf(Locale.ROOT, "prompt of %d: %s tokens/s; decode best %.1f; %d bytes a token; heap %.2f GB%n",
                prompt, Arrays.toString(promptRates), best, bytes, used * 1e-9);
    }
}
