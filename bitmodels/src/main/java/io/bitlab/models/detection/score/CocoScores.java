package io.bitlab.models.detection.score;

import java.util.List;
import java.util.Locale;

/**
 * The twelve numbers by which COCO compares detectors, and the scores of each class. All are from 0 to 1, and means
 * over the classes that have objects; NaN where none has.
 *
 * {@snippet class="io.bitlab.models.snippets.ScoreSnippets" region="coco"}
 *
 * <p>Precision and recall are means over IoU 0.50, 0.55, ..., 0.95 unless the name says one. Small objects have areas
 * up to 32 x 32 pixels, medium ones up to 96 x 96.
 *
 * @param ap average precision: <i>the</i> COCO score
 * @param ap50 at IoU 0.5, which Pascal VOC uses
 * @param ap75 at IoU 0.75
 * @param apSmall of small objects
 * @param apMedium of medium objects
 * @param apLarge of large objects
 * @param ar1 recall of the surest detection of each image and class
 * @param ar10 recall of the surest 10
 * @param ar100 recall of the surest 100
 * @param arSmall recall of small objects by the surest 100
 * @param arMedium recall of medium objects
 * @param arLarge recall of large objects
 * @param classes the scores of each class, in their order
 * @param images how many images were evaluated
 */
public record CocoScores(double ap, double ap50, double ap75, double apSmall, double apMedium, double apLarge,
        double ar1, double ar10, double ar100, double arSmall, double arMedium, double arLarge,
        List<ClassScores> classes, int images) {

    /** Copies the list. */
    public CocoScores {
        classes = List.copyOf(classes);
    }

    /**
     * From which score on detections are best taken for objects, if a wrong one is as bad as a missed one: where the
     * mean of the classes' F1 scores, at IoU 0.5, is largest.
     *
     * @return the score of a detection; NaN if nothing was found
     */
    public double bestScoreThreshold() {
        List<PrecisionRecallCurve> curves =
                classes.stream().filter(one -> one.objects() > 0).map(one -> one.curve(0.5)).toList();
        double best = Double.NaN;
        double bestF1 = 0;
        for (PrecisionRecallCurve curve : curves) {
            PrecisionRecallCurve.Ranking ranking = curve.ranking();
            for (int i = 0; i < ranking.scores().length; i++) {
                if (ranking.right()[i] > (i == 0 ? 0 : ranking.right()[i - 1])) { // a wrong one lowers the mean
                    float score = ranking.scores()[i];
                    double f1 = curves.stream().mapToDouble(other -> other.f1(score)).sum();
                    if (f1 > bestF1) {
                        best = score;
                        bestF1 = f1;
                    }
                }
            }
        }
        return best;
    }

    /**
     * The scores as pycocotools prints them: twelve lines, -1 for what has no objects.
     *
     * @return lines that end with line feeds
     */
    public String summary() {
        return line("Precision", "AP", "0.50:0.95", AreaRange.ALL, 100, ap)
                + line("Precision", "AP", "0.50", AreaRange.ALL, 100, ap50)
                + line("Precision", "AP", "0.75", AreaRange.ALL, 100, ap75)
                + line("Precision", "AP", "0.50:0.95", AreaRange.SMALL, 100, apSmall)
                + line("Precision", "AP", "0.50:0.95", AreaRange.MEDIUM, 100, apMedium)
                + line("Precision", "AP", "0.50:0.95", AreaRange.LARGE, 100, apLarge)
                + line("Recall", "AR", "0.50:0.95", AreaRange.ALL, 1, ar1)
                + line("Recall", "AR", "0.50:0.95", AreaRange.ALL, 10, ar10)
                + line("Recall", "AR", "0.50:0.95", AreaRange.ALL, 100, ar100)
                + line("Recall", "AR", "0.50:0.95", AreaRange.SMALL, 100, arSmall)
                + line("Recall", "AR", "0.50:0.95", AreaRange.MEDIUM, 100, arMedium)
                + line("Recall", "AR", "0.50:0.95", AreaRange.LARGE, 100, arLarge);
    }

    private static String line(String what, String name, String iou, AreaRange range, int most, double value) {
        return String.format(Locale.ROOT, " %-18s (%s) @[ IoU=%-9s | area=%6s | maxDets=%3d ] = %.3f\n",
                "Average " + what, name, iou, range.name(), most, Double.isNaN(value) ? -1 : value);
    }

    /**
     * A row for each class: objects, average precision, recall; and one for all.
     *
     * @param classNames the name of each class
     * @return lines that end with line feeds
     * @throws IllegalArgumentException if there are not as many names as classes
     */
    public String table(List<String> classNames) {
        if (classNames.size() != classes.size()) {
            throw new IllegalArgumentException("CocoScores.table: " + classNames.size() + " names for "
                    + classes.size() + " classes");
        }
        int width = classNames.stream().mapToInt(String::length).reduce("all classes".length(), Math::max);
        StringBuilder table = new StringBuilder(" ".repeat(width))
                .append("  objects      AP    AP50    AP75   AR100\n");
        int objects = 0;
        for (int c = 0; c < classes.size(); c++) {
            ClassScores scores = classes.get(c);
            objects += scores.objects();
            row(table, width, classNames.get(c), scores.objects(), scores.ap(), scores.ap50(), scores.ap75(),
                    scores.ar100());
        }
        row(table, width, "all classes", objects, ap, ap50, ap75, ar100);
        return table.toString();
    }

    private static void row(StringBuilder table, int width, String name, int objects, double... values) {
        table.append(name).append(" ".repeat(width - name.length()))
                .append(String.format(Locale.ROOT, "%9d", objects));
        for (double value : values) {
            table.append(Double.isNaN(value) ? "       -" : String.format(Locale.ROOT, "%8.3f", value));
        }
        table.append('\n');
    }

    /** The three most used scores. */
    @Override
    public String toString() {
        return String.format(Locale.ROOT, "CocoScores(AP %.3f, AP50 %.3f, AP75 %.3f; %d images, %d classes)", ap, ap50,
                ap75, images, classes.size());
    }
}
