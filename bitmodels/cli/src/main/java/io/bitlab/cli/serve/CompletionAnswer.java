package io.bitlab.cli.serve;

import io.bitlab.models.generate.LogProbabilities;
import io.bitlab.models.generate.TokenLogProbability;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The answer of {@code /v1/completions}. Counts the characters of the tokens so far; for one answer. */
final class CompletionAnswer extends TextAnswer {

    private int offset;

    CompletionAnswer(String id, long created, String model, TextSettings settings) {
        super("cmpl-" + id, created, model, settings);
    }

    @Override
    String object(boolean chunk) {
        return "text_completion";
    }

    @Override
    Map<String, Object> beginning() {
        return content("", true);
    }

    @Override
    Map<String, Object> content(String text, boolean chunk) {
        return Map.of("text", text);
    }

    @Override
    Map<String, Object> logProbabilities(List<LogProbabilities> tokens) {
        List<String> texts = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        List<Map<String, Double>> mostLikely = new ArrayList<>();
        List<Integer> offsets = new ArrayList<>();
        for (LogProbabilities token : tokens) {
            texts.add(token.chosen().text());
            values.add(finite(token.chosen().logProbability()));
            Map<String, Double> most = new LinkedHashMap<>();
            for (TokenLogProbability likely : token.mostLikely()) {
                most.putIfAbsent(likely.text(), finite(likely.logProbability())); // parts of characters look alike
            }
            mostLikely.add(most);
            offsets.add(offset);
            offset += token.chosen().text().length();
        }
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("tokens", texts);
        told.put("token_logprobs", values);
        told.put("top_logprobs", mostLikely);
        told.put("text_offset", offsets);
        return told;
    }
}
