package io.bitlab.models.generate;

import io.bitlab.models.internal.ModelEvents;
import io.bitlab.models.tokenizer.StreamingDecoder;
import io.bitlab.models.transformer.DecodingSession;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** The loop of one generation: reads the prompt, samples tokens, and streams their text. For a single use. */
final class GenerationRun {

    /** Prompt tokens between two polls for cancellation. */
    private static final int PROMPT_CHUNK = 128;

    private static final double NANOS_PER_SECOND = 1e9;

    private final TextGeneratorBuilder settings;
    private final Lookahead lookahead;
    private final DecodingSession session;
    private final Consumer<String> out;
    private final BooleanSupplier cancelled;
    private final StreamingDecoder decoder;
    private final StopStrings stops;
    private final TokenChooser chooser;
    private final StringBuilder answer = new StringBuilder();

    GenerationRun(TextGenerator generator, Lookahead lookahead, Consumer<String> out, BooleanSupplier cancelled) {
        this.settings = generator.settings();
        this.lookahead = lookahead;
        this.session = lookahead.session();
        this.out = out;
        this.cancelled = cancelled;
        this.decoder = new StreamingDecoder(settings.tokenizer);
        this.stops = new StopStrings(settings.stopStrings);
        this.chooser = new TokenChooser(settings);
    }

    /** Refuses a prompt that does not fit the context, even if the session already has part of it. */
    static void requireRoom(DecodingSession session, int promptTokens) {
        long fits = (long) session.length() + session.room();
        if (promptTokens > fits) {
            throw new IllegalArgumentException("TextGenerator: the prompt has " + promptTokens
                    + " tokens, expected at most " + fits
                    + ", the context; shorten it, or set a cache with more capacity or a sliding window");
        }
    }

    /**
     * Runs the generation.
     *
     * @param tokens the prompt, of which the session has a proper prefix. Modified: generated tokens are appended, each
     *     before the session gets it
     */
    Generation generate(TokenSequence tokens) {
        int promptLength = tokens.length();
        int cached = session.length();
        int proposed = lookahead.proposed();
        int accepted = lookahead.accepted();
        long start = System.nanoTime();
        lookahead.begin();
        float[] logits = readPrompt(tokens);
        int read = session.length() - cached;
        long promptEnd = System.nanoTime();
        FinishReason reason;
        try {
            reason = logits == null ? FinishReason.CANCELLED : sample(tokens, logits);
        } finally {
            lookahead.settle();
        }
        if (!stops.stopped()) {
            emit(stops.accept(decoder.finish()));
            emit(stops.finish());
        }
        int[] generated = tokens.range(promptLength, tokens.length());
        GenerationStats stats = new GenerationStats(read, generated.length, (promptEnd - start) / NANOS_PER_SECOND,
                (System.nanoTime() - promptEnd) / NANOS_PER_SECOND, lookahead.proposed() - proposed,
                lookahead.accepted() - accepted);
        ModelEvents.generated(read, generated.length, stats.promptSeconds(), stats.generationSeconds(), reason.name(),
                stats.proposedTokens(), stats.acceptedTokens());
        return new Generation(answer.toString(), generated, reason, stats, chooser.logProbabilities());
    }

    /** Appends the rest of the prompt to the session; returns the logits after it, or null if cancelled. */
    private float[] readPrompt(TokenSequence prompt) {
        float[] logits = null;
        while (session.length() < prompt.length()) {
            if (isCancelled()) {
                return null;
            }
            int from = session.length();
            int to = Math.min(prompt.length(), from + PROMPT_CHUNK);
            if (to < prompt.length()) {
                session.read(prompt.range(from, to));
            } else {
                logits = session.append(prompt.range(from, to));
            }
        }
        return logits;
    }

    private FinishReason sample(TokenSequence tokens, float[] afterPrompt) {
        int maxLength = tokens.length() + Math.min(settings.maxTokens, Integer.MAX_VALUE - tokens.length());
        float[] logits = afterPrompt;
        if (chooser.isComplete()) { // without a single token
            return FinishReason.COMPLETE;
        }
        while (true) {
            if (isCancelled()) {
                return FinishReason.CANCELLED;
            }
            int token = chooser.next(logits, tokens);
            tokens.append(token);
            if (settings.stopTokens.contains(token)) {
                return FinishReason.END_TOKEN;
            }
            emit(stops.accept(decoder.append(token)));
            if (stops.stopped()) {
                return FinishReason.STOP_STRING;
            }
            if (chooser.isComplete()) {
                return FinishReason.COMPLETE;
            }
            if (tokens.length() >= maxLength) {
                return FinishReason.MAX_TOKENS;
            }
            if (lookahead.isFull()) {
                return FinishReason.CONTEXT_FULL;
            }
            logits = lookahead.append(tokens, maxLength - tokens.length());
        }
    }

    private boolean isCancelled() {
        return cancelled.getAsBoolean() || Thread.currentThread().isInterrupted();
    }

    private void emit(String piece) {
        if (!piece.isEmpty()) {
            answer.append(piece);
            out.accept(piece);
        }
    }
}
