package io.bitlab.benchmarks.tools;

import io.bitlab.core.embedding.EmbeddingFormat;
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

/**
 * Measures what fewer bits in embedding and head cost a trained model: its loss on a text in each format.
 *
 * <p>{@code java -cp benchmarks.jar io.bitlab.benchmarks.tools.EmbeddingLoss MODEL TEXT [TOKENS]}, with MODEL a folder
 * of this library with float tables and a tokenizer, TEXT a file in UTF-8, of which the last TOKENS (20,000) are read.
 * The text is cut into pieces as long as the model's context; the loss is that of all tokens of a piece but the first,
 * as a conversation computes it.
 */
public final class EmbeddingLoss {

    private EmbeddingLoss() {
    }

    /**
     * Measures and prints a line a format.
     *
     * @param args model, text and number of tokens
     * @throws IOException if a file can't be read
     */
    public static void main(String[] args) throws IOException {
        Path path = Path.of(args[0]);
        Tokenizer tokenizer = Tokenizers.ofModel(path);
        int[] text = tokenizer.encode(Files.readString(Path.of(args[1])));
        int count = Math.min(text.length, args.length > 2 ? Integer.parseInt(args[2]) : 20_000);
        int[] tokens = Arrays.copyOfRange(text, text.length - count, text.length);
        BitTransformer trained = AutoBitModel.load(path, BitTransformer.class);
        double exact = Double.NaN;
        for (EmbeddingFormat format : EmbeddingFormat.inMemory()) {
            BitTransformer model = new BitTransformer(trained.config().withEmbeddingFormat(format));
            model.loadStateDict(trained.stateDict());
            model.eval();
            model.deploy();
            double loss = loss(model, tokens);
            exact = format == EmbeddingFormat.FLOAT32 ? loss : exact;
            System.out.printf(Locale.ROOT, "%-9s loss %.4f nats a token, %+.4f (%+.2f %%)%n", format.jsonName(), loss,
                    loss - exact, 100 * (loss / exact - 1));
        }
    }

    private static double loss(BitTransformer model, int[] tokens) {
        DecodingSession conversation = model.newConversation();
        int context = model.config().maxPositionEmbeddings();
        double sum = 0;
        int predicted = 0;
        for (int i = 0; i + 1 < tokens.length; i++) {
            if (i % context == 0) {
                conversation.truncate(0);
            }
            float[] logits = conversation.append(tokens[i]);
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
