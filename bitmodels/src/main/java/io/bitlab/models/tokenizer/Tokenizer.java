package io.bitlab.models.tokenizer;

import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Encodes text as token ids, and decodes ids to text.
 *
 * {@snippet class="io.bitlab.models.snippets.TokenizerSnippets" region="encode"}
 *
 * <p>Encoding adds no token before or after the text; {@link #bos()} and {@link #eos()} are for the caller to add.
 * A Java string may hold an unpaired surrogate, which UTF-8 cannot encode; it is encoded as U+FFFD, the replacement
 * character.
 *
 * <p><b>Thread safety:</b> tokenizers are immutable; threads may share one.
 */
public interface Tokenizer {

    /**
     * Encodes untrusted text. Nothing in it becomes a special token: {@code <|eot_id|>} is plain text here, so users
     * cannot inject special tokens.
     *
     * @param text any text, empty allowed
     * @return the ids, a new array
     * @throws IllegalArgumentException if the vocabulary has no token for some character; the message names it
     */
    int[] encode(String text);

    /**
     * Encodes trusted text: special tokens that are spelt out in it become their ids.
     *
     * @param text any text, empty allowed
     * @return the ids, a new array
     * @throws IllegalArgumentException as {@link #encode(String)}
     */
    default int[] encodeWithSpecial(String text) {
        return encode(text);
    }

    /**
     * Encodes a prompt of plain text and special tokens. The ids are those that {@link #encodeWithSpecial} gives for
     * the whole prompt, but only the special segments become special tokens.
     *
     * <p>This default encodes each segment on its own. Tokenizers whose tokens depend on the neighbouring text, such as
     * SentencePiece's prefix space, override it.
     *
     * @param segments the prompt, empty allowed
     * @return the ids, a new array
     * @throws IllegalArgumentException as {@link #encode(String)}
     */
    default int[] encode(List<PromptSegment> segments) {
        return segments.stream()
                .flatMapToInt(segment -> segment.isSpecial()
                        ? segment.specialToken().stream()
                        : IntStream.of(encode(segment.text())))
                .toArray();
    }

    /**
     * Decodes ids. Special tokens decode to no text. To decode ids one at a time use a {@link StreamingDecoder}: a
     * character may be spread over several tokens.
     *
     * @param ids the tokens, none allowed; not modified
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
     * Returns the bytes that a token decodes to.
     *
     * @param id a token
     * @return UTF-8, possibly only part of a character; empty for a special token. A new array
     * @throws IllegalArgumentException if the id is not in the vocabulary
     */
    byte[] bytes(int id);

    /**
     * Returns a token as the vocabulary spells it: {@code <|eot_id|>} for a special token, {@code \u0120the} for
     * {@code " the"} in GPT-2's byte alphabet. For text to show, use {@link #decode}.
     *
     * @param id a token
     * @return its spelling; by default what it decodes to
     * @throws IllegalArgumentException if the id is not in the vocabulary
     */
    default String token(int id) {
        return decode(id);
    }

    /**
     * Returns the number of tokens, special ones included.
     *
     * @return one more than the largest id
     */
    int vocabularySize();

    /**
     * Returns the token that begins a text (BOS).
     *
     * @return its id; empty if the vocabulary has none
     */
    default OptionalInt bos() {
        return OptionalInt.empty();
    }

    /**
     * Whether models trained with this tokenizer expect {@link #bos} before each text. GPT-2's do not: its
     * {@code <|endoftext|>} only separates texts.
     *
     * @return whether to add it
     */
    default boolean addsBos() {
        return bos().isPresent();
    }

    /**
     * Returns the token that ends a text (EOS).
     *
     * @return its id; empty if the vocabulary has none
     */
    default OptionalInt eos() {
        return OptionalInt.empty();
    }

    /**
     * Returns the tokens that end generation: {@link #eos}, and those that end a turn of a chat.
     *
     * @return their ids, unmodifiable
     */
    default Set<Integer> endTokens() {
        return Set.of();
    }

    /**
     * Looks up a special token.
     *
     * @param text its spelling, such as {@code <|eot_id|>}
     * @return its id; empty if there is no such special token
     */
    default OptionalInt specialToken(String text) {
        return OptionalInt.empty();
    }

    /**
     * Returns the content of the {@code tokenizer.json} that describes this tokenizer; {@link Tokenizers#of} builds an
     * equal one from it.
     *
     * @return members by name, all values representable in JSON
     */
    Map<String, Object> toMap();
}
