package io.bitlab.models.detection.data;

import io.bitlab.models.image.Box;

/** What {@link SyntheticScenes} draws: shapes around (0, 0) that reach no further than 1. */
enum SceneShape {
    CIRCLE, SQUARE, TRIANGLE, CROSS;

    private static final double RADIUS = 0.9;
    private static final double SIDE = 0.75;
    private static final double HALF_BASE = 0.8660254037844386; // half the square root of 3
    private static final double ARM = 0.3;
    private static final double END = 0.95;

    /** The distance from the edge; negative outside. */
    double depth(double x, double y) {
        double across = Math.abs(x);
        double down = Math.abs(y);
        return switch (this) {
            case CIRCLE -> RADIUS - Math.sqrt(x * x + y * y);
            case SQUARE -> SIDE - Math.max(across, down);
            case TRIANGLE -> Math.min(0.5 - y, 0.5 + y / 2 - HALF_BASE * across);
            case CROSS -> Math.max(Math.min(ARM - across, END - down), Math.min(END - across, ARM - down));
        };
    }

    /** x and y of each corner. */
    private double[] corners() {
        return switch (this) {
            case CIRCLE -> new double[0];
            case SQUARE -> new double[] {-SIDE, -SIDE, SIDE, -SIDE, SIDE, SIDE, -SIDE, SIDE};
            case TRIANGLE -> new double[] {0, -1, HALF_BASE, 0.5, -HALF_BASE, 0.5};
            case CROSS -> new double[] {-ARM, -END, ARM, -END, END, -ARM, END, ARM, ARM, END, -ARM, END, -END, ARM,
                -END, -ARM};
        };
    }

    /** The box of the shape, turned and enlarged. */
    Box box(double centreX, double centreY, double radius, double cosine, double sine) {
        double reach = this == CIRCLE ? RADIUS : 0;
        double left = -reach;
        double top = -reach;
        double right = reach;
        double bottom = reach;
        double[] corners = corners();
        for (int i = 0; i < corners.length; i += 2) {
            double x = cosine * corners[i] - sine * corners[i + 1];
            double y = sine * corners[i] + cosine * corners[i + 1];
            left = Math.min(left, x);
            top = Math.min(top, y);
            right = Math.max(right, x);
            bottom = Math.max(bottom, y);
        }
        return new Box(centreX + radius * left, centreY + radius * top, centreX + radius * right,
                centreY + radius * bottom);
    }
}
