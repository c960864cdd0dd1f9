package io.bitlab.models.grammar;

import io.bitlab.models.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The tokens of a vocabulary, sorted by their bytes. What a token shares with the one before is read once, so that an
 * automaton goes through all tokens as it would through their trie. Immutable.
 */
final class TokenTable {

    private final int[] ids; // in the order of their bytes
    private final byte[] bytes; // of all tokens, one after the other
    private final int[] ends; // of each token in them
    private final int[] shared; // how many bytes a token begins with are those of the token before
    private final int size;
    private final int longest;
    private final Spelling spelling;

    /** The tokens except those that end a text. */
    TokenTable(Tokenizer tokenizer, Set<Integer> stopTokens) {
        size = tokenizer.vocabularySize();
        List<Token> tokens = IntStream.range(0, size).filter(id -> !stopTokens.contains(id))
                .mapToObj(id -> new Token(id, tokenizer.bytes(id))).toList();
        spelling = Spelling.of(tokens.stream().map(Token::bytes).toList());
        Token[] sorted = tokens.stream().filter(token -> spelling.uses(token.bytes)).sorted().toArray(Token[]::new);
        ids = new int[sorted.length];
        ends = new int[sorted.length];
        shared = new int[sorted.length];
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int most = 0;
        for (int i = 0; i < sorted.length; i++) {
            byte[] token = sorted[i].bytes;
            int mismatch = i == 0 ? 0 : Arrays.mismatch(sorted[i - 1].bytes, token);
            all.writeBytes(token);
            ids[i] = sorted[i].id;
            ends[i] = all.size();
            shared[i] = mismatch < 0 ? token.length : mismatch;
            most = Math.max(most, token.length);
        }
        bytes = all.toByteArray();
        longest = most;
    }

    private record Token(int id, byte[] bytes) implements Comparable<Token> {
        @Override
        public int compareTo(Token other) {
            return Arrays.compareUnsigned(bytes, other.bytes);
        }
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
        int read = 0; // how many bytes of the token before: all of them, or as many as the automaton can read
        boolean failed = false; // whether that is less than all
        int end = 0;
        for (int i = 0; i < ids.length; i++) {
            int start = end;
            end = ends[i];
            if (failed && shared[i] > read) {
                continue; // it has the byte that failed after the bytes read, as the token before, skipped or not
            }
            read = Math.min(read, shared[i]);
            failed = false;
            while (start + read < end && !failed) {
                long next = automaton.next(path[read], bytes[start + read] & 0xff);
                failed = next == ByteAutomaton.DEAD;
                if (!failed) {
                    path[++read] = next;
                }
            }
            if (!failed) {
                allowed.set(ids[i]);
            }
        }
        return allowed;
    }
}
