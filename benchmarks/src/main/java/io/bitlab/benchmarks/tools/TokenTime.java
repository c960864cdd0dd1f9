package io.bitlab.benchmarks.tools;

import io.bitlab.benchmarks.BenchmarkCommand;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.DecodingSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Profiles where the time of a token goes: decodes while the JVM's own profiler samples the threads, and sorts the
 * samples by the part of the work. {@code scripts/token-time} runs it with the JVM options that make samples precise.
 */
@Command(name = "token-time", mixinStandardHelpOptions = true,
        description = "Profiles where the time of a token goes.")
public final class TokenTime implements Callable<Integer> {

    private static final Duration PERIOD = Duration.ofMillis(10);
    private static final long WARM_NANOS = 8_000_000_000L;
    private static final long PROFILED_NANOS = 12_000_000_000L;
    private static final int DECODED = 40;
    private static final String OTHER = "other";

    /**
     * A part of a token's work.
     *
     * @param frame the class that does it, without package, or class and method; a prefix is enough
     * @param name what the table calls it
     */
    record Part(String frame, String name) {
    }

    /** The parts; in a stack trace the innermost frame that is listed counts, and of its entries the first. */
    static final List<Part> PARTS = List.of(
            new Part("Parallel$Helper", "waiting for work"),
            new Part("SharedRange.await", "waiting for the other threads"),
            new Part("Int8KernelActivations", "tables of activations"),
            new Part("LookupTables", "tables of activations"),
            new Part("MultiplyFactors", "tables of activations"),
            new Part("BatchTables.fill", "tables of activations"),
            new Part("Int8Kernel.compute", "ternary products"),
            new Part("Int8Kernel.prepare", "tables of activations"),
            new Part("PlainKernel", "ternary products"),
            new Part("ActivationQuantizer", "rounding activations"),
            new Part("EmbeddingTable.multiply", "head"),
            new Part("RowBlocks", "head"),
            new Part("Nf4Table", "head"),
            new Part("CachedAttention.softmax", "attention: softmax"),
            new Part("CachedAttention", "attention: keys and values"),
            new Part("KvCache", "attention: keys and values"),
            new Part("KvPages", "attention: keys and values"),
            new Part("RotaryEmbedding", "rotary embedding"),
            new Part("RMSNorm", "norms"),
            new Part("Pointwise", "gates"),
            new Part("Embedding", "embedding"),
            new Part("Tensor.add", "adding"));

    @Mixin
    private MeasuredModel measured;

    @Option(names = "--prompt", description = "profile a prompt of CONTEXT tokens instead of decoding")
    private boolean prompt;

    private TokenTime() {
    }

    /**
     * Profiles and prints a table.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        BenchmarkCommand.run(new TokenTime(), arguments);
    }

    @Override
    public Integer call() throws IOException {
        Path file = Files.createTempFile("token-time", ".jfr");
        try (Parallel parallel = Parallel.of(measured.threads()); Recording recording = new Recording()) {
            BitTransformer model = measured.load();
            recording.enable("jdk.ExecutionSample").withPeriod(PERIOD);
            int[] tokens = RandomTransformer.tokens(model.config(), measured.context());
            parallel.call(() -> {
                DecodingSession session = model.newSession();
                run(session, tokens, prompt, WARM_NANOS);
                recording.start();
                double micros = run(session, tokens, prompt, PROFILED_NANOS);
                recording.stop();
                recording.dump(file);
                print(file, micros);
                return null;
            });
        } finally {
            Files.deleteIfExists(file);
        }
        return 0;
    }

    /** Decodes, or reads the prompt, again and again; returns the microseconds of a token. */
    private static double run(DecodingSession session, int[] tokens, boolean prompt, long nanos) {
        int from = prompt ? 0 : tokens.length - DECODED;
        if (session.length() < from) {
            session.truncate(0);
            session.append(Arrays.copyOf(tokens, from));
        }
        long start = System.nanoTime();
        long count = 0;
        while (System.nanoTime() - start < nanos) {
            session.truncate(from);
            if (prompt) {
                session.append(tokens);
            } else {
                for (int i = from; i < tokens.length; i++) {
                    session.append(tokens[i]);
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
        return PARTS.stream().filter(part -> method.startsWith(part.frame())).map(Part::name).findFirst().orElse(OTHER);
    }
}
