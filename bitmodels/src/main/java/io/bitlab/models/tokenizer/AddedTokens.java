package io.bitlab.models.tokenizer;

import io.bitlab.models.tokenizer.regex.CharacterProperties;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.function.IntConsumer;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;

/** Finds added tokens in a text: the longest at the leftmost place. Source: Hugging Face's tokenizers. Immutable. */
final class AddedTokens {

    /** Gets a stretch of a text by its beginning and end. */
    interface Stretches {
        void accept(int from, int to);
    }

    /** Where special tokens are what they look like. */
    interface Trust {
        Trust NOWHERE = (token, _, _) -> !token.special();
        Trust EVERYWHERE = (_, _, _) -> true;

        boolean counts(AddedToken token, int from, int to);

        /** At places with beginnings and ends; no other token reaches into them. */
        static Trust only(NavigableMap<Integer, Integer> places) {
            return (token, from, to) -> {
                Integer next = places.ceilingKey(from);
                return token.special()
                        ? next != null && next == from && places.get(next) == to
                        : next == null || next >= to;
            };
        }
    }

    private record Entry(AddedToken token, String spelt, int id) {}

    /** By their first character; the longest first, which wins where several match. */
    private final Map<Character, List<Entry>> byFirst = new HashMap<>();

    /** As they are spelt in the text that is searched; those that nothing is left of then are never found. */
    AddedTokens(Collection<AddedToken> tokens, UnaryOperator<String> spelling, ToIntFunction<String> ids) {
        for (AddedToken token : tokens) {
            String spelt = spelling.apply(token.text());
            if (!spelt.isEmpty()) {
                byFirst.computeIfAbsent(spelt.charAt(0), _ -> new ArrayList<>())
                        .add(new Entry(token, spelt, ids.applyAsInt(token.text())));
            }
        }
        for (List<Entry> entries : byFirst.values()) {
            entries.sort(Comparator.comparingInt((Entry entry) -> entry.spelt.length()).reversed());
        }
    }

    /** Hands on the tokens in a text, and the stretches between them that are not empty, in their order. */
    void split(String text, Trust trust, Stretches between, IntConsumer token) {
        int start = 0;
        int at = 0;
        while (at < text.length() && !byFirst.isEmpty()) {
            Entry found = tokenAt(text, at, trust);
            if (found == null) {
                at++;
                continue;
            }
            int from = at;
            int to = at + found.spelt.length();
            at = to; // white space that a token takes can still begin the next one
            if (found.token.singleWord() && touchesWord(text, from, to)) {
                continue;
            }
            from = found.token.leftStrip() ? Math.max(start, spacesBefore(text, from)) : from;
            to = found.token.rightStrip() ? spacesAfter(text, to) : to;
            if (from > start) {
                between.accept(start, from);
            }
            if (to > from) { // else another token has taken all of it
                token.accept(found.id);
            }
            start = to;
        }
        if (start < text.length()) {
            between.accept(start, text.length());
        }
    }

    private Entry tokenAt(String text, int at, Trust trust) {
        for (Entry entry : byFirst.getOrDefault(text.charAt(at), List.of())) {
            if (text.startsWith(entry.spelt, at) && trust.counts(entry.token, at, at + entry.spelt.length())) {
                return entry;
            }
        }
        return null;
    }

    private static boolean touchesWord(String text, int from, int to) {
        return from > 0 && isWord(text.codePointBefore(from)) || to < text.length() && isWord(text.codePointAt(to));
    }

    private static boolean isWord(int character) {
        return CharacterProperties.WORD.contains(character) || character == 0x200c || character == 0x200d; // joiners
    }

    private static int spacesBefore(String text, int at) {
        int from = at;
        while (from > 0 && CharacterProperties.SPACE.contains(text.charAt(from - 1))) {
            from--;
        }
        return from;
    }

    private static int spacesAfter(String text, int at) {
        int to = at;
        while (to < text.length() && CharacterProperties.SPACE.contains(text.charAt(to))) {
            to++;
        }
        return to;
    }
}
