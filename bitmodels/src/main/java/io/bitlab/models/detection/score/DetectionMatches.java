package io.bitlab.models.detection.score;

import io.bitlab.models.detection.data.BoxKind;
import io.bitlab.models.detection.data.LabelledBox;
import io.bitlab.models.detection.data.ScoredBox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Which detection found which object, for pages that show a detector's mistakes and for the choice of a score from
 * which a detection counts.
 *
 * {@snippet class="io.bitlab.models.snippets.ScoreSnippets" region="matches"}
 *
 * <p>Within a class, detections are matched with objects as in {@link CocoEvaluator}, at one intersection over union.
 * What remains is matched across classes in the same way: those objects were confused. A confused object counts as
 * missed for its own class, and its detection as wrong for the other.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class DetectionMatches {

    private final double iou;
    private final double minScore;
    private final List<ImageMatches> images;
    /** {@code [object's class][detection's class]}; the last row for no object, the last column for no detection. */
    private final int[][] confusion;

    private DetectionMatches(double iou, double minScore, List<ImageMatches> images, int[][] confusion) {
        this.iou = iou;
        this.minScore = minScore;
        this.images = List.copyOf(images);
        this.confusion = confusion;
    }

    /**
     * Matches detections with objects.
     *
     * @param truth the objects of each image
     * @param detections what was found in each image, in the same order
     * @param classes the number of classes
     * @param iou the intersection over union from which a detection and an object match, above 0 and at most 1; 0.5 is
     *     usual
     * @param minScore detections with lower scores are left away; rounded to float, as scores are
     * @return the matches
     * @throws IllegalArgumentException if the IoU is out of range, the score NaN, or as
     *     {@link CocoEvaluator#evaluate}
     */
    public static DetectionMatches of(List<List<LabelledBox>> truth, List<List<ScoredBox>> detections, int classes,
            double iou, double minScore) {
        CocoEvaluator.requireLabels("DetectionMatches", truth, detections, classes);
        if (!(iou > 0 && iou <= 1) || Double.isNaN(minScore)) {
            throw new IllegalArgumentException("DetectionMatches: IoU " + iou + " and score " + minScore
                    + "; expected an IoU above 0 and at most 1, and a number");
        }
        List<ImageMatches> images = new ArrayList<>();
        int[][] confusion = new int[classes + 1][classes + 1];
        for (int i = 0; i < truth.size(); i++) {
            List<ScoredBox> sure = GreedyMatching.sorted(
                    detections.get(i).stream().filter(detection -> detection.score() >= (float) minScore).toList());
            ImageMatches matches = ofImage(truth.get(i), sure, classes, iou);
            matches.found().forEach(pair -> confusion[pair.object().label()][pair.detection().label()]++);
            matches.confused().forEach(pair -> confusion[pair.object().label()][pair.detection().label()]++);
            matches.wrong().forEach(detection -> confusion[classes][detection.label()]++);
            matches.missed().forEach(object -> confusion[object.label()][classes]++);
            images.add(matches);
        }
        return new DetectionMatches(iou, minScore, images, confusion);
    }

    private static ImageMatches ofImage(List<LabelledBox> truth, List<ScoredBox> sure, int classes, double iou) {
        int[] objectOf = new int[sure.size()];
        Arrays.fill(objectOf, GreedyMatching.NONE);
        for (int c = 0; c < classes; c++) {
            int label = c;
            match(truth, indices(truth, object -> object.label() == label), sure,
                    indices(sure, detection -> detection.label() == label), iou, objectOf);
        }
        Set<Integer> taken = Arrays.stream(objectOf).boxed().collect(Collectors.toSet());
        match(truth, IntStream.range(0, truth.size()).filter(o -> counts(truth.get(o)) && !taken.contains(o)).toArray(),
                sure, IntStream.range(0, objectOf.length).filter(d -> objectOf[d] == GreedyMatching.NONE).toArray(),
                iou, objectOf);

        List<ImageMatches.Pair> found = new ArrayList<>();
        List<ImageMatches.Pair> confused = new ArrayList<>();
        List<ScoredBox> wrong = new ArrayList<>();
        List<ScoredBox> leftOut = new ArrayList<>();
        Set<Integer> missed = Arrays.stream(indices(truth, DetectionMatches::counts)).boxed()
                .collect(Collectors.toCollection(TreeSet::new));
        for (int d = 0; d < objectOf.length; d++) {
            ScoredBox detection = sure.get(d);
            if (objectOf[d] == GreedyMatching.NONE) {
                wrong.add(detection);
                continue;
            }
            LabelledBox object = truth.get(objectOf[d]);
            missed.remove(objectOf[d]);
            if (!counts(object)) {
                leftOut.add(detection);
            } else {
                (object.label() == detection.label() ? found : confused).add(new ImageMatches.Pair(object, detection));
            }
        }
        return new ImageMatches(found, confused, wrong, missed.stream().map(truth::get).toList(), leftOut);
    }

    /** Matches some of the objects with some of the detections. */
    private static void match(List<LabelledBox> truth, int[] objects, List<ScoredBox> sure, int[] detections,
            double iou, int[] objectOf) {
        List<LabelledBox> candidates = Arrays.stream(objects).mapToObj(truth::get).toList();
        boolean[] leftOut = new boolean[objects.length];
        for (int o = 0; o < leftOut.length; o++) {
            leftOut[o] = !counts(candidates.get(o));
        }
        int[] matches = new GreedyMatching(candidates, Arrays.stream(detections).mapToObj(sure::get).toList())
                .match(leftOut, iou)[0];
        for (int d = 0; d < matches.length; d++) {
            if (matches[d] != GreedyMatching.NONE) {
                objectOf[detections[d]] = objects[matches[d]];
            }
        }
    }

    private static <T> int[] indices(List<T> boxes, Predicate<T> wanted) {
        return IntStream.range(0, boxes.size()).filter(i -> wanted.test(boxes.get(i))).toArray();
    }

    private static boolean counts(LabelledBox object) {
        return object.kind() == BoxKind.OBJECT;
    }

    /**
     * The matches in each image.
     *
     * @return in the order of the images
     */
    public List<ImageMatches> images() {
        return images;
    }

    /**
     * How often an object of one class was found as one of another.
     *
     * @param object the class of the object, or the number of classes for no object
     * @param detection the class of the detection, or the number of classes for no detection
     * @return the number of objects; of detections where there is no object
     * @throws IndexOutOfBoundsException if there is no such class
     */
    public int confusion(int object, int detection) {
        return confusion[object][detection];
    }

    /**
     * How many objects of a class were found.
     *
     * @param label the class
     * @return right detections
     * @throws IndexOutOfBoundsException if there is no such class
     */
    public int found(int label) {
        return confusion[label][label];
    }

    /**
     * How many objects of a class were not found, or found as another.
     *
     * @param label the class
     * @return objects without a right detection
     * @throws IndexOutOfBoundsException if there is no such class
     */
    public int missed(int label) {
        return Arrays.stream(confusion[label]).sum() - found(label);
    }

    /**
     * How many detections of a class are wrong: of nothing, of an object found before, or of one of another class.
     *
     * @param label the class
     * @return wrong detections
     * @throws IndexOutOfBoundsException if there is no such class
     */
    public int wrong(int label) {
        return Arrays.stream(confusion).mapToInt(row -> row[label]).sum() - found(label);
    }

    /**
     * Which share of the detections of a class is right.
     *
     * @param label the class
     * @return from 0 to 1; NaN without detections
     * @throws IndexOutOfBoundsException if there is no such class
     */
    public double precision(int label) {
        return found(label) / (double) (found(label) + wrong(label));
    }

    /**
     * Which share of the objects of a class was found.
     *
     * @param label the class
     * @return from 0 to 1; NaN without objects
     * @throws IndexOutOfBoundsException if there is no such class
     */
    public double recall(int label) {
        return found(label) / (double) (found(label) + missed(label));
    }

    /**
     * A row for each class: objects found, missed and made up, precision and recall.
     *
     * @param classNames the name of each class
     * @return lines that end with line feeds
     * @throws IllegalArgumentException if there are not as many names as classes
     */
    public String table(List<String> classNames) {
        int classes = confusion.length - 1;
        if (classNames.size() != classes) {
            throw new IllegalArgumentException("DetectionMatches.table: " + classNames.size() + " names for " + classes
                    + " classes");
        }
        int width = classNames.stream().mapToInt(String::length).reduce("class".length(), Math::max);
        StringBuilder table = new StringBuilder("class").append(" ".repeat(width - "class".length()))
                .append("    found   missed    wrong  precision  recall\n");
        for (int c = 0; c < classes; c++) {
            table.append(classNames.get(c)).append(" ".repeat(width - classNames.get(c).length()))
                    .append(String.format(Locale.ROOT, "%9d%9d%9d%11s%8s\n", found(c), missed(c), wrong(c),
                            share(precision(c)), share(recall(c))));
        }
        return table.toString();
    }

    private static String share(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.3f", value);
    }

    @Override
    public String toString() {
        int classes = confusion.length - 1;
        return String.format(Locale.ROOT,
                "DetectionMatches(IoU %s, score %s: %d objects found, %d missed; %d detections"
                        + " wrong)",
                iou, minScore, IntStream.range(0, classes).map(this::found).sum(),
                IntStream.range(0, classes).map(this::missed).sum(),
                IntStream.range(0, classes).map(this::wrong).sum());
    }
}
