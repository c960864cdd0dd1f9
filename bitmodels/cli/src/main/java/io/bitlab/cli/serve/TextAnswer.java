package io.bitlab.cli.serve;

import io.bitlab.models.generate.FinishReason;
import io.bitlab.models.generate.LogProbabilities;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The JSON of an answer, whole or as a stream of chunks; what chats and completions share. */
abstract class TextAnswer {

    private final String id;
    private final long created;
    private final String model;
    private final TextSettings settings;

    TextAnswer(String id, long created, String model, TextSettings settings) {
        this.id = id;
        this.created = created;
        this.model = model;
        this.settings = settings;
    }

    /** The name of the kind of object. */
    abstract String object(boolean chunk);

    /** The part of a choice that has the text. */
    abstract Map<String, Object> content(String text, boolean chunk);

    /** The part of a choice that has the text before there is any. */
    abstract Map<String, Object> beginning();

    abstract Map<String, Object> logProbabilities(List<LogProbabilities> tokens);

    final boolean tellsProbabilities() {
        return settings.logProbabilities() >= 0;
    }

    /** The whole answer. */
    final Map<String, Object> whole(String text, List<LogProbabilities> tokens, FinishReason reason,
            int promptTokens, int generatedTokens) {
        Map<String, Object> answer = envelope(false, List.of(choice(content(text, false), tokens, reason)));
        answer.put("usage", usage(promptTokens, generatedTokens));
        return answer;
    }

    /** The chunk before the first text. */
    final Map<String, Object> first() {
        return chunk(choice(beginning(), List.of(), null));
    }

    /** A chunk with text. */
    final Map<String, Object> piece(String text, List<LogProbabilities> tokens) {
        return chunk(choice(content(text, true), tokens, null));
    }

    /** The chunk that says why the text ended. */
    final Map<String, Object> last(FinishReason reason) {
        return chunk(choice(content("", true), List.of(), reason));
    }

    /** The chunk with the counts, after the last. */
    final Map<String, Object> counts(int promptTokens, int generatedTokens) {
        Map<String, Object> answer = envelope(true, List.of());
        answer.put("usage", usage(promptTokens, generatedTokens));
        return answer;
    }

    private Map<String, Object> chunk(Map<String, Object> choice) {
        Map<String, Object> answer = envelope(true, List.of(choice));
        if (settings.streamUsage()) {
            answer.put("usage", null);
        }
        return answer;
    }

    private Map<String, Object> envelope(boolean chunk, List<Map<String, Object>> choices) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("id", id);
        answer.put("object", object(chunk));
        answer.put("created", created);
        answer.put("model", model);
        answer.put("choices", choices);
        return answer;
    }

    private Map<String, Object> choice(Map<String, Object> content, List<LogProbabilities> tokens,
            FinishReason reason) {
        Map<String, Object> choice = new LinkedHashMap<>();
        choice.put("index", 0);
        choice.putAll(content);
        choice.put("logprobs", tellsProbabilities() && !(tokens.isEmpty() && reason == null) ? logProbabilities(tokens)
                : null);
        choice.put("finish_reason", reason == null ? null : finishReason(reason));
        return choice;
    }

    private static String finishReason(FinishReason reason) {
        return switch (reason) {
            case END_TOKEN, STOP_STRING, COMPLETE -> "stop";
            case MAX_TOKENS, CONTEXT_FULL, CANCELLED -> "length"; // the server cancels what takes too long
        };
    }

    private static Map<String, Object> usage(int promptTokens, int generatedTokens) {
        Map<String, Object> usage = new LinkedHashMap<>();
        usage.put("prompt_tokens", promptTokens);
        usage.put("completion_tokens", generatedTokens);
        usage.put("total_tokens", promptTokens + generatedTokens);
        return usage;
    }

    /** JSON has no infinity; clients know this number as one. */
    static double finite(double logProbability) {
        return Math.max(logProbability, -9999.0);
    }
}
