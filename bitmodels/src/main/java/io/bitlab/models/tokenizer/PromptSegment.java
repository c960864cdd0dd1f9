package io.bitlab.models.tokenizer;

import java.util.Objects;
import java.util.OptionalInt;

/**
 * A segment of a prompt: either plain text, in which nothing is read as a special token, or one special token.
 * {@link Tokenizer#encode(java.util.List)} encodes a list of them. That way a chat template can put special tokens
 * around the text of a user, and the user cannot forge any.
 *
 * {@snippet class="io.bitlab.models.snippets.TokenizerSnippets" region="segments"}
 *
 * @param text the plain text; for a special token, how the vocabulary spells it
 * @param specialToken the id of the special token; empty for plain text
 */
public record PromptSegment(String text, OptionalInt specialToken) {

    /**
     * Creates a segment.
     *
     * @throws NullPointerException if an argument is null
     */
    public PromptSegment {
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(specialToken, "specialToken");
    }

    /**
     * Creates a segment of plain text.
     *
     * @param text any text, empty allowed
     * @return the segment
     */
    public static PromptSegment ofText(String text) {
        return new PromptSegment(text, OptionalInt.empty());
    }

    /**
     * Creates a segment that is one special token.
     *
     * @param text how the vocabulary spells it, such as {@code <|eot_id|>}; see {@link Tokenizer#token}
     * @param id its id; see {@link Tokenizer#specialToken}
     * @return the segment
     */
    public static PromptSegment ofSpecialToken(String text, int id) {
        return new PromptSegment(text, OptionalInt.of(id));
    }

    boolean isSpecial() {
        return specialToken.isPresent();
    }
}
