package io.bitlab.models.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TokenDatasetTest {

    private static final TokenDataset DATA = TokenDataset.of(IntStream.range(0, 1001).toArray(), 10);

    private static int[] starts(TokenDataset data, long seed, int epoch) {
        return IntStream.range(0, data.samplesPerEpoch()).map(i -> data.start(seed, epoch, i)).toArray();
    }

    @Test
    void windowsAreEvenlySpreadAndOthersInEachEpoch() {
        assertEquals(100, DATA.samplesPerEpoch());
        int[] starts = starts(DATA, 7, 1);
        for (int i = 0; i < 100; i++) { // 991 places to begin
            assertTrue(starts[i] >= (int) (i * 9.91) && starts[i] <= (i + 1) * 9.91, i + ": " + starts[i]);
        }
        assertArrayEquals(starts, starts(DATA, 7, 1));
        assertNotEquals(List.of(starts), List.of(starts(DATA, 7, 2)));
        assertTrue(IntStream.range(0, 100).filter(i -> starts[i] == starts(DATA, 7, 2)[i]).count() < 30);
        assertTrue(IntStream.range(0, 100).filter(i -> starts[i] == starts(DATA, 8, 1)[i]).count() < 30);
    }

    @Test
    void allPlacesAreReachedInTime() {
        boolean[] seen = new boolean[1001];
        for (int epoch = 1; epoch <= 60; epoch++) {
            for (int start : starts(DATA, 1, epoch)) {
                seen[start] = true;
            }
        }
        assertTrue(IntStream.range(0, 991).filter(i -> seen[i]).count() > 980);
        assertEquals(0, IntStream.range(991, 1001).filter(i -> seen[i]).count());
        assertTrue(seen[0] && seen[990], "the first and the last window");
    }

    @Test
    void aStreamOfOneWindowHasOneStart() {
        TokenDataset data = TokenDataset.of(new int[] {1, 2, 3}, 2).withSamplesPerEpoch(5);
        assertArrayEquals(new int[5], starts(data, 1, 1));
    }

    @Test
    void documentsAreJoinedByTheirEnds() {
        TokenDataset data = TokenDataset.ofDocuments(List.of(new int[] {1, 2}, new int[0], new int[] {3}), 9, 2);
        int[] stream = new int[data.length()];
        data.copy(0, stream, 0, stream.length);
        assertArrayEquals(new int[] {1, 2, 9, 9, 3, 9}, stream);
        assertEquals(9, data.largestToken());
        assertEquals(3, data.samplesPerEpoch());
    }

    @Test
    void theEndIsHeldBack() {
        TokenDataset.Split split = DATA.split(0.1);
        assertEquals(901, split.train().length());
        assertEquals(100, split.validation().length());
        assertEquals(900, split.train().largestToken());
        int[] first = new int[1];
        split.validation().copy(0, first, 0, 1);
        assertEquals(901, first[0]);
        assertEquals(10, split.validation().context());
    }

    @Test
    void refusesWhatIsNoText() {
        assertRefused("TokenDataset: 4 tokens with a context of 4; expected a context of at least 1, and at least one "
                + "token more than the context", () -> TokenDataset.of(new int[4], 4));
        assertRefused("TokenDataset: 4 tokens with a context of 0;", () -> TokenDataset.of(new int[4], 0));
        assertRefused("TokenDataset: token -2 at position 1, expected a number from 0",
                () -> TokenDataset.of(new int[] {1, -2, 3}, 1));
        assertRefused("TokenDataset: 0 windows an epoch of 10 tokens each, expected 1 to 214748364",
                () -> DATA.withSamplesPerEpoch(0));
        assertRefused("TokenDataset: 214748365 windows", () -> DATA.withSamplesPerEpoch(214_748_365));
        assertRefused("TokenDataset.split: validation share 1.0 is not between 0 and 1", () -> DATA.split(1));
        assertRefused("TokenDataset: 10 tokens with a context of 10", () -> DATA.split(0.01));
    }

    private static void assertRefused(String message, Runnable construction) {
        String found = assertThrows(IllegalArgumentException.class, construction::run).getMessage();
        assertTrue(found.startsWith(message), found);
    }
}
