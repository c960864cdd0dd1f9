package io.bitlab.cli;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.models.generate.Generation;
import io.bitlab.models.generate.TextGenerator;
import java.io.IOException;
import java.util.Locale;
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

    @Override
    public Integer call() throws IOException {
        TextGenerator generator = text.generator();
        System.out.print(prompt);
        try (Parallel parallel = text.parallel()) {
            Generation generation = parallel.call(() -> generator.generate(prompt, part -> {
                System.out.print(part);
                System.out.flush();
            }));
            System.out.printf(Locale.ROOT, "%n%n[%s; prompt %.0f tokens/s, text %.0f tokens/s]%n",
                    generation.reason().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    generation.stats().promptTokensPerSecond(), generation.stats().generatedTokensPerSecond());
        }
        return 0;
    }
}
