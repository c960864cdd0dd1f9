package io.bitlab.models.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopStringsTest {

    @Test
    void whatMayBecomeAStopStringIsHeldBack() {
        StopStrings stops = new StopStrings(List.of("END", "\n\n"));
        assertEquals("a ", stops.accept("a E"));
        assertEquals("", stops.accept("N"));
        assertEquals("ENx", stops.accept("x"));
        assertEquals("", stops.accept("\n"));
        assertEquals("\ny", stops.accept("yE"));
        assertEquals("E", stops.accept("E"));
        assertFalse(stops.stopped());
        assertEquals("E", stops.finish());
        assertEquals("z", stops.accept("zEND and more"));
        assertTrue(stops.stopped());
    }

    @Test
    void theFirstToBeCompleteCountsHoweverTextIsCut() {
        Random random = new Random(17);
        List<String> stops = List.of("aba", "bb", "abcab", "c");
        for (int round = 0; round < 2000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 12; i++) {
                text.append((char) ('a' + random.nextInt(random.nextInt(3) + 1)));
            }
            StopStrings filter = new StopStrings(stops);
            StringBuilder shown = new StringBuilder();
            for (int from = 0; from < text.length() && !filter.stopped();) {
                int to = Math.min(text.length(), from + 1 + random.nextInt(4));
                shown.append(filter.accept(text.substring(from, to)));
                from = to;
            }
            shown.append(filter.finish());
            assertEquals(cut(text.toString(), stops), shown.toString(), "round " + round + ": " + text);
        }
    }

    private static String cut(String text, List<String> stops) {
        for (int end = 1; end <= text.length(); end++) {
            String before = text.substring(0, end);
            int longest = stops.stream().filter(before::endsWith).mapToInt(String::length).max().orElse(0);
            if (longest > 0) {
                return text.substring(0, end - longest);
            }
        }
        return text;
    }
}
