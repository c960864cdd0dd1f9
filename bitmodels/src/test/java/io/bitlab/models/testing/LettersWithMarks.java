package io.bitlab.models.testing;

import io.bitlab.models.tokenizer.CharacterTokenizer;
import io.bitlab.models.tokenizer.Tokenizer;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/** A character tokenizer for tests, extended by a BOS token and the special tokens of ChatML. */
public record LettersWithMarks(CharacterTokenizer letters) implements Tokenizer {

    public static LettersWithMarks create() {
        return new LettersWithMarks(CharacterTokenizer.of("abcdefghijklmnopqrstuvwxyzäöü \n"));
    }

    @Override
    public int[] encode(String text) {
        return letters.encode(text);
    }

    @Override
    public byte[] bytes(int id) {
        return id < letters.vocabularySize() ? letters.bytes(id) : new byte[0];
    }

    @Override
    public int vocabularySize() {
        return letters.vocabularySize() + 3;
    }

    @Override
    public OptionalInt bos() {
        return OptionalInt.of(letters.vocabularySize());
    }

    @Override
    public OptionalInt specialToken(String text) {
        return switch (text) {
            case "<|im_start|>" -> OptionalInt.of(letters.vocabularySize() + 1);
            case "<|im_end|>" -> OptionalInt.of(letters.vocabularySize() + 2);
            default -> OptionalInt.empty();
        };
    }

    @Override
    public Set<Integer> endTokens() {
        return Set.of(letters.vocabularySize() + 2);
    }

    @Override
    public Map<String, Object> toMap() {
        throw new UnsupportedOperationException();
    }
}
