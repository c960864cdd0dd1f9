package io.bitlab.models.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PromptLookupTest {

    private static int[] propose(int most, int... text) {
        TokenSequence sequence = new TokenSequence();
        for (int token : text) {
            sequence.append(token); // so that its array is longer
        }
        return new PromptLookup().propose(sequence, most);
    }

    @Test
    void whatFollowedBeforeFollowsAgain() {
        assertArrayEquals(new int[] {4, 5}, propose(2, 1, 2, 3, 4, 5, 6, 1, 2, 3));
        assertArrayEquals(new int[] {4, 5, 6, 1, 2, 3, 4}, propose(7, 1, 2, 3, 4, 5, 6, 1, 2, 3));
        assertArrayEquals(new int[] {9}, propose(1, 1, 2, 3, 4, 1, 2, 3, 9, 1, 2, 3), "the last place");
        assertArrayEquals(new int[] {4}, propose(1, 7, 1, 2, 3, 4, 8, 1, 2, 3, 9, 7, 1, 2, 3), "the longest past");
    }

    @Test
    void repetitionsGoOn() {
        assertArrayEquals(new int[] {5, 5, 5}, propose(3, 5, 5, 5, 5));
        assertArrayEquals(new int[] {7, 5, 6, 7, 5}, propose(5, 5, 6, 7, 5, 6, 7, 5, 6));
    }

    @Test
    void twoEqualTokensAreACoincidence() {
        for (int[] text : new int[][] {{}, {1}, {1, 1}, {1, 1, 1}, {1, 2, 3, 1, 2}, {9, 1, 2, 3, 8, 1, 2}}) {
            assertEquals(0, propose(4, text).length);
        }
    }

    /** Against the plainest search there is. */
    @Test
    void randomTexts() {
        Random random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            int[] text = random.ints(random.nextInt(60), 0, 1 + random.nextInt(3)).toArray();
            int most = 1 + random.nextInt(6);
            int from = 0;
            for (int past = 12; past >= 3 && from == 0; past--) {
                for (int end = text.length - 1; end >= past && from == 0; end--) {
                    boolean same = true;
                    for (int k = 1; k <= past; k++) {
                        same &= text[end - k] == text[text.length - k];
                    }
                    from = same ? end : 0;
                }
            }
            int[] expected = new int[from == 0 ? 0 : most];
            for (int k = 0; k < expected.length; k++) {
                expected[k] = from + k < text.length ? text[from + k] : expected[from + k - text.length];
            }
            assertArrayEquals(expected, propose(most, text), "text " + i);
        }
    }
}
