package io.bitlab.models.generate;

import io.bitlab.models.grammar.TokenConstraint;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Chooses the tokens of one generation: processors, grammar and sampler in this order. For one thread. */
final class TokenChooser {

    private final TextGeneratorBuilder settings;
    private final int tokens;
    private final Sampler sampler;
    private final List<LogitsProcessor> processors;
    private final TokenConstraint constraint; // null if any text will do
    private final LogSoftmax logSoftmax; // null if nobody wants log-probabilities
    private final List<LogProbabilities> logProbabilities = new ArrayList<>();
    private final float[] processed; // logits; null if they stay as they are

    TokenChooser(TextGeneratorBuilder settings) {
        this.settings = settings;
        this.tokens = settings.tokenizer.vocabularySize();
        this.sampler = new Sampler(settings.sampling, tokens);
        this.processors = settings.processors.stream().<LogitsProcessor>map(Supplier::get).toList();
        this.constraint = settings.grammar == null ? null : settings.grammars.constraint(settings.grammar);
        this.processed = processors.isEmpty() && constraint == null ? null : new float[tokens];
        this.logSoftmax = settings.mostLikely < 0 ? null : new LogSoftmax(settings.tokenizer, settings.mostLikely);
    }

    /** The token that follows a text, by the logits of the model, which are not modified. */
    int next(float[] logits, TokenSequence text) {
        int token = sampler.next(processed(logits, text), text.array(), text.length());
        if (constraint != null) {
            constraint.accept(token);
        }
        if (logSoftmax != null) {
            LogProbabilities all = logSoftmax.of(logits, token);
            logProbabilities.add(all);
            settings.logProbabilityReceiver.accept(all);
        }
        return token;
    }

    private float[] processed(float[] logits, TokenSequence text) {
        if (processed == null) {
            return logits;
        }
        System.arraycopy(logits, 0, processed, 0, tokens);
        for (LogitsProcessor processor : processors) {
            processor.process(processed, text.array(), text.length());
        }
        if (constraint != null) {
            constraint.mask(processed);
        }
        return processed;
    }

    /** Whether the grammar is complete and nothing may follow. */
    boolean isComplete() {
        return constraint != null && constraint.isFinished();
    }

    /** Those of the tokens so far, if wanted. */
    List<LogProbabilities> logProbabilities() {
        return logProbabilities;
    }
}
