package io.bitlab.models.detection.data;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.Box;

/**
 * Draws one scene. Only with sums, products, quotients and square roots, which are the same on every machine; a random
 * angle is drawn as the tangent of its half.
 */
final class ScenePainter {

    /** In both directions of a pixel. */
    private static final int SAMPLES = 4;
    private static final double SHADOW = 0.3;
    private static final double EDGE = 0.12;

    private final int width;
    private final int height;
    private final CounterRandom random;
    /** Red, green and blue of each pixel, from 0 to 1. */
    private final double[] pixels;
    private final double[] mean = new double[3];

    ScenePainter(int width, int height, CounterRandom random) {
        this.width = width;
        this.height = height;
        this.random = random;
        this.pixels = new double[3 * width * height];
    }

    private double uniform(double from, double to) {
        return from + (to - from) * random.nextDouble();
    }

    /** A colour of a hue from 0 to 6, where 0 is red, 2 green and 4 blue. */
    private static double[] colour(double hue, double saturation, double value) {
        double[] rgb = new double[3];
        for (int c = 0; c < 3; c++) {
            double away = Math.abs((hue - 2 * c + 9) % 6 - 3); // from the channel's own hue, up to 3
            rgb[c] = value * (1 - saturation * Math.clamp(away - 1, 0, 1));
        }
        return rgb;
    }

    /** A direction up to an angle whose half has this tangent, as cosine and sine. */
    private double[] direction(double tangentOfHalf) {
        double t = uniform(-tangentOfHalf, tangentOfHalf);
        return new double[] {(1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)};
    }

    /** A gradient of two muted colours under a texture of coarse and fine noise. */
    void background() {
        double value = uniform(0.2, 0.85);
        double[] from = colour(uniform(0, 6), uniform(0.05, 0.35), value);
        double[] to = colour(uniform(0, 6), uniform(0.05, 0.35), Math.clamp(value + uniform(-0.25, 0.25), 0.15, 0.9));
        double[] along = direction(1);
        double contrast = uniform(0.02, 0.1);
        int coarse = Math.max(4, Math.max(width, height) / 5);
        double[] clouds = noise(coarse);
        double[] grain = noise(Math.max(2, coarse / 5));
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double place = 0.5 + ((x + 0.5) / width - 0.5) * along[1] + ((y + 0.5) / height - 0.5) * along[0];
                double share = Math.clamp(place, 0, 1);
                double texture = contrast * (clouds[y * width + x] + 0.5 * grain[y * width + x]);
                for (int c = 0; c < 3; c++) {
                    double light = from[c] + share * (to[c] - from[c]) + texture;
                    pixels[3 * (y * width + x) + c] = light;
                    mean[c] += light / (width * height);
                }
            }
        }
    }

    /** Random values from -1 to 1 at the points of a grid, and between them smooth. */
    private double[] noise(int step) {
        int columns = width / step + 2;
        double[] grid = new double[columns * (height / step + 2)];
        for (int i = 0; i < grid.length; i++) {
            grid[i] = uniform(-1, 1);
        }
        double[] noise = new double[width * height];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int at = y / step * columns + x / step; // the point to the upper left
                double right = smooth(x % step / (double) step);
                double down = smooth(y % step / (double) step);
                double above = grid[at] + right * (grid[at + 1] - grid[at]);
                double below = grid[at + columns] + right * (grid[at + columns + 1] - grid[at + columns]);
                noise[y * width + x] = above + down * (below - above);
            }
        }
        return noise;
    }

    private static double smooth(double t) {
        return t * t * (3 - 2 * t);
    }

    /** A vivid colour that differs from the background. */
    private double[] contrasting() {
        double[] best = null;
        double most = -1;
        for (int i = 0; i < 4; i++) {
            double[] drawn = colour(uniform(0, 6), uniform(0.6, 0.95), uniform(0.7, 1));
            double difference = 0;
            for (int c = 0; c < 3; c++) {
                difference += Math.abs(drawn[c] - mean[c]);
            }
            if (difference > most) {
                most = difference;
                best = drawn;
            }
        }
        return best;
    }

    /** A shape with its place. */
    record Placed(SceneShape shape, double x, double y, double radius, double cosine, double sine) {

        Box box() {
            return shape.box(x, y, radius, cosine, sine);
        }

        Placed moved(double distance) {
            return new Placed(shape, x + distance, y + distance, radius, cosine, sine);
        }

        /** The depth of a point in the shape, in its own units. */
        double depth(double atX, double atY) {
            double dx = (atX - x) / radius;
            double dy = (atY - y) / radius;
            return shape.depth(cosine * dx + sine * dy, cosine * dy - sine * dx);
        }
    }

    /** Draws a shape of a random size, turned up to 25 degrees, anywhere on the image. */
    Placed place(SceneShape shape) {
        double size = random.nextDouble();
        double radius = Math.min(width, height) * (0.09 + 0.15 * size * size);
        double[] turn = direction(0.22);
        return new Placed(shape, uniform(radius + 1, width - radius - 1), uniform(radius + 1, height - radius - 1),
                radius,
                turn[0], turn[1]);
    }

    /** Draws a shape lit from above, with a darker edge and a shadow. */
    void draw(Placed placed) {
        double[] colour = contrasting();
        double[] black = new double[3];
        cover(placed.moved(Math.max(1, 0.1 * placed.radius())), SHADOW, (_, _) -> black);
        cover(placed, 1, (y, depth) -> {
            double light = 1.05 - 0.2 * (y - placed.y()) / placed.radius();
            double shade = depth < EDGE ? 0.6 * light : light;
            return new double[] {shade * colour[0], shade * colour[1], shade * colour[2]};
        });
    }

    /** The colour of a point of a shape. */
    private interface Paint {
        double[] at(double y, double depth);
    }

    private void cover(Placed placed, double opacity, Paint paint) {
        Box box = placed.box().clip(width, height);
        for (int y = (int) box.top(); y < Math.min(height, box.bottom()); y++) {
            for (int x = (int) box.left(); x < Math.min(width, box.right()); x++) {
                cover(x, y, placed, opacity / (SAMPLES * SAMPLES), paint);
            }
        }
    }

    /** Each point of a pixel that the shape covers takes its share of the colour. */
    private void cover(int x, int y, Placed placed, double share, Paint paint) {
        double[] sum = new double[3];
        double covered = 0;
        for (int i = 0; i < SAMPLES * SAMPLES; i++) {
            int row = i / SAMPLES;
            double atX = x + (i % SAMPLES + 0.5) / SAMPLES;
            double atY = y + (row + 0.5) / SAMPLES;
            double depth = placed.depth(atX, atY);
            if (depth >= 0) {
                double[] colour = paint.at(atY, depth);
                covered += share;
                for (int c = 0; c < 3; c++) {
                    sum[c] += share * colour[c];
                }
            }
        }
        for (int c = 0; c < 3; c++) {
            int at = 3 * (y * width + x) + c;
            pixels[at] = (1 - covered) * pixels[at] + sum[c];
        }
    }

    BitImage toImage() {
        byte[] rgb = new byte[pixels.length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (int) (255 * Math.clamp(pixels[i], 0, 1) + 0.5);
        }
        return BitImage.of(width, height, rgb);
    }
}
