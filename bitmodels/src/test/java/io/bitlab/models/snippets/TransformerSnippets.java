package io.bitlab.models.snippets;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.transformer.BatchedDecoder;
import io.bitlab.models.transformer.BitSequenceClassifier;
import io.bitlab.models.transformer.BitSequenceClassifierConfig;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import io.bitlab.models.transformer.DecodingSession;
import io.bitlab.models.transformer.HiddenAct;
import io.bitlab.models.transformer.TooManySessionsException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/** Snippets of the Javadoc in {@code io.bitlab.models.transformer}. */
final class TransformerSnippets {

    private TransformerSnippets() {
    }

    static void config() {
        // @start region="config"
        BitTransformerConfig config = BitTransformerConfig.builder(32_000, 512, 8, 8) // tokens, width, blocks, heads
                .numKeyValueHeads(2)
                .maxPositionEmbeddings(2048)
                .hiddenAct(HiddenAct.SILU)
                .build();
        BitTransformerConfig twin = config.floatTwin(); // the same network with float projections
        // @end
        twin.newModel();
    }

    static void model() {
        // @start region="model"
        BitTransformer model = AutoBitModel.fromConfig(BitTransformerConfig.character(65), 42); // seed
        Tensor tokens = Tensor.of(new float[] {7, 1, 30, 64}, 1, 4);
        Tensor logits = model.forward(tokens); // [1, 4, 65]
        // @end
        logits.size();
    }

    static int decode(BitTransformer model, int... prompt) {
        // @start region="decode"
        model.deploy();
        DecodingSession session = model.newSession();
        float[] logits = session.append(prompt);
        int next = 0;
        for (int token = 1; token < logits.length; token++) {
            next = logits[token] > logits[next] ? token : next; // greedy; TextGenerator also samples
        }
        logits = session.append(next);
        // @end
        return next + logits.length;
    }

    static int each(DecodingSession session, int token, int... guesses) {
        // @start region="each"
        int[] tokens = IntStream.concat(IntStream.of(token), IntStream.of(guesses)).toArray();
        int length = session.length();
        float[][] logits = session.appendEach(tokens); // logits[i] follow tokens[i]
        int right = 0;
        while (right < guesses.length && logits[right][guesses[right]] > 0) { // your own rule
            right++;
        }
        session.truncate(length + 1 + right);
        // @end
        return right;
    }

    static List<Future<float[]>> batched(BitTransformer model, int[]... prompts) {
        // @start region="batched"
        model.deploy();
        BatchedDecoder decoder = BatchedDecoder.builder(model).maxSessions(8).build();
        List<Future<float[]>> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int[] prompt : prompts) {
                answers.add(threads.submit(() -> { // one thread for each conversation
                    try (DecodingSession session = decoder.newSession()) {
                        return session.append(prompt); // in one batch with what the other threads append
                    }
                }));
            }
        }
        // @end
        return answers;
    }

    static boolean full(BatchedDecoder decoder, int... prompt) {
        // @start region="full"
        try (DecodingSession session = decoder.newSession()) {
            session.append(prompt);
        } catch (TooManySessionsException e) {
            return false; // a server answers 503, and "Retry-After"
        }
        // @end
        return true;
    }

    static void classifier() {
        // @start region="classifier"
        BitTransformerConfig encoder = BitTransformerConfig.builder(1000, 64, 2, 4).build();
        BitSequenceClassifier model = AutoBitModel.fromConfig(new BitSequenceClassifierConfig(encoder, 3), 42);
        Tensor tokens = Tensor.of(new float[] {5, 812, 9, 44, 7, -1}, 2, 3); // the second sequence has 2 tokens
        Tensor logits = model.forward(tokens); // [2, 3]
        // @end
        logits.size();
    }
}
