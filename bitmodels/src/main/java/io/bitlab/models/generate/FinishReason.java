package io.bitlab.models.generate;

/** Why a generation ended. */
public enum FinishReason {

    /** The model drew a token that ends a text or an answer. */
    END_TOKEN,

    /** A stop string came. */
    STOP_STRING,

    /** As many tokens as allowed were drawn. */
    MAX_TOKENS,

    /** The context has no room for the last token, so there is nothing to draw the next one from. */
    CONTEXT_FULL,

    /** The caller cancelled, or the thread was interrupted. */
    CANCELLED
}
