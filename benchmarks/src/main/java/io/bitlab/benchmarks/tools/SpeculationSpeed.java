package io.bitlab.benchmarks.tools;

import io.bitlab.benchmarks.BenchmarkCommand;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.models.generate.Generation;
import io.bitlab.models.generate.LogitsProcessor;
import io.bitlab.models.generate.SamplingConfig;
import io.bitlab.models.generate.Speculation;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.tokenizer.ByteTokenizer;
import io.bitlab.models.transformer.BitTransformer;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.Callable;
import org.apache.commons.math3.stat.StatUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Measures prompt-lookup decoding against plain decoding, on texts of which we say how they go on: a hook makes any
 * model write them, so random weights will do. Both take turns in each round; the ratios are medians over the rounds.
 * {@code scripts/speculation-speed} runs it.
 */
@Command(name = "speculation-speed", mixinStandardHelpOptions = true,
        description = "Measures prompt-lookup decoding against plain decoding.")
public final class SpeculationSpeed implements Callable<Integer> {

    /** The texts, from the best case to the worst. */
    private enum Text {
        /** The answer is the prompt. */
        COPY,
        /** The answer is the prompt with another token in place of every twentieth or so. */
        EDIT,
        /** Nothing repeats itself. */
        NEW,
        /** Any three tokens have occurred before, and what followed them says nothing about what follows now. */
        MISLEADING
    }

    @Mixin
    private MeasuredModel measured;

    @Option(names = "--rounds", defaultValue = "5", description = "rounds (default ${DEFAULT-VALUE})")
    private int rounds;

    @Option(names = "--tokens", defaultValue = "128", description = "tokens of an answer (default ${DEFAULT-VALUE})")
    private int tokens;

    private SpeculationSpeed() {
    }

    /**
     * Measures and prints.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        BenchmarkCommand.run(new SpeculationSpeed(), arguments);
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

    private void measure(BitTransformer model) {
        TextGenerator plain = TextGenerator.builder(model, new ByteTokenizer()).sampling(SamplingConfig.GREEDY)
                .stopTokens().maxTokens(tokens).build();
        System.out.println("| answer | plain, tokens/s | prompt lookup | ratio | guesses | right |");
        System.out.println("|---|---|---|---|---|---|");
        for (Text text : Text.values()) {
            int[] prompt = prompt(text);
            int[] answer = answer(text, prompt);
            TextGenerator writing = plain.toBuilder().logits(() -> forced(prompt.length, answer)).build();
            TextGenerator guessing = writing.toBuilder().speculation(Speculation.promptLookup()).build();
            double[] before = new double[rounds];
            double[] after = new double[rounds];
            double[] ratio = new double[rounds];
            Generation last = null;
            for (int round = -1; round < rounds; round++) { // one to warm up
                double slow = speed(writing.generate(prompt, piece -> {}), answer);
                last = guessing.generate(prompt, piece -> {});
                double fast = speed(last, answer);
                if (round >= 0) {
                    before[round] = slow;
                    after[round] = fast;
                    ratio[round] = fast / slow;
                }
            }
            System.out.printf(Locale.ROOT, "| %s | %.1f | %.1f | %.2f | %d | %d |%n",
                    text.name().toLowerCase(Locale.ROOT), StatUtils.percentile(before, 50),
                    StatUtils.percentile(after, 50), StatUtils.percentile(ratio, 50),
                    last.stats().proposedTokens(), last.stats().acceptedTokens());
        }
    }

    private static double speed(Generation generation, int... expected) {
        if (!Arrays.equals(expected, generation.tokens())) {
            throw new IllegalStateException("the text is not the one that was asked for");
        }
        return generation.stats().generatedTokensPerSecond();
    }

    private int[] prompt(Text text) {
        Random random = new Random(1);
        int length = measured.context() - tokens;
        return random.ints(length, 0, text == Text.MISLEADING ? 5 : 256).toArray();
    }

    private int[] answer(Text text, int... prompt) {
        Random random = new Random(2);
        int[] answer = new int[tokens];
        Arrays.setAll(answer, i -> switch (text) {
            case COPY -> prompt[i % prompt.length];
            case EDIT -> random.nextInt(20) == 0 ? random.nextInt(256) : prompt[i % prompt.length];
            case NEW -> random.nextInt(256);
            case MISLEADING -> random.nextInt(5);
        });
        return answer;
    }

    /** Makes the model write an answer. */
    private static LogitsProcessor forced(int promptLength, int... answer) {
        return (logits, text, length) -> logits[answer[length - promptLength]] = Float.MAX_VALUE;
    }
}
