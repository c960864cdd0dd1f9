package io.bitlab.benchmarks.tools;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.DecodingSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

/**
 * Where the time of a token goes: decodes while the JVM's own profiler samples the threads, and sorts the samples.
 *
 * <p>{@code java -XX:+UnlockDiagnosticVMOptions -XX:+DebugNonSafepoints -cp benchmarks.jar
 * io.bitlab.benchmarks.tools.TokenTime MODEL FORMAT THREADS CONTEXT}, arguments as of {@link InferenceTable}; with a
 * fifth, {@code prompt}, it profiles a prompt of CONTEXT tokens instead.
 */
public final class TokenTime {

    private static final Duration PERIOD = Duration.ofMillis(10);
    private static final long WARM_NANOS = 8_000_000_000L;
    private static final long PROFILED_NANOS = 12_000_000_000L;
    private static final int DECODED = 40;
    private static final String OTHER = "other";

    /** What part of a token's work the frames of a class belong to; the innermost frame that is listed decides. */
    private static final Map<String, String> PARTS = new LinkedHashMap<>();

    static {
        PARTS.put("Parallel$Helper", "waiting for work");
        PARTS.put("SharedRange.await", "waiting for the other threads");
        PARTS.put("Int8KernelActivations", "tables of activations");
        PARTS.put("LookupTables", "tables of activations");
        PARTS.put("MultiplyFactors", "tables of activations");
        PARTS.put("Int8Kernel.compute", "ternary products");
        PARTS.put("Int8Kernel.prepare", "tables of activations");
        PARTS.put("PlainKernel", "ternary products");
        PARTS.put("ActivationQuantizer", "rounding activations");
        PARTS.put("WeightTable.multiply", "head");
        PARTS.put("CachedAttention.softmax", "attention: softmax");
        PARTS.put("CachedAttention", "attention: keys and values");
        PARTS.put("KvCache", "attention: keys and values");
        PARTS.put("RotaryEmbedding", "rotary embedding");
        PARTS.put("RMSNorm", "norms");
        PARTS.put("Pointwise", "gates");
        PARTS.put("Embedding", "embedding");
        PARTS.put("Tensor.add", "adding");
    }

    private TokenTime() {
    }

    /**
     * Profiles and prints a table.
     *
     * @param args model, table format, threads, context, and {@code prompt} or nothing
     * @throws IOException if the recording can't be written to a temporary file
     */
    public static void main(String[] args) throws IOException {
        int context = Integer.parseInt(args[3]);
        boolean prompt = args.length > 4 && args[4].equals("prompt");
        Path file = Files.createTempFile("token-time", ".jfr");
        try (Parallel parallel = Parallel.of(Integer.parseInt(args[2])); Recording recording = new Recording()) {
            BitTransformer model = InferenceTable.model(args[0], args[1]);
            recording.enable("jdk.ExecutionSample").withPeriod(PERIOD);
            int[] tokens = RandomTransformer.tokens(model.config(), context);
            parallel.call(() -> {
                DecodingSession conversation = model.newConversation();
                run(conversation, tokens, prompt, WARM_NANOS);
                recording.start();
                double micros = run(conversation, tokens, prompt, PROFILED_NANOS);
                recording.stop();
                recording.dump(file);
                print(file, micros);
                return null;
            });
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** Returns the microseconds of a token. */
    private static double run(DecodingSession conversation, int[] tokens, boolean prompt, long nanos) {
        int from = prompt ? 0 : tokens.length - DECODED;
        if (conversation.length() < from) {
            conversation.truncate(0);
            conversation.append(Arrays.copyOf(tokens, from));
        }
        long start = System.nanoTime();
        long count = 0;
        while (System.nanoTime() - start < nanos) {
            conversation.truncate(from);
            if (prompt) {
                conversation.append(tokens);
            } else {
                for (int i = from; i < tokens.length; i++) {
                    conversation.append(tokens[i]);
                }
            }
            count += tokens.length - from;
        }
        return (System.nanoTime() - start) * 1e-3 / count;
    }

    private static void print(Path file, double micros) throws IOException {
        String caller = Thread.currentThread().getName();
        Map<String, int[]> samples = new TreeMap<>();
        int[] total = new int[2];
        try (RecordingFile recording = new RecordingFile(file)) {
            while (recording.hasMoreEvents()) {
                RecordedEvent event = recording.readEvent();
                RecordedThread thread = event.getThread("sampledThread");
                if (thread == null || event.getStackTrace() == null) {
                    continue;
                }
                int column = thread.getJavaName().equals(caller) ? 0 : 1;
                String part = event.getStackTrace().getFrames().stream().map(TokenTime::partOf)
                        .filter(name -> !name.equals(OTHER)).findFirst().orElse(OTHER);
                samples.computeIfAbsent(part, name -> new int[2])[column]++;
                total[column]++;
            }
        }
        System.out.printf(Locale.ROOT, "%.0f us a token; samples %s%n%n", micros, Arrays.toString(total));
        System.out.println("| part | caller, us | helpers, us |\n|---|---|---|");
        samples.entrySet().stream()
                .sorted((a, b) -> Integer.compare(b.getValue()[0] + b.getValue()[1], a.getValue()[0] + a.getValue()[1]))
                .forEach(entry -> System.out.printf(Locale.ROOT, "| %s | %.0f | %.0f |%n", entry.getKey(),
                        micros * entry.getValue()[0] / Math.max(1, total[0]),
                        micros * entry.getValue()[1] / Math.max(1, total[0])));
    }

    private static String partOf(RecordedFrame frame) {
        String type = frame.getMethod().getType().getName();
        String method = type.substring(type.lastIndexOf('.') + 1) + "." + frame.getMethod().getName();
        return PARTS.entrySet().stream().filter(part -> method.startsWith(part.getKey())).map(Map.Entry::getValue)
                .findFirst().orElse(OTHER);
    }
}
