package io.bitlab.models.tokenizer;

import io.bitlab.models.internal.Quote;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A tokenizer with one token for each character (code point) that a text has, in Unicode order. For small models of
 * small texts, such as nanoGPT's Shakespeare example.
 *
 * {@snippet class="io.bitlab.models.snippets.TokenizerSnippets" region="encode"}
 */
public final class CharacterTokenizer implements Tokenizer {

    static final String MODEL = "Characters";

    private final int[] characters; // ascending; the index is the id

    private CharacterTokenizer(int[] characters) {
        this.characters = characters;
    }

    /**
     * Creates a tokenizer for the characters of a text.
     *
     * @param text a text with every character that will ever be encoded; not empty
     * @return the tokenizer
     * @throws IllegalArgumentException if the text is empty
     */
    public static CharacterTokenizer of(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("CharacterTokenizer.of: the text is empty, expected one that has every"
                    + " character to be encoded");
        }
        return new CharacterTokenizer(
                Utf8.wellFormed(text).codePoints().distinct().sorted().toArray());
    }

    @Override
    public int[] encode(String text) {
        int[] ids = Utf8.wellFormed(text).codePoints().toArray();
        for (int i = 0; i < ids.length; i++) {
            int id = Arrays.binarySearch(characters, ids[i]);
            if (id < 0) {
                throw new IllegalArgumentException("CharacterTokenizer.encode: " + Quote.character(ids[i])
                        + " (character " + i + " of the text) is not among the " + characters.length
                        + " characters of the vocabulary; replace it, or build the tokenizer from a text that has it");
            }
            ids[i] = id;
        }
        return ids;
    }

    @Override
    public byte[] bytes(int id) {
        Vocabulary.requireId("CharacterTokenizer", id, characters.length);
        return Utf8.encode(Character.toString(characters[id]));
    }

    @Override
    public int vocabularySize() {
        return characters.length;
    }

    @Override
    public Map<String, Object> toMap() {
        Map<String, Object> ids = new LinkedHashMap<>();
        for (int id = 0; id < characters.length; id++) {
            ids.put(Character.toString(characters[id]), id);
        }
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("type", MODEL);
        model.put("vocab", ids);
        return Map.of("model", model);
    }
}
