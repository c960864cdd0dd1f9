package io.bitlab.models.tokenizer;

import java.util.stream.IntStream;

/**
 * The token for characters that the vocabulary lacks ({@code unk_token}).
 *
 * @param id the token; -1 if there is none, in which case such characters are refused
 * @param fused whether a run of unknown characters becomes a single token ({@code fuse_unk})
 */
record UnknownToken(int id, boolean fused) {

    static final UnknownToken NONE = new UnknownToken(-1, false);

    /**
     * Collects the tokens of characters. As in Hugging Face's tokenizers, an unknown token is only emitted when the
     * next known token, or another unknown one, arrives.
     */
    final class Sequence {

        private final IntStream.Builder ids = IntStream.builder();
        private boolean pending;

        void known(int token) {
            flush();
            ids.add(token);
        }

        /** Adds byte-fallback tokens. They overtake a pending unknown token, as in Hugging Face's tokenizers. */
        void bytes(int... tokens) {
            for (int token : tokens) {
                ids.add(token);
            }
        }

        void unknown() {
            if (!fused) {
                flush();
            }
            pending = true;
        }

        int[] toArray() {
            flush();
            return ids.build().toArray();
        }

        private void flush() {
            if (pending) {
                ids.add(id);
                pending = false;
            }
        }
    }
}
