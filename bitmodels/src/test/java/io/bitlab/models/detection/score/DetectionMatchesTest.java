package io.bitlab.models.detection.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.models.detection.data.BoxKind;
import io.bitlab.models.detection.data.LabelledBox;
import io.bitlab.models.detection.data.ScoredBox;
import io.bitlab.models.image.Box;
import java.util.List;
import org.junit.jupiter.api.Test;

class DetectionMatchesTest {

    private static Box at(int place) {
        return Box.ofSize(100 * place, 0, 50, 50);
    }

    private static LabelledBox object(int place, int label, BoxKind kind) {
        return new LabelledBox(at(place), label, kind, at(place).area());
    }

    private static ScoredBox found(int place, int label, double score) {
        return new ScoredBox(at(place), label, (float) score);
    }

    /** At the places: found twice, found as another, missed, difficult, crowd, nothing there, too unsure. */
    @Test
    void eachDetectionAndObjectIsInOneList() {
        LabelledBox twice = object(0, 0, BoxKind.OBJECT);
        LabelledBox other = object(1, 1, BoxKind.OBJECT);
        LabelledBox missed = object(2, 0, BoxKind.OBJECT);
        LabelledBox unsure = object(6, 2, BoxKind.OBJECT);
        List<LabelledBox> truth = List.of(twice, other, missed, object(3, 0, BoxKind.DIFFICULT),
                object(4, 1, BoxKind.CROWD), unsure);
        List<ScoredBox> detections = List.of(found(0, 0, 0.6), found(0, 0, 0.9), found(1, 0, 0.8), found(3, 0, 0.7),
                found(4, 1, 0.5), found(4, 1, 0.55), found(5, 2, 0.95), found(6, 2, 0.29));
        DetectionMatches matches = DetectionMatches.of(List.of(truth, List.of()), List.of(detections, List.of()), 3,
                0.5, 0.3);
        ImageMatches image = matches.images().get(0);
        assertEquals(List.of(new ImageMatches.Pair(twice, detections.get(1))), image.found());
        assertEquals(List.of(new ImageMatches.Pair(other, detections.get(2))), image.confused());
        assertEquals(List.of(detections.get(6), detections.get(0)), image.wrong());
        assertEquals(List.of(missed, unsure), image.missed());
        assertEquals(List.of(detections.get(3), detections.get(5), detections.get(4)), image.leftOut());
        assertEquals(List.of(), matches.images().get(1).wrong());

        assertEquals(1, matches.found(0));
        assertEquals(1, matches.missed(0));
        assertEquals(2, matches.wrong(0));
        assertEquals(1 / 3.0, matches.precision(0));
        assertEquals(0.5, matches.recall(0));
        assertEquals(1, matches.confusion(1, 0));
        assertEquals(1, matches.missed(1));
        assertEquals(0, matches.wrong(1));
        assertEquals(Double.NaN, matches.precision(1));
        assertEquals(1, matches.confusion(3, 2));
        assertEquals(1, matches.confusion(2, 3));
        assertEquals("""
                class    found   missed    wrong  precision  recall
                RBC          1        1        2      0.333   0.500
                WBC          0        1        0          -   0.000
                x            0        1        1      0.000   0.000
                """, matches.table(List.of("RBC", "WBC", "x")));
        assertEquals("DetectionMatches(IoU 0.5, score 0.3: 1 objects found, 3 missed; 3 detections wrong)",
                matches.toString());
    }

    /** The surer detection of another class is not allowed to take the object of one that is right. */
    @Test
    void matchesWithinAClassComeFirst() {
        DetectionMatches matches = DetectionMatches.of(List.of(List.of(object(0, 1, BoxKind.OBJECT))),
                List.of(List.of(found(0, 0, 0.9), found(0, 1, 0.4))), 2, 0.5, 0);
        assertEquals(1, matches.found(1));
        assertEquals(1, matches.confusion(2, 0));
    }

    /** 0.7f is less than 0.7. */
    @Test
    void aScoreReachesItself() {
        assertEquals(1, DetectionMatches.of(List.of(List.of(object(0, 0, BoxKind.OBJECT))),
                List.of(List.of(found(0, 0, 0.7f))), 1, 0.5, 0.7).found(0));
    }

    @Test
    void refusesWhatDoesNotFit() {
        assertThrows(IllegalArgumentException.class, () -> DetectionMatches.of(List.of(), List.of(), 1, 0, 0));
        assertThrows(IllegalArgumentException.class, () -> DetectionMatches.of(List.of(), List.of(), 1, 1.1, 0));
        assertThrows(IllegalArgumentException.class,
                () -> DetectionMatches.of(List.of(), List.of(), 1, 0.5, Double.NaN));
        assertThrows(IllegalArgumentException.class,
                () -> DetectionMatches.of(List.of(List.of()), List.of(), 1, 0.5, 0));
        DetectionMatches none = DetectionMatches.of(List.of(), List.of(), 1, 0.5, 0);
        assertThrows(IllegalArgumentException.class, () -> none.table(List.of("a", "b")));
        assertThrows(IndexOutOfBoundsException.class, () -> none.found(2));
    }
}
