package io.bitlab.models.detection.score;

import io.bitlab.models.detection.data.BoxKind;
import io.bitlab.models.detection.data.LabelledBox;
import io.bitlab.models.detection.data.ScoredBox;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Pairs the detections of an image with its objects as pycocotools does: each detection, the surest first, takes the
 * free object with the largest intersection over union. One that counts is preferred to one that is left out.
 */
final class GreedyMatching {

    /** The object of a detection that matches none. */
    static final int NONE = -1;

    /** At an IoU of 1 rounding must not decide, so pycocotools asks for this much less. */
    private static final double ALMOST_ONE = 1 - 1e-10;

    private final List<LabelledBox> objects;
    private final double[][] iou;

    /** Computes each intersection over union once. Detections in the order in which they choose. */
    GreedyMatching(List<LabelledBox> objects, List<ScoredBox> detections) {
        this.objects = objects;
        iou = new double[detections.size()][objects.size()];
        for (int d = 0; d < iou.length; d++) {
            for (int o = 0; o < iou[d].length; o++) {
                iou[d][o] = overlap(objects.get(o), detections.get(d));
            }
        }
    }

    /** By falling score; what has the same score stays in its order. */
    static List<ScoredBox> sorted(List<ScoredBox> detections) {
        // added zeros are one zero: -0 and 0 are the same score
        return detections.stream().sorted(Comparator.comparingDouble((ScoredBox d) -> 0f - d.score())).toList();
    }

    /** A crowd covers more than one detection finds, so only the part of the detection inside of it counts. */
    static double overlap(LabelledBox object, ScoredBox detection) {
        if (object.kind() != BoxKind.CROWD) {
            return object.box().iou(detection.box());
        }
        double shared = object.box().intersection(detection.box());
        return shared == 0 ? 0 : shared / detection.box().area();
    }

    /**
     * For each threshold the object of each detection, or {@link #NONE}. An object that is left out is taken where no
     * other fits.
     */
    int[][] match(boolean[] leftOut, double... thresholds) {
        int[] order = new int[leftOut.length];
        int counted = append(order, 0, leftOut, false);
        append(order, counted, leftOut, true);
        int[][] matches = new int[thresholds.length][];
        for (int t = 0; t < thresholds.length; t++) {
            matches[t] = match(order, counted, Math.min(thresholds[t], ALMOST_ONE));
        }
        return matches;
    }

    private static int append(int[] order, int from, boolean[] leftOut, boolean wanted) {
        int at = from;
        for (int o = 0; o < leftOut.length; o++) {
            if (leftOut[o] == wanted) {
                order[at++] = o;
            }
        }
        return at;
    }

    private int[] match(int[] order, int counted, double threshold) {
        boolean[] taken = new boolean[order.length];
        int[] matches = new int[iou.length];
        Arrays.fill(matches, NONE);
        for (int d = 0; d < iou.length; d++) {
            double best = threshold;
            for (int i = 0; i < order.length; i++) {
                if (i == counted && matches[d] != NONE) {
                    break;
                }
                int o = order[i];
                boolean free = !taken[o] || objects.get(o).kind() == BoxKind.CROWD;
                if (free && iou[d][o] >= best) { // of equally good ones the last, as pycocotools
                    best = iou[d][o];
                    matches[d] = o;
                }
            }
            if (matches[d] != NONE) {
                taken[matches[d]] = true;
            }
        }
        return matches;
    }
}
