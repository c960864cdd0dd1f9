package io.bitlab.models.detection.score;

import io.bitlab.models.detection.data.LabelledBox;
import io.bitlab.models.detection.data.ScoredBox;
import java.util.List;

/**
 * What a detector found, missed and made up in one image. Each detection is in one of the lists {@code found},
 * {@code confused}, {@code wrong} and {@code leftOut}, and each object that counts in one of {@code found},
 * {@code confused} and {@code missed}.
 *
 * {@snippet class="io.bitlab.models.snippets.ScoreSnippets" region="matches"}
 *
 * @param found objects with the detections that found them, the surest first
 * @param confused objects that were found at their place as something else
 * @param wrong detections where no object is free, the surest first: of nothing, or of an object that a surer one found
 * @param missed objects that no detection found
 * @param leftOut detections of crowds and of difficult objects, which are neither right nor wrong
 */
public record ImageMatches(List<Pair> found, List<Pair> confused, List<ScoredBox> wrong, List<LabelledBox> missed,
        List<ScoredBox> leftOut) {

    /** Copies the lists. */
    public ImageMatches {
        found = List.copyOf(found);
        confused = List.copyOf(confused);
        wrong = List.copyOf(wrong);
        missed = List.copyOf(missed);
        leftOut = List.copyOf(leftOut);
    }

    /**
     * An object and what was found at its place.
     *
     * @param object what is there
     * @param detection what the detector said
     */
    public record Pair(LabelledBox object, ScoredBox detection) {
    }
}
