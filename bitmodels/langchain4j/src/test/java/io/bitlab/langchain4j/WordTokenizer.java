package io.bitlab.langchain4j;

import io.bitlab.models.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A tokenizer for tests: the special tokens of ChatML, the printable characters of ASCII, and the words of some texts,
 * with the space before them.
 */
record WordTokenizer(List<String> tokens) implements Tokenizer {

    private static final List<String> SPECIAL = List.of("<|im_start|>", "<|im_end|>");
    private static final Pattern PIECE = Pattern.compile(" ?[A-Za-z]+|[^A-Za-z]");

    static WordTokenizer of(List<String> texts) {
        Stream<String> characters = IntStream.concat(IntStream.of('\n'), IntStream.range(' ', 127))
                .mapToObj(Character::toString);
        Stream<String> words = texts.stream().flatMap(WordTokenizer::pieces).filter(word -> word.length() > 1);
        return new WordTokenizer(
                Stream.of(SPECIAL.stream(), characters, words).flatMap(all -> all).distinct().toList());
    }

    private static Stream<String> pieces(String text) {
        return PIECE.matcher(text).results().map(MatchResult::group);
    }

    @Override
    public int[] encode(String text) {
        List<Integer> ids = new ArrayList<>();
        pieces(text).forEach(piece -> {
            if (tokens.contains(piece)) {
                ids.add(tokens.indexOf(piece));
            } else {
                piece.chars().forEach(character -> ids.add(id(Character.toString(character))));
            }
        });
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    private int id(String character) {
        int id = tokens.indexOf(character);
        if (id < 0) {
            throw new IllegalArgumentException("WordTokenizer: '" + character + "' is not in the vocabulary");
        }
        return id;
    }

    @Override
    public byte[] bytes(int id) {
        return id < SPECIAL.size() ? new byte[0] : tokens.get(id).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public int vocabularySize() {
        return tokens.size();
    }

    @Override
    public OptionalInt specialToken(String text) {
        return SPECIAL.contains(text) ? OptionalInt.of(SPECIAL.indexOf(text)) : OptionalInt.empty();
    }

    @Override
    public Set<Integer> endTokens() {
        return Set.of(SPECIAL.indexOf("<|im_end|>"));
    }

    @Override
    public Map<String, Object> toMap() {
        throw new UnsupportedOperationException();
    }
}
