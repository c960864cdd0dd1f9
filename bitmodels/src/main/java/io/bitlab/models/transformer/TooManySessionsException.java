package io.bitlab.models.transformer;

/**
 * A {@link BatchedDecoder} has no room for another session: as many are open, or as many positions are reserved, as it
 * allows. Nothing is wrong with the request; try again when a session has been closed.
 *
 * {@snippet class="io.bitlab.models.snippets.TransformerSnippets" region="full"}
 */
public final class TooManySessionsException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    TooManySessionsException(String message) {
        super(message);
    }
}
