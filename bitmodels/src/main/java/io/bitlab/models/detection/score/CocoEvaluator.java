package io.bitlab.models.detection.score;

import io.bitlab.models.detection.data.BoxKind;
import io.bitlab.models.detection.data.LabelledBox;
import io.bitlab.models.detection.data.ScoredBox;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * Scores detections with the protocol of <a href="https://cocodataset.org/#detection-eval">COCO</a>, number for number
 * as its reference implementation, {@code COCOeval} of pycocotools with boxes and default parameters.
 *
 * {@snippet class="io.bitlab.models.snippets.ScoreSnippets" region="coco"}
 *
 * <p>Of each image and class, the 100 surest detections count. They are matched with the objects of that class, the
 * surest first: each takes the free object with the largest intersection over union, if that reaches a threshold.
 * Average precision is the mean of the precision at 101 recalls, where a precision counts as the best at this recall or
 * any larger one. Detections of the same score keep their order, within an image and between images.
 *
 * <p>Neither right nor wrong are detections of {@linkplain BoxKind#CROWD crowds} (of which their part inside must reach
 * the threshold; any number may match the same crowd), of {@linkplain BoxKind#DIFFICULT difficult} objects, which
 * pycocotools does not know, and, in scores by size, of objects of other sizes, as well as unmatched detections of
 * other sizes.
 *
 * <p>Unlike pycocotools, what has no objects is NaN, not -1, and a precision is not divided by 2<sup>-52</sup> more, so
 * that a perfect detector has exactly 1.
 *
 * <p><b>Thread safety:</b> stateless.
 */
public final class CocoEvaluator {

    private CocoEvaluator() {
    }

    /**
     * Scores the detections in a set of images.
     *
     * @param truth the objects of each image
     * @param detections what was found in each image, in the same order; all of it, with low scores as well, since
     *     average precision needs them
     * @param classes the number of classes
     * @return the scores
     * @throws IllegalArgumentException if there are not as many lists of detections as of objects, there is no class,
     *     or a label is not below the number of classes
     */
    public static CocoScores evaluate(List<List<LabelledBox>> truth, List<List<ScoredBox>> detections, int classes) {
        requireLabels("CocoEvaluator", truth, detections, classes);
        List<ClassTally> tallies = IntStream.range(0, classes).mapToObj(_ -> new ClassTally()).toList();
        for (int image = 0; image < truth.size(); image++) {
            List<List<LabelledBox>> objects = byClass(truth.get(image), LabelledBox::label, classes);
            List<List<ScoredBox>> found = byClass(detections.get(image), ScoredBox::label, classes);
            for (int c = 0; c < classes; c++) {
                if (!objects.get(c).isEmpty() || !found.get(c).isEmpty()) {
                    tallies.get(c).add(objects.get(c), found.get(c));
                }
            }
        }
        List<ClassScores> scores = tallies.stream().map(CocoEvaluator::scores).toList();
        return new CocoScores(mean(scores, ClassScores::ap), mean(scores, ClassScores::ap50),
                mean(scores, ClassScores::ap75), precision(tallies, AreaRange.SMALL),
                precision(tallies, AreaRange.MEDIUM), precision(tallies, AreaRange.LARGE),
                recall(tallies, AreaRange.ALL, 1), recall(tallies, AreaRange.ALL, 10),
                recall(tallies, AreaRange.ALL, ClassTally.MOST), recall(tallies, AreaRange.SMALL, ClassTally.MOST),
                recall(tallies, AreaRange.MEDIUM, ClassTally.MOST), recall(tallies, AreaRange.LARGE, ClassTally.MOST),
                scores, truth.size());
    }

    static void requireLabels(String operation, List<List<LabelledBox>> truth, List<List<ScoredBox>> detections,
            int classes) {
        if (classes < 1 || truth.size() != detections.size()) {
            throw new IllegalArgumentException(operation + ": objects of " + truth.size() + " images, detections of "
                    + detections.size() + ", " + classes + " classes; expected as many of both, an empty list for an"
                    + " image without, and at least one class");
        }
        for (int image = 0; image < truth.size(); image++) {
            for (LabelledBox object : truth.get(image)) {
                requireLabel(operation + ": an object", image, object.label(), classes);
            }
            for (ScoredBox detection : detections.get(image)) {
                requireLabel(operation + ": a detection", image, detection.label(), classes);
            }
        }
    }

    private static void requireLabel(String what, int image, int label, int classes) {
        if (label >= classes) {
            throw new IllegalArgumentException(what + " in image " + image + " has the label " + label
                    + ", expected one of " + classes + " classes, which count from 0");
        }
    }

    private static <T> List<List<T>> byClass(List<T> boxes, ToIntFunction<T> label, int classes) {
        List<List<T>> byClass = new ArrayList<>(classes);
        for (int c = 0; c < classes; c++) {
            byClass.add(List.of());
        }
        for (T box : boxes) {
            int c = label.applyAsInt(box);
            if (byClass.get(c).isEmpty()) {
                byClass.set(c, new ArrayList<>());
            }
            byClass.get(c).add(box);
        }
        return byClass;
    }

    private static ClassScores scores(ClassTally tally) {
        tally.finish();
        List<PrecisionRecallCurve> curves = tally.curves(AreaRange.ALL);
        return new ClassScores(ClassTally.averagePrecision(curves), curves.get(0).averagePrecision(),
                curves.get(5).averagePrecision(), tally.averageRecall(AreaRange.ALL, ClassTally.MOST),
                tally.objects(), tally.leftOutObjects(), tally.detections(), curves);
    }

    private static double precision(List<ClassTally> tallies, AreaRange range) {
        return mean(tallies, tally -> ClassTally.averagePrecision(tally.curves(range)));
    }

    private static double recall(List<ClassTally> tallies, AreaRange range, int most) {
        return mean(tallies, tally -> tally.averageRecall(range, most));
    }

    /** The mean of those that are numbers. */
    private static <T> double mean(List<T> classes, ToDoubleFunction<T> score) {
        double sum = 0;
        int count = 0;
        for (T ofClass : classes) {
            double value = score.applyAsDouble(ofClass);
            if (!Double.isNaN(value)) {
                sum += value;
                count++;
            }
        }
        return count == 0 ? Double.NaN : sum / count;
    }
}
