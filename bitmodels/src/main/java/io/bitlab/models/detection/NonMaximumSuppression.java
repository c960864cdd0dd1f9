package io.bitlab.models.detection;

import io.bitlab.models.detection.data.ScoredBox;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Leaves one box of each object: takes the boxes from the best one down, and drops those that overlap with one taken
 * before.
 *
 * {@snippet class="io.bitlab.models.snippets.DetectionSnippets" region="suppression"}
 */
public final class NonMaximumSuppression {

    /** So many times as many boxes as may be found are looked at, the best ones; the others could hardly stay. */
    private static final int LOOKED_AT = 30;

    private NonMaximumSuppression() {
    }

    /**
     * Suppresses boxes.
     *
     * @param boxes in any order; of equal scores, the earlier one counts as better
     * @param options the limits of scores, overlap and number
     * @return the boxes that stay, the best first
     */
    public static List<ScoredBox> apply(List<ScoredBox> boxes, DetectionOptions options) {
        List<ScoredBox> best = boxes.stream().filter(box -> box.score() >= options.scoreThreshold())
                .sorted(Comparator.comparingDouble(ScoredBox::score).reversed())
                .limit((long) LOOKED_AT * options.maxDetections()).toList();
        List<ScoredBox> taken = new ArrayList<>();
        for (ScoredBox box : best) {
            if (taken.size() == options.maxDetections()) {
                break;
            }
            if (taken.stream().noneMatch(better -> isSame(better, box, options))) {
                taken.add(box);
            }
        }
        return List.copyOf(taken);
    }

    private static boolean isSame(ScoredBox better, ScoredBox box, DetectionOptions options) {
        return (options.acrossClasses() || better.label() == box.label())
                && better.box().iou(box.box()) >= options.overlapThreshold();
    }
}
