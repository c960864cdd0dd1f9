package io.bitlab.cli.serve;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.generate.ChatTemplate;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.tokenizer.Tokenizers;
import io.bitlab.models.transformer.BatchedDecoder;
import io.bitlab.models.transformer.BitTransformer;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.commons.math3.stat.StatUtils;

/**
 * Measures what an answer of the server costs one client, beside the library in the same JVM, in turns; a program, not
 * a test. Arguments: threads, tokens of an answer, rounds.
 */
final class ServeOverhead {

    private static final Path MODEL = Path.of("src/main/resources/io/bitlab/cli/moby-dick");
    private static final String PROMPT = "Call me ";

    private ServeOverhead() {
    }

    public static void main(String[] arguments) throws Exception {
        int threads = Integer.parseInt(arguments[0]);
        int tokens = Integer.parseInt(arguments[1]);
        int rounds = Integer.parseInt(arguments[2]);
        BitTransformer model = AutoBitModel.load(MODEL, BitTransformer.class);
        TextGenerator library = TextGenerator.builder(model, Tokenizers.ofModel(MODEL)).maxTokens(tokens)
                .cache(cache -> cache.slidingWindow(true)).build();
        library = library.toBuilder().sampling(library.sampling().withSeed(1)).build();
        TextGenerator plain = library;
        TextGenerator served =
                library.toBuilder().decoder(BatchedDecoder.builder(model).maxSessions(4).build()).build();
        Map<String, Object> question = Map.of("prompt", PROMPT, "seed", 1, "max_tokens", tokens);
        Map<String, Object> streamed = Map.of("prompt", PROMPT, "seed", 1, "max_tokens", tokens, "stream", true);
        try (Parallel parallel = Parallel.of(threads);
                ApiServer server = parallel.call(() -> ApiServer.start(ServerOptions.local(), ServedModels.none()
                        .with(ServeClient.MODEL, new LanguageModel(served, ChatTemplate.PLAIN, true))));
                ServeClient client = new ServeClient(server)) {
            double[] alone = new double[rounds];
            double[] whole = new double[rounds];
            double[] pieces = new double[rounds];
            for (int round = 0; round < rounds; round++) {
                long start = System.nanoTime();
                String expected = parallel.call(() -> plain.generate(PROMPT).text());
                long generated = System.nanoTime();
                String answer = (String) ServeClient.at(client.ask("/v1/completions", question), "choices", 0, "text");
                long answered = System.nanoTime();
                String joined = client.stream("/v1/completions", streamed).stream()
                        .map(event -> (String) ServeClient.at(event, "choices", 0, "text"))
                        .collect(Collectors.joining());
                pieces[round] = System.nanoTime() - answered;
                whole[round] = answered - generated;
                alone[round] = generated - start;
                if (!expected.equals(answer) || !expected.equals(joined)) {
                    throw new IllegalStateException("the answers differ:\n" + expected + "\n" + answer + "\n" + joined);
                }
            }
            System.out.printf(Locale.ROOT,
                    "%d tokens take the library %.1f ms; the server %+.1f %%, as a stream %+.1f %%%n",
                    tokens, median(alone) * 1e-6, 100 * (median(whole) / median(alone) - 1),
                    100 * (median(pieces) / median(alone) - 1));
        }
    }

    /** Of the second half. */
    private static double median(double... values) {
        int half = values.length / 2;
        return StatUtils.percentile(values, half, values.length - half, 50);
    }
}
