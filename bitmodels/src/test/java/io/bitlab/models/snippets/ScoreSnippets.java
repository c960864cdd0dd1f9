package io.bitlab.models.snippets;

import io.bitlab.models.detection.data.LabelledBox;
import io.bitlab.models.detection.data.ScoredBox;
import io.bitlab.models.detection.score.CocoEvaluator;
import io.bitlab.models.detection.score.CocoScores;
import io.bitlab.models.detection.score.DetectionMatches;
import io.bitlab.models.detection.score.ImageMatches;
import io.bitlab.models.detection.score.PrecisionRecallCurve;
import io.bitlab.models.image.Box;
import java.util.List;

/** Snippets of the Javadoc of {@code io.bitlab.models.detection.score}. */
final class ScoreSnippets {

    private ScoreSnippets() {}

    static CocoScores coco() {
        // @start region="coco"
        List<List<LabelledBox>> truth = List.of(List.of(LabelledBox.of(new Box(10, 20, 50, 60), 0))); // by image
        List<List<ScoredBox>> found = List.of(List.of(new ScoredBox(new Box(12, 20, 52, 60), 0, 0.8f)));
        CocoScores scores = CocoEvaluator.evaluate(truth, found, 1); // 1 class
        System.out.println(scores.ap50()); // 1.0
        System.out.print(scores.summary() + scores.table(List.of("cell")));
        // @end
        return scores;
    }

    static double curve(CocoScores scores) {
        // @start region="curve"
        PrecisionRecallCurve curve = scores.classes().get(0).curve(0.5); // IoU 0.5
        double precision = curve.precision(90); // when 90 % of the objects are to be found
        double minScore = curve.score(90); // the score from which detections must count for that
        // @end
        return precision + minScore;
    }

    static int matches(List<List<LabelledBox>> truth, List<List<ScoredBox>> found) {
        // @start region="matches"
        DetectionMatches matches = DetectionMatches.of(truth, found, 1, 0.5, 0.3);
        System.out.print(matches.table(List.of("cell")));
        for (ImageMatches image : matches.images()) {
            image.missed().forEach(object -> System.out.println("missed at " + object.box()));
        }
        // @end
        return matches.found(0);
    }
}
