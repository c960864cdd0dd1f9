package io.bitlab.models.grammar;

import io.bitlab.models.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * The tokens of a vocabulary, sorted by their bytes. What a token shares with the one before is read once, so that an
 * automaton goes through all tokens as it would through their trie. Immutable.
 */
final class TokenTable {

    private final byte[][] tokens; // in ascending order
    private final int[] ids;
    private final int[] shared; // bytes at the beginning that are those of the token before
    private final int size;
    private final int longest;
    private final Spelling spelling;

    /** The tokens except those that end a text. */
    TokenTable(Tokenizer tokenizer, Set<Integer> stopTokens) {
        size = tokenizer.vocabularySize();
        byte[][] all = new byte[size][];
        List<byte[]> plain = new ArrayList<>();
        for (int id = 0; id < size; id++) {
            all[id] = tokenizer.bytes(id);
            if (!stopTokens.contains(id)) {
                plain.add(all[id]);
            }
        }
        spelling = Spelling.of(plain);
        List<Integer> sorted = new ArrayList<>();
        for (int id = 0; id < size; id++) {
            if (!stopTokens.contains(id) && spelling.uses(all[id])) {
                sorted.add(id);
            }
        }
        sorted.sort(Comparator.comparing(id -> all[id], Arrays::compareUnsigned));
        ids = sorted.stream().mapToInt(id -> id).toArray();
        tokens = sorted.stream().map(id -> all[id]).toArray(byte[][]::new);
        shared = new int[ids.length];
        int most = 0;
        for (int i = 0; i < ids.length; i++) {
            most = Math.max(most, tokens[i].length);
            int mismatch = i == 0 ? 0 : Arrays.mismatch(tokens[i - 1], tokens[i]);
            shared[i] = mismatch < 0 ? tokens[i].length : mismatch;
        }
        longest = most;
    }

    Spelling spelling() {
        return spelling;
    }

    /** The number of tokens of the tokenizer. */
    int size() {
        return size;
    }

    /** The ids of the tokens with which an automaton can go on from a state. */
    BitSet allowed(ByteAutomaton automaton, long from) {
        BitSet allowed = new BitSet(size);
        long[] path = new long[longest + 1]; // the states after each byte of a token
        path[0] = from;
        int read = 0; // how many bytes of the token before, all of them or as many as the automaton can read
        for (int i = 0; i < ids.length; i++) {
            boolean failed = i > 0 && read < tokens[i - 1].length;
            if (failed && shared[i] > read) {
                continue; // it has the byte that failed; and the token before, skipped or not, has the bytes read
            }
            byte[] token = tokens[i];
            read = Math.min(read, shared[i]);
            while (read < token.length) {
                long next = automaton.next(path[read], token[read] & 0xff);
                if (next == ByteAutomaton.DEAD) {
                    break;
                }
                path[++read] = next;
            }
            if (read == token.length) {
                allowed.set(ids[i]);
            }
        }
        return allowed;
    }
}
