package io.bitlab.benchmarks.tools;

import io.bitlab.benchmarks.BenchmarkCommand;
import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.layers.attention.KvCache;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.tokenizer.Tokenizers;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.DecodingSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * Measures what fewer bits in embedding and head, or in keys and values, cost a trained model: its loss on a text in
 * each format. The text is cut into pieces as long as the model's context; the loss is that of all tokens of a piece
 * but the first, computed by decoding. {@code scripts/embedding-loss} runs it.
 */
@Command(name = "embedding-loss", mixinStandardHelpOptions = true,
        description = "Measures the loss of a model with each format of its embedding and head, and of its cache.")
public final class EmbeddingLoss implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "MODEL",
            description = "a BitLab folder with a tokenizer, whose embedding is float32")
    private Path path;

    @Parameters(index = "1", paramLabel = "TEXT", description = "a file in UTF-8")
    private Path text;

    @Parameters(index = "2", arity = "0..1", paramLabel = "TOKENS", defaultValue = "20000",
            description = "how many of the text's last tokens to use; default ${DEFAULT-VALUE}")
    private int count;

    private EmbeddingLoss() {
    }

    /**
     * Measures and prints a line a format.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        BenchmarkCommand.run(new EmbeddingLoss(), arguments);
    }

    @Override
    public Integer call() throws IOException {
        Tokenizer tokenizer = Tokenizers.ofModel(path);
        int[] all = tokenizer.encode(Files.readString(text));
        int[] tokens = Arrays.copyOfRange(all, Math.max(0, all.length - count), all.length);
        BitTransformer trained = AutoBitModel.load(path, BitTransformer.class);
        double exact = Double.NaN;
        for (EmbeddingFormat format : EmbeddingFormat.inMemory()) {
            BitTransformer model = new BitTransformer(trained.config().withEmbeddingFormat(format));
            model.loadStateDict(trained.stateDict());
            model.eval();
            model.deploy();
            double loss = loss(model, tokens, model.cacheBuilder());
            exact = format == EmbeddingFormat.FLOAT32 ? loss : exact;
            print(format.jsonName(), loss, exact);
            if (format == EmbeddingFormat.FLOAT32) {
                print("float32, keys and values bfloat16", loss(model, tokens, model.cacheBuilder().bfloat16(true)),
                        exact);
                print("float32, keys and values int8", loss(model, tokens, model.cacheBuilder().int8(true)), exact);
            }
        }
        return 0;
    }

    private static void print(String format, double loss, double exact) {
        System.out.printf(Locale.ROOT, "%-33s loss %.6f nats a token, %+.6f (%+.3f %%)%n", format, loss, loss - exact,
                100 * (loss / exact - 1));
    }

    private static double loss(BitTransformer model, int[] tokens, KvCache.Builder cache) {
        DecodingSession session = model.newSession(cache.build());
        int context = model.config().maxPositionEmbeddings();
        double sum = 0;
        int predicted = 0;
        for (int i = 0; i + 1 < tokens.length; i++) {
            if (i % context == 0) {
                session.truncate(0);
            }
            float[] logits = session.append(tokens[i]);
            if ((i + 1) % context != 0) {
                sum -= logProbability(logits, tokens[i + 1]);
                predicted++;
            }
        }
        return sum / predicted;
    }

    private static double logProbability(float[] logits, int token) {
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - logits[token]);
        }
        return -Math.log(sum);
    }
}
