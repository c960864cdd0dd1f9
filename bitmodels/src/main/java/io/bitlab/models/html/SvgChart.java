package io.bitlab.models.html;

import java.util.Locale;

/** The frame of small SVG charts, which take their colours from the page's style sheet. */
public final class SvgChart {

    /** Units from left to right, {@value}. */
    public static final int WIDTH = 300;

    /** Units from top to bottom, {@value}. */
    public static final int HEIGHT = 110;

    /** Where the axis is, {@value}, with labels below it. */
    public static final int FLOOR = 92;

    /** The highest point of bars and lines, {@value}. */
    public static final int CEILING = 6;

    private SvgChart() {
    }

    /**
     * Begins a chart.
     *
     * @param title shown on hovering and read by screen readers
     * @return SVG without its end
     */
    public static StringBuilder open(String title) {
        return new StringBuilder(String.format(Locale.ROOT,
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\"><title>%s</title>", WIDTH, HEIGHT,
                HtmlPage.escape(title), HtmlPage.escape(title)));
    }

    /**
     * Adds the axis.
     *
     * @param svg the chart so far
     */
    public static void axis(StringBuilder svg) {
        svg.append(String.format(Locale.ROOT, "<line class=\"axis\" x1=\"0\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>", WIDTH,
                FLOOR, FLOOR));
    }

    /**
     * Adds a label below the axis.
     *
     * @param svg the chart so far
     * @param x where it is
     * @param anchor which part of it is there: start, middle, end
     * @param text plain text
     */
    public static void label(StringBuilder svg, double x, String anchor, String text) {
        text(svg, x, HEIGHT - 4, anchor, text);
    }

    /**
     * Adds a text.
     *
     * @param svg the chart so far
     * @param x where it is
     * @param y where its letters stand
     * @param anchor which part of it is there: start, middle, end
     * @param text plain text
     */
    public static void text(StringBuilder svg, double x, double y, String anchor, String text) {
        svg.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", x, y, anchor,
                HtmlPage.escape(text)));
    }
}
