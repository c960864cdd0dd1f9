package io.bitlab.benchmarks.tools;

import io.bitlab.benchmarks.BenchmarkCommand;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.models.transformer.BatchedDecoder;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.DecodingSession;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures several conversations that decode together: tokens a second of all of them, compared with one conversation
 * alone. All variants take turns in each round, so that a busy machine disturbs them alike; the ratios are medians over
 * the rounds. {@code scripts/conversation-speed} runs it.
 */
@Command(name = "conversation-speed", mixinStandardHelpOptions = true,
        description = "Measures several conversations that decode together.")
public final class ConversationSpeed implements Callable<Integer> {

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
        double[][] rates = new double[conversations.length + 1][rounds];
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = -2; round < rounds; round++) { // two to warm up
                for (int i = 0; i <= conversations.length; i++) {
                    List<DecodingSession> some = i == 0 ? List.of(plain) : sessions.subList(0, conversations[i - 1]);
                    double rate = rate(threads, some, tokens, from);
                    if (round >= 0) {
                        rates[i][round] = rate;
                    }
                }
            }
        }
        System.out.println("| conversations | tokens/s | each | of one alone |\n|---|---|---|---|");
        for (int i = 0; i <= conversations.length; i++) {
            double[] ratios = new double[rounds];
            for (int round = 0; round < rounds; round++) {
                ratios[round] = rates[i][round] / rates[0][round];
            }
            int together = i == 0 ? 1 : conversations[i - 1];
            System.out.printf(Locale.ROOT, "| %s | %.1f | %.1f | %.2f (%.2f to %.2f) |%n",
                    i == 0 ? "one, without a decoder" : together, median(rates[i]), median(rates[i]) / together,
                    median(ratios), Arrays.stream(ratios).min().getAsDouble(),
                    Arrays.stream(ratios).max().getAsDouble());
        }
        System.out.println(decoder.load());
    }

    /** Tokens a second of all sessions, each in its own thread. */
    private double rate(ExecutorService threads, List<DecodingSession> sessions, int[] tokens, int from)
            throws Exception {
        sessions.forEach(session -> session.truncate(from));
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
        return sessions.size() * (tokens.length - from) * 1e9 / (System.nanoTime() - start);
    }

    private static void decode(DecodingSession session, int[] tokens, int from) {
        for (int i = from; i < tokens.length; i++) {
            session.append(tokens[i]);
        }
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
