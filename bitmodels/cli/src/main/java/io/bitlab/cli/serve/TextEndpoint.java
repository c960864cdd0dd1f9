package io.bitlab.cli.serve;

import io.bitlab.models.generate.Generation;
import io.bitlab.models.generate.LogProbabilities;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.io.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;

/** {@code /v1/chat/completions} and {@code /v1/completions}. */
final class TextEndpoint {

    /** Reads the request of one of the two. */
    @FunctionalInterface
    private interface Form {
        TextRequest read(JsonObject request, ServedModels models, ServerLimits limits);
    }

    /** Makes the answer of one of the two. */
    @FunctionalInterface
    private interface Answer {
        TextAnswer of(String id, long created, String model, TextSettings settings);
    }

    private final ServedModels models;
    private final ServerLimits limits;
    private final Admission admission;
    private final Metrics metrics;
    private final BooleanSupplier cutting;

    /**
     * Creates the endpoints.
     *
     * @param cutting whether running answers have to end now
     */
    TextEndpoint(ServedModels models, ServerLimits limits, Admission admission, Metrics metrics,
            BooleanSupplier cutting) {
        this.models = models;
        this.limits = limits;
        this.admission = admission;
        this.metrics = metrics;
        this.cutting = cutting;
    }

    Endpoint chat() {
        return endpoint(TextRequest::chat, ChatAnswer::new);
    }

    Endpoint completions() {
        return endpoint(TextRequest::completion, CompletionAnswer::new);
    }

    private Endpoint endpoint(Form form, Answer answer) {
        return (request, reply) -> {
            TextRequest text = request.json(json -> form.read(json, models, limits));
            TextAnswer shape = answer.of(UUID.randomUUID().toString().replace("-", ""),
                    Instant.now().getEpochSecond(), text.model().id(), text.settings());
            admission.run(() -> generate(text, shape, reply));
        };
    }

    private void generate(TextRequest text, TextAnswer shape, Reply reply) {
        List<LogProbabilities> untold = new ArrayList<>();
        LanguageModel model = text.model().model();
        Set<Integer> ends = model.generator().tokenizer().endTokens();
        int[] prompt;
        TextGenerator generator;
        model.requireShort(null, "the prompt", text.characters(), mostTokens(model));
        try {
            prompt = text.prompt().encode(model);
            generator = model.generator(text.settings(), told -> {
                if (!ends.contains(told.chosen().token())) { // which are no part of the text
                    untold.add(told);
                }
            });
        } catch (IllegalArgumentException e) { // what the vocabulary can't express
            throw ApiError.invalid(null, e.getMessage());
        }
        requireFits(prompt, model);
        long end = System.nanoTime() + limits.answerTime().toNanos();
        BooleanSupplier cut = () -> {
            reply.heartbeat();
            return cutting.getAsBoolean() || System.nanoTime() - end > 0;
        };
        if (text.settings().stream()) {
            stream(text.settings(), generator, prompt, shape, untold, cut, reply);
            return;
        }
        Generation generation = generator.generate(prompt, _ -> {}, cut);
        metrics.tokens(prompt.length, generation.tokens().length);
        reply.json(200, shape.whole(generation.text(), untold, generation.reason(),
                prompt.length, generation.tokens().length));
    }

    private int mostTokens(LanguageModel model) {
        return Math.min(limits.promptTokens(), model.context());
    }

    private void requireFits(int[] prompt, LanguageModel model) {
        int most = mostTokens(model);
        if (prompt.length > most) {
            throw ApiError.invalid(null, "context_length_exceeded",
                    "the prompt has " + prompt.length + " tokens, expected at most " + most + "; shorten it");
        }
        if (prompt.length == 0 && model.generator().tokenizer().bos().isEmpty()) {
            throw ApiError.invalid(null, "the prompt is empty, expected at least one token");
        }
        int vocabulary = model.generator().model().config().vocabSize();
        for (int token : prompt) {
            if (token < 0 || token >= vocabulary) {
                throw ApiError.invalid("prompt",
                        "the prompt has the token " + token + ", expected 0 to " + (vocabulary - 1));
            }
        }
    }

    private void stream(TextSettings settings, TextGenerator generator, int[] prompt, TextAnswer shape,
            List<LogProbabilities> untold, BooleanSupplier cut, Reply reply) {
        reply.event(shape.first());
        Generation generation = generator.generate(prompt, piece -> {
            reply.event(shape.piece(piece, untold));
            untold.clear();
        }, cut);
        int generated = generation.tokens().length;
        metrics.tokens(prompt.length, generated);
        if (!untold.isEmpty()) { // of tokens that completed no character, or a stop string
            reply.event(shape.piece("", untold));
        }
        reply.event(shape.last(generation.reason()));
        if (settings.streamUsage()) {
            reply.event(shape.counts(prompt.length, generated));
        }
        reply.endEvents();
    }
}
