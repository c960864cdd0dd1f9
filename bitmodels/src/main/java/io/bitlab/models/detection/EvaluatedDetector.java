package io.bitlab.models.detection;

import io.bitlab.models.detection.score.CocoScores;
import io.bitlab.models.detection.score.DetectionMatches;
import io.bitlab.models.detection.score.ImageMatches;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * A detector in a report.
 *
 * @param name what it is called there
 * @param scores how good it is
 * @param matches what it found, missed and made up, of what it is sure enough
 * @param score how sure
 */
record EvaluatedDetector(String name, CocoScores scores, DetectionMatches matches, double score) {

    /** Before it is known which detections are sure enough. */
    record Named(String name, DetectorEvaluation evaluation) {

        EvaluatedDetector matched(double score) {
            return new EvaluatedDetector(name, evaluation.scores(), evaluation.matches(score), score);
        }
    }

    private ImageMatches image(int index) {
        return matches.images().get(index);
    }

    private int found(int image) {
        return image(image).found().size();
    }

    private int errors(int image) {
        ImageMatches matched = image(image);
        return matched.missed().size() + matched.wrong().size() + 2 * matched.confused().size();
    }

    /** The pictures with most errors. */
    List<Integer> worst(int most) {
        return IntStream.range(0, matches.images().size()).boxed().filter(image -> errors(image) > 0)
                .sorted(Comparator.comparingInt(this::errors).reversed()).limit(most).toList();
    }

    /** The pictures with the smallest share of errors, of these the ones where most was found. */
    List<Integer> best(int most, List<Integer> except) {
        return IntStream.range(0, matches.images().size()).boxed()
                .filter(image -> found(image) > 0 && !except.contains(image))
                .sorted(Comparator.comparingDouble((Integer image) -> errors(image) / (double) found(image))
                        .thenComparingInt(image -> -found(image)))
                .limit(most).toList();
    }

    private int sum(IntUnaryOperator ofClass) {
        return IntStream.range(0, scores.classes().size()).map(ofClass).sum();
    }

    int found() {
        return sum(matches::found);
    }

    int missed() {
        return sum(matches::missed);
    }

    int wrong() {
        return sum(matches::wrong);
    }
}
