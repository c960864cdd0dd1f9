package io.bitlab.cli.serve;

import io.bitlab.models.generate.LogProbabilities;
import io.bitlab.models.generate.TokenLogProbability;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The answer of {@code /v1/chat/completions}. */
final class ChatAnswer extends TextAnswer {

    ChatAnswer(String id, long created, String model, TextSettings settings) {
        super("chatcmpl-" + id, created, model, settings);
    }

    @Override
    String object(boolean chunk) {
        return chunk ? "chat.completion.chunk" : "chat.completion";
    }

    @Override
    Map<String, Object> beginning() {
        Map<String, Object> delta = new LinkedHashMap<>();
        delta.put("role", "assistant");
        delta.put("content", "");
        return Map.of("delta", delta);
    }

    @Override
    Map<String, Object> content(String text, boolean chunk) {
        if (chunk) {
            return Map.of("delta", text.isEmpty() ? Map.of() : Map.of("content", text));
        }
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", "assistant");
        message.put("content", text);
        message.put("refusal", null);
        return Map.of("message", message);
    }

    @Override
    Map<String, Object> logProbabilities(List<LogProbabilities> tokens) {
        List<Map<String, Object>> content = new ArrayList<>();
        for (LogProbabilities token : tokens) {
            Map<String, Object> told = token(token.chosen());
            told.put("top_logprobs", token.mostLikely().stream().map(ChatAnswer::token).toList());
            content.add(told);
        }
        return Map.of("content", content);
    }

    private static Map<String, Object> token(TokenLogProbability token) {
        List<Integer> bytes = new ArrayList<>();
        for (byte b : token.bytes()) {
            bytes.add(Byte.toUnsignedInt(b));
        }
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("token", token.text());
        told.put("logprob", finite(token.logProbability()));
        told.put("bytes", bytes);
        return told;
    }
}
