package io.bitlab.models.detection.score;

import java.util.Locale;

/**
 * How precise a detector is when it has found a share of the objects of a class: at each recall of 0, 0.01, ..., 1 the
 * best precision that the detector has there or further on.
 *
 * {@snippet class="io.bitlab.models.snippets.ScoreSnippets" region="curve"}
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class PrecisionRecallCurve {

    /** The number of recalls, {@value}. */
    public static final int POINTS = 101;

    private final double iou;
    private final double[] precisions;
    private final double[] scores;
    private final Ranking ranking;

    /** Keeps the arrays. */
    PrecisionRecallCurve(double iou, double[] precisions, double[] scores, Ranking ranking) {
        this.iou = iou;
        this.precisions = precisions;
        this.scores = scores;
        this.ranking = ranking;
    }

    /**
     * The detections that are right or wrong, the surest first.
     *
     * @param scores their scores, which don't rise
     * @param right how many of the first 1, 2, ... detections are right
     * @param objects how many objects there are
     */
    record Ranking(float[] scores, int[] right, int objects) {

        /** How many detections have some score or a higher one. */
        int count(double minScore) {
            int from = 0;
            int to = scores.length;
            while (from < to) {
                int middle = (from + to) >>> 1;
                if (scores[middle] >= minScore) {
                    from = middle + 1;
                } else {
                    to = middle;
                }
            }
            return from;
        }
    }

    Ranking ranking() {
        return ranking;
    }

    /**
     * The intersection over union from which a detection and an object match.
     *
     * @return from 0.5 to 0.95
     */
    public double iou() {
        return iou;
    }

    /**
     * The recall of a point.
     *
     * @param point from 0 to 100
     * @return {@code point / 100}
     */
    public static double recall(int point) {
        // not divided: the protocol's numbers are rounded products, and recalls are compared with them
        return point == POINTS - 1 ? 1 : point * 0.01;
    }

    /**
     * The precision at a recall.
     *
     * @param point from 0 to 100: the recall in hundredths
     * @return from 0 to 1; 0 if the recall is not reached, NaN if the class has no objects
     * @throws IndexOutOfBoundsException if there is no such point
     */
    public double precision(int point) {
        return precisions[point];
    }

    /**
     * The score of the detection with which a recall is reached.
     *
     * @param point from 0 to 100: the recall in hundredths
     * @return the score; NaN if the recall is not reached
     * @throws IndexOutOfBoundsException if there is no such point
     */
    public double score(int point) {
        return scores[point];
    }

    /**
     * The harmonic mean of precision and recall, of detections with some score or a higher one.
     *
     * @param minScore the smallest score of a detection that counts
     * @return from 0 to 1; 0 if no detection is right, NaN if the class has no objects
     */
    public double f1(double minScore) {
        int count = ranking.count(minScore);
        int right = count == 0 ? 0 : ranking.right[count - 1];
        return ranking.objects == 0 ? Double.NaN : 2.0 * right / (count + ranking.objects);
    }

    /**
     * The average precision.
     *
     * @return the mean of the 101 precisions; NaN if the class has no objects
     */
    public double averagePrecision() {
        double sum = 0;
        for (double precision : precisions) {
            sum += precision;
        }
        return sum / POINTS;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "PrecisionRecallCurve(IoU %.2f, average precision %.3f)", iou,
                averagePrecision());
    }
}
