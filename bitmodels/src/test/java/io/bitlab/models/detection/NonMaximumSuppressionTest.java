package io.bitlab.models.detection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.models.detection.data.ScoredBox;
import io.bitlab.models.image.Box;
import java.util.List;
import org.junit.jupiter.api.Test;

class NonMaximumSuppressionTest {

    private static final DetectionOptions OPTIONS = new DetectionOptions(0.1f, 0.5f, 10, false);

    private final ScoredBox best = box(0, 0, 0.9f);
    private final ScoredBox near = box(2, 0, 0.8f); // 80 of 120 pixels in common with the best
    private final ScoredBox other = box(2, 1, 0.7f); // the same place, another class
    private final ScoredBox far = box(50, 0, 0.6f);
    private final ScoredBox weak = box(80, 0, 0.05f);

    private static ScoredBox box(double left, int label, float score) {
        return new ScoredBox(Box.ofSize(left, 0, 10, 10), label, score);
    }

    @Test
    void oneBoxOfEachObjectStays() {
        List<ScoredBox> all = List.of(weak, far, other, near, best);
        assertEquals(List.of(best, other, far), NonMaximumSuppression.apply(all, OPTIONS));
        assertEquals(List.of(best, far), NonMaximumSuppression.apply(all, OPTIONS.withAcrossClasses(true)));
        assertEquals(List.of(best, near, other, far),
                NonMaximumSuppression.apply(all, OPTIONS.withOverlapThreshold(0.7f)));
        assertEquals(List.of(best, other), NonMaximumSuppression.apply(all, OPTIONS.withMaxDetections(2)));
        assertEquals(List.of(best, other, far, weak),
                NonMaximumSuppression.apply(all, OPTIONS.withScoreThreshold(0.01f)));
        assertEquals(List.of(), NonMaximumSuppression.apply(List.of(), OPTIONS));
    }

    /** A suppressed box suppresses nothing. */
    @Test
    void chainsOfBoxesKeepTheirEnds() {
        ScoredBox end = box(4, 0, 0.75f);
        assertEquals(List.of(best, end), NonMaximumSuppression.apply(List.of(best, near, end), OPTIONS));
    }

    @Test
    void ofEqualScoresTheEarlierCounts() {
        ScoredBox twin = box(1, 0, 0.9f);
        assertEquals(List.of(twin), NonMaximumSuppression.apply(List.of(twin, best), OPTIONS));
    }

    @Test
    void optionsOutOfRangeAreNamed() {
        assertEquals("DetectionOptions: scoreThreshold is 1.0, expected a number in [0, 1)",
                assertThrows(IllegalArgumentException.class, () -> OPTIONS.withScoreThreshold(1f)).getMessage());
        assertThrows(IllegalArgumentException.class, () -> OPTIONS.withOverlapThreshold(0f));
        assertThrows(IllegalArgumentException.class, () -> OPTIONS.withOverlapThreshold(Float.NaN));
        assertThrows(IllegalArgumentException.class, () -> OPTIONS.withMaxDetections(0));
    }
}
