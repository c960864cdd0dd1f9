package io.bitlab.benchmarks.tools;

import com.sun.management.OperatingSystemMXBean;
import io.bitlab.benchmarks.BenchmarkCommand;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.models.transformer.BatchedDecoder;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.DecodingSession;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures several conversations that decode together: tokens a second of all of them, compared with one conversation
 * alone, and the processor time of a token, which a busy machine disturbs less. All variants take turns in each round;
 * the ratios are medians over the rounds. {@code scripts/conversation-speed} runs it.
 */
@Command(name = "conversation-speed", mixinStandardHelpOptions = true,
        description = "Measures several conversations that decode together.")
public final class ConversationSpeed implements Callable<Integer> {

    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /** Tokens a second, and nanoseconds of processor time a token. */
    private record Speed(double rate, double processorNanos) {
    }

    @Mixin
    private MeasuredModel measured;

    @Option(names = "--conversations", split = ",", defaultValue = "1,2,3,4,8",
            description = "how many decode together (default ${DEFAULT-VALUE})")
    private int[] conversations;

    @Option(names = "--rounds", defaultValue = "7", description = "rounds (default ${DEFAULT-VALUE})")
    private int rounds;

    @Option(names = "--tokens", defaultValue = "24",
            description = "tokens of each conversation in a round (default ${DEFAULT-VALUE})")
    private int decoded;

    private ConversationSpeed() {
    }

    /**
     * Measures and prints.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        BenchmarkCommand.run(new ConversationSpeed(), arguments);
    }

    @Override
    public Integer call() throws Exception {
        try (Parallel parallel = Parallel.of(measured.threads())) {
            parallel.call(() -> {
                measure(measured.load());
                return null;
            });
        }
        return 0;
    }

    private void measure(BitTransformer model) throws Exception {
        int from = measured.context() - decoded;
        int[] tokens = RandomTransformer.tokens(model.config(), measured.context());
        int most = Arrays.stream(conversations).max().orElseThrow();
        BatchedDecoder decoder = BatchedDecoder.builder(model).maxSessions(most).build();
        DecodingSession plain = model.newSession();
        List<DecodingSession> sessions = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            sessions.add(decoder.newSession());
            sessions.getLast().append(Arrays.copyOf(tokens, from));
        }
        plain.append(Arrays.copyOf(tokens, from));
        Speed[][] speeds = new Speed[conversations.length + 1][rounds];
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = -2; round < rounds; round++) { // two to warm up
                for (int i = 0; i <= conversations.length; i++) {
                    List<DecodingSession> some = i == 0 ? List.of(plain) : sessions.subList(0, conversations[i - 1]);
                    Speed speed = speed(threads, some, tokens, from);
                    if (round >= 0) {
                        speeds[i][round] = speed;
                    }
                }
            }
        }
        System.out.println("| conversations | tokens/s | each | of one alone | processor time a token, ms | of one |");
        System.out.println("|---|---|---|---|---|---|");
        for (int i = 0; i <= conversations.length; i++) {
            int variant = i;
            int together = i == 0 ? 1 : conversations[i - 1];
            double rate = median(round -> speeds[variant][round].rate);
            System.out.printf(Locale.ROOT, "| %s | %.1f | %.1f | %.2f | %.1f | %.2f |%n",
                    i == 0 ? "one, without a decoder" : together, rate, rate / together,
                    median(round -> speeds[variant][round].rate / speeds[0][round].rate),
                    median(round -> speeds[variant][round].processorNanos) * 1e-6,
                    median(round -> speeds[variant][round].processorNanos / speeds[0][round].processorNanos));
        }
        System.out.println(decoder.load());
    }

    /** Decodes with all sessions, each in its own thread. */
    private static Speed speed(ExecutorService threads, List<DecodingSession> sessions, int[] tokens, int from)
            throws Exception {
        sessions.forEach(session -> session.truncate(from));
        long processor = PROCESS.getProcessCpuTime();
        long start = System.nanoTime();
        if (sessions.size() == 1) {
            decode(sessions.getFirst(), tokens, from);
        } else {
            List<Future<?>> running = new ArrayList<>();
            for (DecodingSession session : sessions) {
                running.add(threads.submit(() -> decode(session, tokens, from)));
            }
            for (Future<?> future : running) {
                future.get();
            }
        }
        int count = sessions.size() * (tokens.length - from);
        return new Speed(count * 1e9 / (System.nanoTime() - start),
                (double) (PROCESS.getProcessCpuTime() - processor) / count);
    }

    private static void decode(DecodingSession session, int[] tokens, int from) {
        for (int i = from; i < tokens.length; i++) {
            session.append(tokens[i]);
        }
    }

    private double median(IntToDoubleFunction valueOfRound) {
        double[] sorted = IntStream.range(0, rounds).mapToDouble(valueOfRound).sorted().toArray();
        return sorted[rounds / 2];
    }
}
