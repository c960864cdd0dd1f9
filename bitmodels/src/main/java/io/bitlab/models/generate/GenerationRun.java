package io.bitlab.models.generate;

import io.bitlab.models.tokenizer.IntList;
import io.bitlab.models.tokenizer.StreamingDecoder;
import io.bitlab.models.transformer.DecodingSession;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** One call of a generator: tokens go into a conversation, text comes out. For one use. */
final class GenerationRun {

    /** Tokens of a prompt between two looks at whether the caller has cancelled. */
    private static final int CHUNK = 128;

    private static final double NANOS = 1e9;

    private final TextGenerator generator;
    private final DecodingSession conversation;
    private final Consumer<String> out;
    private final BooleanSupplier cancelled;
    private final StreamingDecoder decoder;
    private final StopStrings stops;
    private final StringBuilder answer = new StringBuilder();

    GenerationRun(TextGenerator generator, DecodingSession conversation, Consumer<String> out,
            BooleanSupplier cancelled) {
        this.generator = generator;
        this.conversation = conversation;
        this.out = out;
        this.cancelled = cancelled;
        this.decoder = new StreamingDecoder(generator.tokenizer());
        this.stops = new StopStrings(generator.stopStrings());
    }

    /** Refuses a prompt that the conversation has no room for, whatever part of it is there already. */
    static void requireRoom(DecodingSession conversation, int promptTokens) {
        long fits = (long) conversation.length() + conversation.room();
        if (promptTokens > fits) {
            throw new IllegalArgumentException("TextGenerator: the prompt has " + promptTokens
                    + " tokens, expected at most " + fits
                    + ", the context; shorten it, or set a cache with more capacity or a sliding window");
        }
    }

    /**
     * Generates.
     *
     * @param text the prompt, which begins with the conversation's tokens and is longer; the drawn tokens are added,
     *     each before the conversation gets it
     */
    Generation generate(IntList text) {
        int prompt = text.size();
        int known = conversation.length();
        long start = System.nanoTime();
        float[] logits = append(text);
        int read = conversation.length() - known;
        long middle = System.nanoTime();
        FinishReason reason = logits == null ? FinishReason.CANCELLED : draw(text, logits);
        if (!stops.stopped()) {
            show(stops.accept(decoder.finish()));
            show(stops.finish());
        }
        int[] drawn = Arrays.copyOfRange(text.array(), prompt, text.size());
        return new Generation(answer.toString(), drawn, reason, new GenerationStats(read, drawn.length,
                (middle - start) / NANOS, (System.nanoTime() - middle) / NANOS));
    }

    /** Brings the conversation up to the text; null if cancelled before. */
    private float[] append(IntList text) {
        float[] logits = null;
        while (conversation.length() < text.size()) {
            if (cancelled()) {
                return null;
            }
            int from = conversation.length();
            logits = conversation.append(
                    Arrays.copyOfRange(text.array(), from, Math.min(text.size(), from + CHUNK)));
        }
        return logits;
    }

    private FinishReason draw(IntList text, float[] afterPrompt) {
        Sampler sampler = new Sampler(generator.sampling(), generator.tokenizer().vocabularySize());
        int most = text.size() + Math.min(generator.maxTokens(), Integer.MAX_VALUE - text.size());
        float[] logits = afterPrompt;
        while (true) {
            if (cancelled()) {
                return FinishReason.CANCELLED;
            }
            int token = sampler.next(logits, text.array(), text.size());
            text.add(token);
            if (generator.stopTokens().contains(token)) {
                return FinishReason.END_TOKEN;
            }
            show(stops.accept(decoder.append(token)));
            if (stops.stopped()) {
                return FinishReason.STOP_STRING;
            }
            if (text.size() >= most) {
                return FinishReason.MAX_TOKENS;
            }
            if (conversation.room() == 0) {
                return FinishReason.CONTEXT_FULL;
            }
            logits = conversation.append(token);
        }
    }

    private boolean cancelled() {
        return cancelled.getAsBoolean() || Thread.currentThread().isInterrupted();
    }

    private void show(String piece) {
        if (!piece.isEmpty()) {
            answer.append(piece);
            out.accept(piece);
        }
    }
}
