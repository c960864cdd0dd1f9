package io.bitlab.models.tokenizer;

import java.util.Arrays;

/** A list of token ids that grows. */
public final class IntList {

    private int[] ids = new int[16];
    private int size;

    public void add(int... more) {
        int needed = size + more.length;
        if (needed > ids.length) {
            ids = Arrays.copyOf(ids, Math.max(needed, 2 * ids.length));
        }
        System.arraycopy(more, 0, ids, size, more.length);
        size = needed;
    }

    public int size() {
        return size;
    }

    /** The ids in the list's own array, which may be longer; not to be modified. */
    public int[] array() {
        return ids;
    }

    public int[] toArray() {
        return Arrays.copyOf(ids, size);
    }

    /** Refuses an id that is in no vocabulary of this size. */
    static void requireKnown(String tokenizer, int id, int vocabularySize) {
        if (id < 0 || id >= vocabularySize) {
            throw new IllegalArgumentException(tokenizer + ": token " + id + " is not in the vocabulary of "
                    + vocabularySize + " tokens; is this the tokenizer that the model was trained with?");
        }
    }
}
