package io.bitlab.models.html;

import java.util.List;
import java.util.Locale;

/** A small SVG chart of lines. */
public final class LineChart {

    private LineChart() {
    }

    /**
     * Lines over the epochs, with the style classes line0, line1...
     *
     * @param title shown on hovering and read by screen readers
     * @param lines the values of each line, from the first epoch on; NaN values are left out
     * @return SVG
     */
    public static String overEpochs(String title, List<double[]> lines) {
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
        StringBuilder svg = SvgChart.open(title);
        for (int i = 0; i < lines.size(); i++) {
            StringBuilder points = new StringBuilder();
            double[] line = lines.get(i);
            for (int j = 0; j < line.length; j++) {
                if (Double.isFinite(line[j])) {
                    double x = length == 1 ? SvgChart.WIDTH / 2.0 : (double) SvgChart.WIDTH * j / (length - 1);
                    double y = SvgChart.FLOOR - 2 - (SvgChart.FLOOR - SvgChart.CEILING - 4)
                            * (max == min ? 0.5 : (line[j] - min) / (max - min));
                    points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y));
                }
            }
            svg.append("<polyline class=\"line").append(i).append("\" points=\"").append(points.toString().strip())
                    .append("\"/>");
        }
        SvgChart.axis(svg);
        SvgChart.label(svg, 0, "start", "epoch 1");
        SvgChart.label(svg, SvgChart.WIDTH, "end", "epoch " + length);
        return svg.append("</svg>").toString();
    }
}
