package io.bitlab.cli.evaluate;

import io.bitlab.cli.data.TextFile;
import io.bitlab.cli.options.ComputeThreads;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.io.Json;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.tokenizer.Tokenizers;
import io.bitlab.models.train.Evaluation;
import io.bitlab.models.train.TokenDataset;
import io.bitlab.models.transformer.BitTransformer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** How well a language model predicts a text. */
@Command(name = "text", mixinStandardHelpOptions = true,
        description = "Says how well a language model predicts a text.")
final class EvaluateText implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "MODEL", description = "a model folder, a Hugging Face folder or a GGUF file")
    private Path model;

    @Option(names = "--text", required = true, description = "the text, UTF-8")
    private Path text;

    @Option(names = "--context", description = "tokens in a window; those that the model can read, at most 512, unless"
            + " given")
    private Integer context;

    @Mixin
    private ComputeThreads threads;

    @Option(names = "--json", description = "print JSON")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        BitTransformer transformer = AutoBitModel.load(model, BitTransformer.class);
        Tokenizer tokenizer = Tokenizers.ofModel(model);
        String all = TextFile.read(text);
        int window = context == null ? Math.min(512, transformer.config().maxPositionEmbeddings()) : context;
        TokenDataset tokens = TokenDataset.of(tokenizer.encode(all), window);
        try (Parallel parallel = threads.start()) {
            double loss = parallel.call(() -> Evaluation.loss(transformer, tokens));
            double bits = loss / Math.log(2);
            double bitsPerByte = bits * tokens.length() / all.getBytes(StandardCharsets.UTF_8).length;
            if (json) {
                Map<String, Object> result = new LinkedHashMap<>();
                result.put("tokens", tokens.length());
                result.put("window", window);
                result.put("loss", loss);
                result.put("perplexity", Math.exp(loss));
                result.put("bits_per_token", bits);
                result.put("bits_per_byte", bitsPerByte);
                System.out.println(Json.compact(result));
            } else {
                System.out.printf(Locale.ROOT,
                        "%,d tokens in windows of %d%nloss: %.4f  perplexity: %.3f  bits a token: %.3f, a byte: %.3f%n",
                        tokens.length(), window, loss, Math.exp(loss), bits, bitsPerByte);
            }
        }
        return 0;
    }
}
