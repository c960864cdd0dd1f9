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

/** Finds added tokens in a text, leftmost-longest. Source: Hugging Face's tokenizers. Immutable. */
final class AddedTokens {

    /** Receives a span of a text: from its first character (inclusive) to its end (exclusive). */
    interface SpanConsumer {
        void accept(int from, int to);
    }

    /** Decides whether a token may be matched at a span of the text. */
    interface Filter {
        Filter NO_SPECIAL = (token, _, _) -> !token.special();
        Filter ALL = (_, _, _) -> true;

        boolean accepts(AddedToken token, int from, int to);

        /** Special tokens at these spans only (ends by starts), and no other token that overlaps one of them. */
        static Filter specialOnlyAt(NavigableMap<Integer, Integer> spans) {
            return (token, from, to) -> {
                Integer next = spans.ceilingKey(from);
                return token.special()
                        ? next != null && next == from && spans.get(next) == to
                        : next == null || next >= to;
            };
        }
    }

    private record Entry(AddedToken token, String spelling, int id) {}

    /** By first character; the longest first, which wins if several match. */
    private final Map<Character, List<Entry>> byFirst = new HashMap<>();

    /**
     * Prepares a search for tokens.
     *
     * @param spelling how a token appears in the searched text; tokens that it maps to the empty text are never found
     * @param ids the id of each token
     */
    AddedTokens(Collection<AddedToken> tokens, UnaryOperator<String> spelling, ToIntFunction<String> ids) {
        for (AddedToken token : tokens) {
            String spelled = spelling.apply(token.text());
            if (!spelled.isEmpty()) {
                byFirst.computeIfAbsent(spelled.charAt(0), _ -> new ArrayList<>())
                        .add(new Entry(token, spelled, ids.applyAsInt(token.text())));
            }
        }
        for (List<Entry> entries : byFirst.values()) {
            entries.sort(Comparator.comparingInt((Entry entry) -> entry.spelling.length()).reversed());
        }
    }

    /** Reports the tokens in a text, and the non-empty spans between them, in order. */
    void split(String text, Filter filter, SpanConsumer between, IntConsumer token) {
        int start = 0;
        int at = 0;
        while (at < text.length() && !byFirst.isEmpty()) {
            Entry found = tokenAt(text, at, filter);
            if (found == null) {
                at++;
                continue;
            }
            int from = at;
            int to = at + found.spelling.length();
            at = to; // white space that this token strips may still begin the next one
            if (found.token.singleWord() && touchesWord(text, from, to)) {
                continue;
            }
            from = found.token.leftStrip() ? Math.max(start, spacesBefore(text, from)) : from;
            to = found.token.rightStrip() ? spacesAfter(text, to) : to;
            if (from > start) {
                between.accept(start, from);
            }
            if (to > from) { // false if the token before has stripped all of it
                token.accept(found.id);
            }
            start = to;
        }
        if (start < text.length()) {
            between.accept(start, text.length());
        }
    }

    private Entry tokenAt(String text, int at, Filter filter) {
        for (Entry entry : byFirst.getOrDefault(text.charAt(at), List.of())) {
            if (text.startsWith(entry.spelling, at) && filter.accepts(entry.token, at, at + entry.spelling.length())) {
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
