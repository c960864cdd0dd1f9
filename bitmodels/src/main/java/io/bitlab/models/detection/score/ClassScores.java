package io.bitlab.models.detection.score;

import java.util.List;

/**
 * How well a detector finds the objects of one class.
 *
 * {@snippet class="io.bitlab.models.snippets.ScoreSnippets" region="curve"}
 *
 * @param ap average precision, the mean over IoU 0.50, 0.55, ..., 0.95; NaN, as all that follow, without objects
 * @param ap50 average precision at IoU 0.5
 * @param ap75 average precision at IoU 0.75
 * @param ar100 recall of the best 100 detections of each image, the mean over the same IoUs
 * @param objects how many objects count
 * @param leftOut how many crowds and difficult objects do not
 * @param detections how many detections there are, at most 100 of an image
 * @param curves precision and recall at each of the ten IoUs
 */
public record ClassScores(double ap, double ap50, double ap75, double ar100, int objects, int leftOut, int detections,
        List<PrecisionRecallCurve> curves) {

    /** Copies the list. */
    public ClassScores {
        curves = List.copyOf(curves);
    }

    /**
     * Precision and recall at an IoU.
     *
     * @param iou 0.5, 0.55, ... or 0.95
     * @return the curve
     * @throws IllegalArgumentException if it is another number
     */
    public PrecisionRecallCurve curve(double iou) {
        return curves.stream().filter(curve -> Math.abs(curve.iou() - iou) < 1e-6).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("ClassScores.curve: IoU " + iou
                        + " is not one of 0.5, 0.55, ..., 0.95"));
    }
}
