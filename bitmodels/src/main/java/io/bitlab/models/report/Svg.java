package io.bitlab.models.report;

import java.util.List;
import java.util.Locale;

/** Small SVG charts that take their colours from the page's style sheet. */
final class Svg {

    private static final int WIDTH = 300;
    private static final int HEIGHT = 110;
    private static final int FLOOR = 92; // the axis, with labels below it
    private static final int CEILING = 6;

    private Svg() {
    }

    /**
     * The bars of a histogram.
     *
     * @param title shown on hovering and read by screen readers
     * @param marks positions of dashed lines, in the histogram's units
     */
    static String histogram(String title, Histogram histogram, double... marks) {
        StringBuilder svg = open(title);
        long[] counts = histogram.counts();
        double width = (double) WIDTH / counts.length;
        for (int i = 0; i < counts.length; i++) {
            double height = (FLOOR - CEILING) * counts[i] / (double) histogram.largest();
            if (counts[i] > 0) {
                bar(svg, "bar", i * width, width - (counts.length > 1 ? 0.6 : 0), Math.max(0.8, height));
            }
        }
        for (double mark : marks) {
            double x = (mark - histogram.min()) / (histogram.max() - histogram.min()) * WIDTH;
            if (x >= 0 && x <= WIDTH) {
                svg.append(String.format(Locale.ROOT,
                        "<line class=\"mark\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>", x,
                        x, CEILING, FLOOR));
            }
        }
        axis(svg);
        label(svg, 0, "start", number(histogram.min()));
        label(svg, WIDTH, "end", number(histogram.max()));
        return svg.append("</svg>").toString();
    }

    /** Three bars: the fractions of weights that are -1, 0 and +1. */
    static String trits(String title, double minus, double zero, double plus) {
        StringBuilder svg = open(title);
        double[] shares = {minus, zero, plus};
        String[] classes = {"minus", "zero", "plus"};
        String[] names = {"−1", "0", "+1"};
        for (int i = 0; i < 3; i++) {
            double height = (FLOOR - CEILING - 14) * shares[i] / Math.max(minus, Math.max(zero, plus));
            bar(svg, classes[i], 20 + i * 95, 70, Math.max(0.8, height));
            text(svg, 55 + i * 95, FLOOR - height - 4, "middle",
                    String.format(Locale.ROOT, "%.1f %%", 100 * shares[i]));
            label(svg, 55 + i * 95, "middle", names[i]);
        }
        axis(svg);
        return svg.append("</svg>").toString();
    }

    /** Lines over the epochs, with the style classes line0, line1...; NaN values are left out. */
    static String curves(String title, List<double[]> lines) {
        double min = Double.POSITIVE_INFINITY;
        double max = Double.NEGATIVE_INFINITY;
        int length = 0;
        for (double[] line : lines) {
            length = Math.max(length, line.length);
            for (double value : line) {
                if (Double.isFinite(value)) {
                    min = Math.min(min, value);
                    max = Math.max(max, value);
                }
            }
        }
        StringBuilder svg = open(title);
        for (int i = 0; i < lines.size(); i++) {
            StringBuilder points = new StringBuilder();
            double[] line = lines.get(i);
            for (int j = 0; j < line.length; j++) {
                if (Double.isFinite(line[j])) {
                    double x = length == 1 ? WIDTH / 2.0 : (double) WIDTH * j / (length - 1);
                    double y = FLOOR - 2 - (FLOOR - CEILING - 4) * (max == min ? 0.5 : (line[j] - min) / (max - min));
                    points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y));
                }
            }
            svg.append("<polyline class=\"line").append(i).append("\" points=\"").append(points.toString().strip())
                    .append("\"/>");
        }
        axis(svg);
        label(svg, 0, "start", "epoch 1");
        label(svg, WIDTH, "end", "epoch " + length);
        return svg.append("</svg>").toString();
    }

    private static StringBuilder open(String title) {
        return new StringBuilder(String.format(Locale.ROOT,
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\"><title>%s</title>", WIDTH, HEIGHT,
                HtmlReport.escape(title), HtmlReport.escape(title)));
    }

    private static void bar(StringBuilder svg, String style, double x, double width, double height) {
        svg.append(
                String.format(Locale.ROOT, "<rect class=\"%s\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/>",
                        style, x, FLOOR - height, width, height));
    }

    private static void axis(StringBuilder svg) {
        svg.append(String.format(Locale.ROOT, "<line class=\"axis\" x1=\"0\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>", WIDTH,
                FLOOR, FLOOR));
    }

    private static void label(StringBuilder svg, double x, String anchor, String text) {
        text(svg, x, HEIGHT - 4, anchor, text);
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
        svg.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", x, y, anchor,
                HtmlReport.escape(text)));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3g", value);
    }
}
