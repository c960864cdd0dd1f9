package io.bitlab.models.detection;

import io.bitlab.models.detection.data.BoxedImages;
import io.bitlab.models.detection.data.LabelledBox;
import io.bitlab.models.detection.data.ScoredBox;
import io.bitlab.models.detection.score.CocoEvaluator;
import io.bitlab.models.detection.score.CocoScores;
import io.bitlab.models.detection.score.DetectionMatches;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a detector finds on annotated pictures, and how good that is.
 *
 * {@snippet class="io.bitlab.models.snippets.DetectionSnippets" region="evaluate"}
 *
 * @param objects the true objects of each picture, with the model's classes; copied
 * @param found the objects found on each; copied
 * @param scores how good that is
 */
public record DetectorEvaluation(List<List<LabelledBox>> objects, List<List<ScoredBox>> found, CocoScores scores) {

    /** Average precision counts low scores as well; lower ones are noise and take time. */
    private static final float LOWEST_SCORE = 0.02f;

    /** From this overlap on, a detection counts as right in {@link #matches}. */
    static final double IOU = 0.5;

    /** Copies the lists. */
    public DetectorEvaluation {
        objects = List.copyOf(objects);
        found = List.copyOf(found);
    }

    /**
     * Evaluates a detector with COCO's protocol and the model's options, but with all scores from 0.02.
     *
     * @param model in evaluation or deployed
     * @param images annotated pictures, of classes that the model knows
     * @return what it found, and the scores
     * @throws IOException if a picture can't be read
     * @throws IllegalStateException if the model is in training
     * @throws IllegalArgumentException if the model does not know a class of the data
     */
    public static DetectorEvaluation of(BitDetector model, BoxedImages images) throws IOException {
        return of(model, images, countingAll(model));
    }

    static DetectorEvaluation of(BitDetector model, DetectionFrames frames) {
        return of(model, frames, countingAll(model));
    }

    private static DetectionOptions countingAll(BitDetector model) {
        return model.config().options().withScoreThreshold(LOWEST_SCORE);
    }

    /**
     * Evaluates a detector with COCO's protocol and options of your choice. A higher score threshold lowers the
     * average precision, which counts all scores.
     *
     * @param model in evaluation or deployed
     * @param images annotated pictures, of classes that the model knows
     * @param options which boxes are objects
     * @return what it found, and the scores
     * @throws IOException if a picture can't be read
     * @throws IllegalStateException if the model is in training
     * @throws IllegalArgumentException if the model does not know a class of the data
     */
    public static DetectorEvaluation of(BitDetector model, BoxedImages images, DetectionOptions options)
            throws IOException {
        try {
            return of(model, new DetectionFrames(images, model.config()), options);
        } catch (UncheckedIOException e) { // of a picture that is read when it is needed
            throw e.getCause();
        }
    }

    /**
     * Which objects were found, missed and made up; a detection is right if it overlaps an object of its class by half
     * of their union or more.
     *
     * @param minScore from which score on a detection counts, such as that of the model's options
     * @return the matches of each picture
     */
    public DetectionMatches matches(double minScore) {
        return DetectionMatches.of(objects, found, scores.classes().size(), IOU, minScore);
    }

    private static DetectorEvaluation of(BitDetector model, DetectionFrames frames, DetectionOptions options) {
        List<List<LabelledBox>> objects = IntStream.range(0, frames.size()).mapToObj(frames::objects).toList();
        List<List<ScoredBox>> found = new ArrayList<>();
        int together = model.together();
        for (int from = 0; from < frames.size(); from += together) {
            found.addAll(model.boxes(IntStream.range(from, Math.min(frames.size(), from + together))
                    .mapToObj(frames::image).toList(), options));
        }
        return new DetectorEvaluation(objects, found,
                CocoEvaluator.evaluate(objects, found, model.config().classNames().size()));
    }
}
