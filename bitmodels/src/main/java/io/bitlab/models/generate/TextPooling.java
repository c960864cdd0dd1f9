package io.bitlab.models.generate;

/** How the hidden states of the tokens of a text become one vector. */
public enum TextPooling {

    /** The mean over all tokens, those that mark the beginning included. */
    MEAN,

    /** The state of the last token, which has seen all others. */
    LAST_TOKEN
}
