package io.bitlab.models.generate;

import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.DecodingSession;
import java.util.Arrays;

/**
 * Guesses the most likely tokens of a smaller model (Leviathan et al., <i>Fast Inference from Transformers via
 * Speculative Decoding</i>, 2023). Where the text is longer than the context of that model, it sees the last part.
 */
final class DraftProposer implements TokenProposer {

    private final DecodingSession session;
    private final int capacity;
    private int[] read = {}; // the tokens in the session, and older ones that are no longer read
    private int start; // of those in the session

    DraftProposer(BitTransformer model) {
        this.session = model.newSession();
        this.capacity = model.config().maxPositionEmbeddings();
    }

    @Override
    public void catchUp(TokenSequence text, int most) {
        int length = text.length();
        int known = truncate(text, most);
        if (length - 1 > known) {
            session.read(text.range(known, length - 1));
            read = text.range(0, length - 1);
        }
    }

    /** Drops what the text does not begin with; returns how many of its tokens need not be read again. */
    private int truncate(TokenSequence text, int most) {
        int length = text.length();
        int known = known(text);
        if (known < start + 1 || length + mostOf(most) - 1 - start > capacity) { // begins again, with room for more
            start = Math.max(0, length - Math.max(1, capacity / 2));
            known = start;
        }
        session.truncate(known - start);
        read = Arrays.copyOf(read, Math.min(read.length, known));
        return known;
    }

    @Override
    public int[] propose(TokenSequence text, int most) {
        int length = text.length();
        int known = truncate(text, most);
        int count = Math.min(mostOf(most), capacity - (length - start) + 1);
        float[] logits = session.append(text.range(known, length));
        int[] guess = new int[count];
        for (int i = 0; i < count; i++) {
            guess[i] = mostLikely(logits);
            if (i + 1 < count) {
                logits = session.append(guess[i]);
            }
        }
        read = Arrays.copyOf(text.range(0, length), length + count - 1);
        System.arraycopy(guess, 0, read, length, count - 1);
        return guess;
    }

    /** So few that there is room for them after a new beginning. */
    private int mostOf(int most) {
        return Math.min(most, Math.max(1, capacity / 2));
    }

    /** How many tokens of the text, at most all but the last one, need not be read again. */
    private int known(TokenSequence text) {
        int most = Math.min(text.length() - 1, read.length);
        int difference = Arrays.mismatch(text.array(), 0, most, read, 0, most);
        return difference < 0 ? most : difference;
    }

    private static int mostLikely(float[] logits) {
        int best = 0;
        for (int token = 1; token < logits.length; token++) {
            best = logits[token] > logits[best] ? token : best;
        }
        return best;
    }
}
