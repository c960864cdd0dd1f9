package io.bitlab.models.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/** Tokens that are found in a text as they are written, before anything else is done with it. */
final class AddedTokens {

    /** By their first character; the longest first, which wins where several match. */
    private final Map<Character, List<String>> byFirst = new HashMap<>();

    private final Map<String, Integer> ids;

    /** Tokens with their ids; none is empty. */
    AddedTokens(Map<String, Integer> ids) {
        this.ids = ids;
        for (String token : ids.keySet()) {
            byFirst.computeIfAbsent(token.charAt(0), _ -> new ArrayList<>()).add(token);
        }
        for (List<String> tokens : byFirst.values()) {
            tokens.sort(Comparator.comparingInt(String::length).reversed());
        }
    }

    /** Hands on the tokens in a text, and the stretches between them that are not empty, in their order. */
    void split(String text, Consumer<String> between, IntConsumer token) {
        int start = 0;
        int at = 0;
        while (at < text.length() && !byFirst.isEmpty()) {
            String found = tokenAt(text, at);
            if (found == null) {
                at++;
                continue;
            }
            if (at > start) {
                between.accept(text.substring(start, at));
            }
            token.accept(ids.get(found));
            at += found.length();
            start = at;
        }
        if (start < text.length()) {
            between.accept(text.substring(start));
        }
    }

    private String tokenAt(String text, int at) {
        for (String token : byFirst.getOrDefault(text.charAt(at), List.of())) {
            if (text.startsWith(token, at)) {
                return token;
            }
        }
        return null;
    }
}
