package io.bitlab.models.detection.score;

import io.bitlab.models.detection.data.BoxKind;
import io.bitlab.models.detection.data.LabelledBox;
import io.bitlab.models.detection.data.ScoredBox;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The detections of one class in all images, and what they match; then precision and recall of them. */
final class ClassTally {

    /** As numpy's linspace computes them, which pycocotools uses: 0.9 is one bit less. */
    static final double[] THRESHOLDS = IntStream.range(0, 10).mapToDouble(i -> i * ((0.95 - 0.5) / 9) + 0.5).toArray();

    /** The most detections of an image and class that count. */
    static final int MOST = 100;

    private static final int AREAS = AreaRange.VALUES.size();

    private int objects;
    private int leftOutObjects;
    private final int[] objectsInRange = new int[AREAS];

    private int size;
    private float[] scores = new float[16];
    /** How many detections of the same image and class are surer. */
    private int[] ranks = new int[16];
    /** A bit for each threshold: whether the detection matches an object. */
    private final int[][] matched = new int[AREAS][16];
    /** A bit for each threshold: whether the detection is neither right nor wrong. */
    private final int[][] ignored = new int[AREAS][16];

    private int[] order = {};

    /** Matches the detections of one image. */
    void add(List<LabelledBox> ofImage, List<ScoredBox> found) {
        List<ScoredBox> sorted = GreedyMatching.sorted(found);
        sorted = sorted.subList(0, Math.min(MOST, sorted.size()));
        reserve(size + sorted.size());
        for (int d = 0; d < sorted.size(); d++) {
            scores[size + d] = 0f + sorted.get(d).score();
            ranks[size + d] = d;
        }
        GreedyMatching matching = new GreedyMatching(ofImage, sorted);
        for (int a = 0; a < AREAS; a++) {
            AreaRange range = AreaRange.VALUES.get(a);
            boolean[] leftOut = new boolean[ofImage.size()];
            for (int o = 0; o < leftOut.length; o++) {
                leftOut[o] = ofImage.get(o).kind() != BoxKind.OBJECT || !range.contains(ofImage.get(o).area());
                objectsInRange[a] += leftOut[o] ? 0 : 1;
            }
            int[][] matches = matching.match(leftOut, THRESHOLDS);
            for (int t = 0; t < matches.length; t++) {
                mark(a, t, matches[t], leftOut, sorted);
            }
        }
        int counted = (int) ofImage.stream().filter(object -> object.kind() == BoxKind.OBJECT).count();
        objects += counted;
        leftOutObjects += ofImage.size() - counted;
        size += sorted.size();
    }

    private void mark(int a, int t, int[] matches, boolean[] leftOut, List<ScoredBox> sorted) {
        for (int d = 0; d < matches.length; d++) {
            boolean match = matches[d] != GreedyMatching.NONE;
            boolean ignore = match ? leftOut[matches[d]]
                    : !AreaRange.VALUES.get(a).contains(sorted.get(d).box().area());
            matched[a][size + d] |= match ? 1 << t : 0;
            ignored[a][size + d] |= ignore ? 1 << t : 0;
        }
    }

    private void reserve(int needed) {
        if (needed > scores.length) {
            int length = Math.max(needed, 2 * scores.length);
            scores = Arrays.copyOf(scores, length);
            ranks = Arrays.copyOf(ranks, length);
            for (int a = 0; a < AREAS; a++) {
                matched[a] = Arrays.copyOf(matched[a], length);
                ignored[a] = Arrays.copyOf(ignored[a], length);
            }
        }
    }

    /** After the last image: sorts all detections, those of the same score in the order of the images. */
    void finish() {
        long[] keys = new long[size];
        for (int i = 0; i < size; i++) {
            int bits = Float.floatToIntBits(scores[i]);
            int rising = bits ^ (bits >> 31 & Integer.MAX_VALUE); // the integers in the order of the floats
            keys[i] = (long) ~rising << 32 | i;
        }
        Arrays.sort(keys);
        order = Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
    }

    /** Objects that count, of any size. */
    int objects() {
        return objects;
    }

    /** Crowds and difficult objects. */
    int leftOutObjects() {
        return leftOutObjects;
    }

    int detections() {
        return size;
    }

    /** Precision at 101 recalls for each threshold, for the best 100 detections of each image. */
    List<PrecisionRecallCurve> curves(AreaRange range) {
        return IntStream.range(0, THRESHOLDS.length).mapToObj(t -> curve(range, t)).toList();
    }

    /** The mean over the thresholds of the precision; NaN without objects. */
    static double averagePrecision(List<PrecisionRecallCurve> curves) {
        return curves.stream().mapToDouble(PrecisionRecallCurve::averagePrecision).sum() / THRESHOLDS.length;
    }

    /** The mean over the thresholds of the share of objects found; NaN without objects in the range. */
    double averageRecall(AreaRange range, int mostDetections) {
        int a = AreaRange.VALUES.indexOf(range);
        long found = 0;
        for (int i = 0; i < size; i++) {
            if (ranks[i] < mostDetections) {
                found += Integer.bitCount(matched[a][i] & ~ignored[a][i]);
            }
        }
        return objectsInRange[a] == 0 ? Double.NaN : found / (double) THRESHOLDS.length / objectsInRange[a];
    }

    private PrecisionRecallCurve curve(AreaRange range, int t) {
        int a = AreaRange.VALUES.indexOf(range);
        int all = objectsInRange[a];
        double[] precisions = new double[PrecisionRecallCurve.POINTS];
        double[] atScores = new double[PrecisionRecallCurve.POINTS];
        Arrays.fill(precisions, all == 0 ? Double.NaN : 0);
        Arrays.fill(atScores, Double.NaN);
        PrecisionRecallCurve.Ranking ranking = ranking(a, t);
        if (all == 0) {
            return new PrecisionRecallCurve(THRESHOLDS[t], precisions, atScores, ranking);
        }
        int counted = ranking.scores().length;
        double[] precision = new double[counted];
        for (int i = 0; i < counted; i++) {
            precision[i] = ranking.right()[i] / (double) (i + 1);
        }
        for (int i = counted - 1; i > 0; i--) { // as precise as at any larger recall
            precision[i - 1] = Math.max(precision[i - 1], precision[i]);
        }
        int i = 0;
        for (int point = 0; point < precisions.length; point++) {
            while (i < counted && ranking.right()[i] / (double) all < PrecisionRecallCurve.recall(point)) {
                i++;
            }
            if (i < counted) {
                precisions[point] = precision[i];
                atScores[point] = ranking.scores()[i];
            }
        }
        return new PrecisionRecallCurve(THRESHOLDS[t], precisions, atScores, ranking);
    }

    private PrecisionRecallCurve.Ranking ranking(int a, int t) {
        float[] ranked = new float[size];
        int[] right = new int[size];
        int counted = 0;
        for (int d : order) {
            if ((ignored[a][d] >> t & 1) == 0) {
                ranked[counted] = scores[d];
                right[counted] = (counted == 0 ? 0 : right[counted - 1]) + (matched[a][d] >> t & 1);
                counted++;
            }
        }
        return new PrecisionRecallCurve.Ranking(Arrays.copyOf(ranked, counted), Arrays.copyOf(right, counted),
                objectsInRange[a]);
    }
}
