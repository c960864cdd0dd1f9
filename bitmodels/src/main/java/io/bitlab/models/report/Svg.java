package io.bitlab.models.report;

import io.bitlab.models.html.SvgChart;
import java.util.Locale;

/** Small SVG charts of distributions. */
final class Svg {

    private Svg() {
    }

    /**
     * The bars of a histogram.
     *
     * @param title shown on hovering and read by screen readers
     * @param marks positions of dashed lines, in the histogram's units
     */
    static String histogram(String title, Histogram histogram, double... marks) {
        StringBuilder svg = SvgChart.open(title);
        long[] counts = histogram.counts();
        double width = (double) SvgChart.WIDTH / counts.length;
        for (int i = 0; i < counts.length; i++) {
            double height = (SvgChart.FLOOR - SvgChart.CEILING) * counts[i] / (double) histogram.largest();
            if (counts[i] > 0) {
                bar(svg, "bar", i * width, width - (counts.length > 1 ? 0.6 : 0), Math.max(0.8, height));
            }
        }
        for (double mark : marks) {
            double x = (mark - histogram.min()) / (histogram.max() - histogram.min()) * SvgChart.WIDTH;
            if (x >= 0 && x <= SvgChart.WIDTH) {
                svg.append(String.format(Locale.ROOT,
                        "<line class=\"mark\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>", x,
                        x, SvgChart.CEILING, SvgChart.FLOOR));
            }
        }
        SvgChart.axis(svg);
        SvgChart.label(svg, 0, "start", number(histogram.min()));
        SvgChart.label(svg, SvgChart.WIDTH, "end", number(histogram.max()));
        return svg.append("</svg>").toString();
    }

    /** Three bars: the fractions of weights that are -1, 0 and +1. */
    static String trits(String title, double minus, double zero, double plus) {
        StringBuilder svg = SvgChart.open(title);
        double[] shares = {minus, zero, plus};
        String[] classes = {"minus", "zero", "plus"};
        String[] names = {"−1", "0", "+1"};
        for (int i = 0; i < 3; i++) {
            double height =
                    (SvgChart.FLOOR - SvgChart.CEILING - 14) * shares[i] / Math.max(minus, Math.max(zero, plus));
            bar(svg, classes[i], 20 + i * 95, 70, Math.max(0.8, height));
            SvgChart.text(svg, 55 + i * 95, SvgChart.FLOOR - height - 4, "middle",
                    String.format(Locale.ROOT, "%.1f %%", 100 * shares[i]));
            SvgChart.label(svg, 55 + i * 95, "middle", names[i]);
        }
        SvgChart.axis(svg);
        return svg.append("</svg>").toString();
    }

    private static void bar(StringBuilder svg, String style, double x, double width, double height) {
        svg.append(
                String.format(Locale.ROOT, "<rect class=\"%s\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"/>",
                        style, x, SvgChart.FLOOR - height, width, height));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3g", value);
    }
}
