package io.bitlab.cli.serve;

import io.bitlab.models.generate.ChatMessage;
import io.bitlab.models.io.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A request for a text.
 *
 * @param model the model that answers
 * @param settings how
 * @param prompt what it reads; not encoded yet, which takes time
 * @param characters how long that is; 0 if it is encoded
 */
record TextRequest(Served<LanguageModel> model, TextSettings settings, Prompt prompt, long characters) {

    private static final int MOST_LIKELY_TOKENS = 20;

    /** What a model reads. */
    @FunctionalInterface
    interface Prompt {

        /**
         * Encodes it.
         *
         * @throws IllegalArgumentException if the model can't express it
         */
        int[] encode(LanguageModel model);
    }

    /**
     * Reads a request to {@code /v1/chat/completions}.
     *
     * @throws IllegalArgumentException if it is malformed
     * @throws ApiError if it asks for something that this server does not do
     */
    static TextRequest chat(JsonObject request, ServedModels models, ServerLimits limits) {
        Served<LanguageModel> model = models.text(request.optionalString("model"));
        for (Object modality : request.list("modalities")) {
            if (!"text".equals(modality)) {
                throw ApiError.unsupported("modalities", "modalities are " + request.members().get("modalities")
                        + ", expected text only");
            }
        }
        Object tools = request.members().get("tool_choice");
        if (tools != null && !tools.equals("none") && !tools.equals("auto")) {
            throw ApiError.unsupported("tool_choice",
                    "tool_choice asks for a tool, which this server does not support");
        }
        int mostLikely = request.optionalInteger("top_logprobs").orElse(0);
        if (mostLikely < 0 || mostLikely > MOST_LIKELY_TOKENS) {
            throw request.wrong("top_logprobs", "0 to " + MOST_LIKELY_TOKENS);
        }
        boolean tell = request.isTrue("logprobs");
        if (mostLikely > 0 && !tell) {
            throw request.wrong("top_logprobs", "logprobs to be true");
        }
        List<ChatMessage> messages = messages(request);
        return new TextRequest(model, TextSettings.of(request, model.model(), limits, tell ? mostLikely : -1),
                served -> served.prompt(messages), messages.stream().mapToLong(each -> each.content().length()).sum());
    }

    private static List<ChatMessage> messages(JsonObject request) {
        List<ChatMessage> messages = new ArrayList<>();
        for (JsonObject message : request.objects("messages")) {
            String role = message.string("role");
            if (!message.list("tool_calls").isEmpty()) {
                throw ApiError.unsupported("messages", "a message has tool_calls, which this server does not support");
            }
            String content = content(message);
            messages.add(switch (role) {
                case "system", "developer" -> ChatMessage.system(content);
                case "user" -> ChatMessage.user(content);
                case "assistant" -> ChatMessage.assistant(content);
                default -> throw message.wrong("role", "system, developer, user or assistant");
            });
        }
        if (messages.isEmpty()) {
            throw request.wrong("messages", "at least one message");
        }
        return messages;
    }

    /** A string, or a list of parts, of which only text can be read. */
    private static String content(JsonObject message) {
        if (!(message.members().get("content") instanceof List<?>)) {
            return message.string("content");
        }
        StringBuilder text = new StringBuilder();
        for (JsonObject part : message.objects("content")) {
            if (!part.string("type").equals("text")) {
                throw part.wrong("type", "text: this server reads no other parts of messages");
            }
            text.append(part.string("text"));
        }
        return text.toString();
    }

    /**
     * Reads a request to {@code /v1/completions}.
     *
     * @throws IllegalArgumentException if it is malformed
     * @throws ApiError if it asks for something that this server does not do
     */
    static TextRequest completion(JsonObject request, ServedModels models, ServerLimits limits) {
        Served<LanguageModel> model = models.text(request.optionalString("model"));
        int mostLikely = request.optionalInteger("logprobs").orElse(-1);
        if (mostLikely < -1 || mostLikely > MOST_LIKELY_TOKENS) {
            throw request.wrong("logprobs", "0 to " + MOST_LIKELY_TOKENS);
        }
        TextSettings settings = TextSettings.of(request, model.model(), limits, mostLikely);
        Object prompt = request.members().get("prompt");
        if (prompt instanceof List<?> one && one.size() == 1 && !(one.getFirst() instanceof Number)) {
            prompt = one.getFirst(); // a batch of one
        }
        if (prompt instanceof String string) {
            return new TextRequest(model, settings, served -> served.prompt(string), string.length());
        }
        int[] tokens = JsonObject.at("", Map.of("prompt", Objects.requireNonNullElse(prompt, "")))
                .integers("prompt", "a string or a list of token ids: this server answers one prompt at a time");
        return new TextRequest(model, settings, _ -> tokens, 0);
    }
}
