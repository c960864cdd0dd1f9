package io.bitlab.models.generate;

import io.bitlab.models.tokenizer.PromptSegment;
import io.bitlab.models.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * Collects the text and the special tokens of a prompt, for a {@link ChatTemplate}.
 *
 * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="ownTemplate"}
 *
 * <p>Text stays text: nothing in it becomes a special token. Adjacent text is joined, because a token may span the
 * seam.
 *
 * <p><b>Thread safety:</b> for one thread.
 */
public final class PromptBuilder {

    private final ChatTemplate template; // for messages
    private final Tokenizer tokenizer;
    private final List<PromptSegment> segments = new ArrayList<>();

    PromptBuilder(ChatTemplate template, Tokenizer tokenizer) {
        this.template = template;
        this.tokenizer = tokenizer;
    }

    /**
     * Adds plain text.
     *
     * @param more any text, empty allowed; special tokens in it are not recognised
     * @return this builder
     */
    public PromptBuilder text(String more) {
        boolean afterText = !segments.isEmpty() && segments.getLast().specialToken().isEmpty();
        segments.add(PromptSegment.ofText(afterText ? segments.removeLast().text() + more : more));
        return this;
    }

    /**
     * Adds a special token.
     *
     * @param token its spelling, such as {@code <|eot_id|>}
     * @return this builder
     * @throws IllegalArgumentException if the tokenizer has no such special token
     */
    public PromptBuilder special(String token) {
        return add(tokenizer.specialToken(token), token, token);
    }

    /**
     * Adds a special token, or its spelling as plain text if the tokenizer has no such token.
     *
     * @param token its spelling
     * @return this builder
     */
    public PromptBuilder specialOrText(String token) {
        return tokenizer.specialToken(token).isPresent() ? special(token) : text(token);
    }

    /**
     * Adds the token that begins a text.
     *
     * @return this builder
     * @throws IllegalArgumentException if the tokenizer has none
     */
    public PromptBuilder beginningOfText() {
        return add(tokenizer.bos(), spelling(tokenizer.bos()), "for the beginning of a text");
    }

    /** Adds the token that begins a text, if the tokenizer usually puts it there. */
    PromptBuilder usualBeginning() {
        return tokenizer.addsBos() ? beginningOfText() : this;
    }

    /**
     * Adds the token that ends a text.
     *
     * @return this builder
     * @throws IllegalArgumentException if the tokenizer has none
     */
    public PromptBuilder endOfText() {
        return add(tokenizer.eos(), spelling(tokenizer.eos()), "for the end of a text");
    }

    private String spelling(OptionalInt id) {
        return id.isPresent() ? tokenizer.token(id.getAsInt()) : "";
    }

    private PromptBuilder add(OptionalInt id, String token, String missing) {
        if (id.isEmpty()) {
            throw new IllegalArgumentException(template + ": the tokenizer has no special token " + missing
                    + "; use the model's own tokenizer, or the template that the model was trained with");
        }
        segments.add(PromptSegment.ofSpecialToken(token, id.getAsInt()));
        return this;
    }

    int[] encode() {
        return tokenizer.encode(segments);
    }
}
