package io.bitlab.cli;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.models.generate.Generation;
import io.bitlab.models.generate.GenerationStats;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.io.Json;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Continues a text, and prints each part as soon as it is generated. */
@Command(name = "generate", mixinStandardHelpOptions = true, description = "Continues a text.")
final class GenerateCommand implements Callable<Integer> {

    @Option(names = "--prompt", defaultValue = "The whale ", description = "\"${DEFAULT-VALUE}\" unless given")
    private String prompt;

    @Mixin
    private TextOptions text;

    @Option(names = "--json", description = "print JSON when the text is complete")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        TextGenerator generator = text.generator();
        try (Parallel parallel = text.parallel(); StopSignal stop = StopSignal.listen()) {
            print(json ? "" : prompt);
            Generation generation =
                    parallel.call(() -> generator.generate(prompt, part -> print(json ? "" : part), stop::isStopped));
            String reason = generation.reason().name().toLowerCase(Locale.ROOT);
            GenerationStats stats = generation.stats();
            if (json) {
                Map<String, Object> result = new LinkedHashMap<>();
                result.put("text", generation.text());
                result.put("finish_reason", reason);
                result.put("tokens", generation.tokens().length);
                result.put("prompt_tokens_per_second", stats.promptTokensPerSecond());
                result.put("tokens_per_second", stats.generatedTokensPerSecond());
                result.put("proposed_tokens", stats.proposedTokens());
                result.put("accepted_tokens", stats.acceptedTokens());
                System.out.println(Json.compact(result));
            } else {
                System.out.println();
                System.err.printf(Locale.ROOT, "%n[%s; prompt %.0f tokens/s, text %.0f tokens/s]%n",
                        reason.replace('_', ' '), stats.promptTokensPerSecond(), stats.generatedTokensPerSecond());
            }
            return stop.isRequested() ? BitLab.INTERRUPTED : 0;
        }
    }

    private static void print(String part) {
        System.out.print(part);
        System.out.flush();
    }
}
