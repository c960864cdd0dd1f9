package io.bitlab.models.tokenizer;

import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Turns text into the ids of tokens and back. Tokenizers are immutable: threads may share one.
 *
 * <p>Text becomes tokens as it is; nothing is put before or after it. Java strings can hold halves of surrogate pairs,
 * which no encoding of Unicode has a place for; they count as U+FFFD, the replacement character.
 */
public interface Tokenizer {

    /**
     * Encodes text. What looks like a special token, such as {@code <|eot_id|>}, is text like any other here, so that
     * nobody can smuggle one in.
     *
     * @param text any text, empty allowed
     * @return the ids, without a token for the beginning or end
     * @throws IllegalArgumentException if the vocabulary has no token for some character; the message names it
     */
    int[] encode(String text);

    /**
     * Encodes text of which every part is trusted: special tokens that are written out in it become their ids.
     *
     * @param text any text, empty allowed
     * @return the ids, without a token for the beginning or end
     * @throws IllegalArgumentException as {@link #encode}
     */
    default int[] encodeWithSpecial(String text) {
        return encode(text);
    }

    /**
     * Decodes ids. Special tokens stand for no text. For ids that come one at a time use a {@link StreamingDecoder}:
     * a character may be spread over several tokens.
     *
     * @param ids the tokens, none allowed
     * @return the text; bytes that are not UTF-8 become U+FFFD
     * @throws IllegalArgumentException if an id is not in the vocabulary
     */
    default String decode(int... ids) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int id : ids) {
            bytes.writeBytes(bytes(id));
        }
        return Utf8.decode(bytes.toByteArray());
    }

    /**
     * What a token stands for.
     *
     * @param id a token
     * @return its bytes of UTF-8, perhaps only a part of a character; empty for a special token. The caller may change
     *     the array
     * @throws IllegalArgumentException if the id is not in the vocabulary
     */
    byte[] bytes(int id);

    /**
     * How many tokens there are, special ones included.
     *
     * @return one more than the largest id
     */
    int vocabularySize();

    /**
     * The token that begins a text.
     *
     * @return its id; empty if the vocabulary has none
     */
    default OptionalInt bos() {
        return OptionalInt.empty();
    }

    /**
     * Whether models that were trained with this tokenizer expect {@link #bos} before a text. GPT-2 has such a token,
     * which stands between texts, and doesn't.
     *
     * @return whether to put it there
     */
    default boolean addsBos() {
        return bos().isPresent();
    }

    /**
     * The token that ends a text.
     *
     * @return its id; empty if the vocabulary has none
     */
    default OptionalInt eos() {
        return OptionalInt.empty();
    }

    /**
     * The tokens after which a model has nothing more to say: {@link #eos}, and the end of an answer in a chat.
     *
     * @return their ids, cannot be modified
     */
    default Set<Integer> endTokens() {
        return Set.of();
    }

    /**
     * A special token by its text.
     *
     * @param text such as {@code <|eot_id|>}
     * @return its id; empty if there is no such special token
     */
    default OptionalInt specialToken(String text) {
        return OptionalInt.empty();
    }

    /**
     * Describes the tokenizer as the members of a {@code tokenizer.json}, from which {@link Tokenizers#of} builds an
     * equal one.
     *
     * @return values that JSON has
     */
    Map<String, Object> toMap();
}
