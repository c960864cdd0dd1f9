package io.bitlab.models.generate;

/** Why a generation ended. */
public enum FinishReason {

    /** A stop token was generated. */
    END_TOKEN,

    /** A stop string was generated. */
    STOP_STRING,

    /** The text is complete by the {@link TextGeneratorBuilder#grammar grammar}, which lets nothing follow. */
    COMPLETE,

    /** The maximum number of tokens was generated. */
    MAX_TOKENS,

    /** The context is full: the last token cannot be appended to it, so no further token can be predicted. */
    CONTEXT_FULL,

    /** The caller cancelled, or the thread was interrupted. */
    CANCELLED
}
