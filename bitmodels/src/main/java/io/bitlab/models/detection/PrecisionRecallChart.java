package io.bitlab.models.detection;

import io.bitlab.models.detection.score.PrecisionRecallCurve;
import io.bitlab.models.html.HtmlPage;
import java.util.Formatter;
import java.util.Locale;

/** An SVG chart of precision over recall; colours come from the page's style sheet. */
final class PrecisionRecallChart {

    private static final int LEFT = 24;
    private static final int TOP = 8;
    private static final int WIDTH = 168;
    private static final int HEIGHT = 120;

    private final Formatter svg = new Formatter(Locale.ROOT);
    private int lines;

    PrecisionRecallChart(String title) {
        String text = HtmlPage.escape(title);
        svg.format("<svg viewBox=\"0 0 200 150\" role=\"img\" aria-label=\"%s\"><title>%s</title>", text, text);
        for (int i = 0; i <= 2; i++) {
            svg.format("<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", x(0), x(1), y(i / 2.0),
                    y(i / 2.0));
            svg.format("<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>", x(i / 2.0), x(i / 2.0),
                    y(0), y(1));
            svg.format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>", x(0) - 4, y(i / 2.0) + 3,
                    i == 1 ? "½" : i / 2);
            svg.format("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>", x(i / 2.0), y(0) + 13,
                    i == 1 ? "½" : i / 2);
        }
    }

    private static double x(double recall) {
        return LEFT + WIDTH * recall;
    }

    private static double y(double precision) {
        return TOP + HEIGHT * (1 - precision);
    }

    /** Adds a curve up to the recall that is reached, and a point where a detector is used; NaN is left out. */
    PrecisionRecallChart add(PrecisionRecallCurve curve, double recall, double precision) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < PrecisionRecallCurve.POINTS && curve.precision(i) > 0; i++) {
            points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(PrecisionRecallCurve.recall(i)),
                    y(curve.precision(i))));
        }
        svg.format("<polyline class=\"line%d\" points=\"%s\"/>", lines, points.toString().strip());
        if (!Double.isNaN(recall) && !Double.isNaN(precision)) {
            svg.format("<circle class=\"dot%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"/>", lines, x(recall), y(precision));
        }
        lines++;
        return this;
    }

    @Override
    public String toString() {
        return svg + "</svg>";
    }
}
