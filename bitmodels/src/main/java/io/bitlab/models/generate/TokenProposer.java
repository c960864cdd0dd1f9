package io.bitlab.models.generate;

/**
 * Guesses how a text continues. A wrong guess costs time and nothing else. For one thread, and for the versions of one
 * text: mostly the text of the call before and some more tokens.
 */
interface TokenProposer {

    /**
     * Reads a text before the first guess of a generation. A prompt is read once, so guesses need not pay for it.
     *
     * @param text the tokens so far; not modified
     * @param most how many will be guessed next at most
     */
    default void catchUp(TokenSequence text, int most) {
    }

    /**
     * Guesses the next tokens.
     *
     * @param text the tokens so far; not modified
     * @param most how many to guess at most, at least 1
     * @return up to so many tokens of the model's vocabulary; none if there is no good guess
     */
    int[] propose(TokenSequence text, int most);
}
