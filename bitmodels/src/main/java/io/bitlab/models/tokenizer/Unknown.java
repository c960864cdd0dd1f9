package io.bitlab.models.tokenizer;

/**
 * What stands for a character that the vocabulary lacks.
 *
 * @param id the token; -1 if there is none, and such characters are refused
 * @param fused whether several in a row become one token
 */
record Unknown(int id, boolean fused) {

    static final Unknown NONE = new Unknown(-1, false);

    /** Collects the tokens of characters. As in Hugging Face's, an unknown one waits for the next that is known. */
    final class Sequence {

        private final IntList ids = new IntList();
        private boolean waits;

        void known(int token) {
            end();
            ids.add(token);
        }

        /** Tokens of the bytes of a character: they overtake unknown characters. */
        void bytes(int... tokens) {
            ids.add(tokens);
        }

        void unknown() {
            if (!fused) {
                end();
            }
            waits = true;
        }

        int[] toArray() {
            end();
            return ids.toArray();
        }

        private void end() {
            if (waits) {
                ids.add(id);
                waits = false;
            }
        }
    }
}
