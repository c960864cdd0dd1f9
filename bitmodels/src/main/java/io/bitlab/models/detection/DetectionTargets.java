package io.bitlab.models.detection;

import io.bitlab.models.detection.DetectionPoints.Level;
import io.bitlab.models.detection.data.BoxKind;
import io.bitlab.models.detection.data.LabelledBox;
import io.bitlab.models.image.Box;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * What a detector should answer at each point of an image: the points near the centre of an object answer with its
 * class and its edges, all others with nothing. Where objects overlap, the smallest one counts (Z. Tian et al.,
 * <i>FCOS</i>, 2019, with centre sampling). With several maps, an object belongs to one of them by its longer side: up
 * to 8 strides on the finest, twice as much on each further one, the rest on the last.
 *
 * <p>Points inside of a crowd, or of an object that is hard to see, are ignored unless they belong to another object.
 */
final class DetectionTargets {

    /** The point answers with nothing. */
    static final int BACKGROUND = -1;

    /** Whatever the point answers is right. */
    static final int IGNORED = -2;

    /** Points up to so many strides from the centre of an object, in each direction, belong to it. */
    private static final double RADIUS = 1.5;

    /** An object so small that no point may lie inside of it still has those up to so many strides from its centre. */
    private static final double SMALLEST_RADIUS = 0.51;

    /** The longest side of an object on the finest of several maps, in strides. */
    private static final double FINEST = 8;

    /** The nearest that an edge can be, in pixels; a point of a small object may lie outside of it. */
    private static final float NEAREST = 1f;

    private DetectionTargets() {
    }

    /**
     * Assigns the objects of an image to points.
     *
     * @param objects in pixels of the image that the network sees
     * @param points its points
     * @param labels receives the class of each point, {@link #BACKGROUND} or {@link #IGNORED}
     * @param edges receives, for points with a class, the distances of the left, upper, right and lower edge, in pixels
     * @param at the image's place in both, in points
     */
    static void assign(List<LabelledBox> objects, DetectionPoints points, int[] labels, float[] edges, int at) {
        Level[] levels = points.levels();
        double[] area = new double[points.count()]; // of the object that a point belongs to
        Arrays.fill(area, Double.POSITIVE_INFINITY);
        Arrays.fill(labels, at, at + area.length, BACKGROUND);
        for (LabelledBox object : objects) {
            Box box = object.box();
            if (object.kind() != BoxKind.OBJECT) {
                for (Level level : levels) {
                    forEach(level, box, box.width() / 2, box.height() / 2, point -> {
                        if (labels[at + point] == BACKGROUND) {
                            labels[at + point] = IGNORED;
                        }
                    });
                }
                continue;
            }
            Level level = levels[level(box, levels)];
            forEach(level, box, radius(level, box.width()), radius(level, box.height()), point -> {
                if (box.area() < area[point]) {
                    area[point] = box.area();
                    labels[at + point] = object.label();
                    double x = level.x(point);
                    double y = level.y(point);
                    int edge = 4 * (at + point);
                    edges[edge] = Math.max(NEAREST, (float) (x - box.left()));
                    edges[edge + 1] = Math.max(NEAREST, (float) (y - box.top()));
                    edges[edge + 2] = Math.max(NEAREST, (float) (box.right() - x));
                    edges[edge + 3] = Math.max(NEAREST, (float) (box.bottom() - y));
                }
            });
        }
    }

    private static double radius(Level level, double side) {
        return Math.min(RADIUS * level.stride(), Math.max(side / 2, SMALLEST_RADIUS * level.stride()));
    }

    private static int level(Box box, Level[] levels) {
        double longer = Math.max(box.width(), box.height());
        int level = 0;
        while (level < levels.length - 1 && longer > FINEST * levels[level].stride()) {
            level++;
        }
        return level;
    }

    /** The points nearer than these distances to the centre of a box. */
    private static void forEach(Level level, Box box, double across, double down, IntConsumer body) {
        double centreX = (box.left() + box.right()) / 2;
        double centreY = (box.top() + box.bottom()) / 2;
        int stride = level.stride();
        int firstRow = Math.max(0, (int) Math.floor((centreY - down) / stride - 0.5));
        int lastRow = Math.min(level.rows() - 1, (int) Math.ceil((centreY + down) / stride - 0.5));
        int firstColumn = Math.max(0, (int) Math.floor((centreX - across) / stride - 0.5));
        int lastColumn = Math.min(level.columns() - 1, (int) Math.ceil((centreX + across) / stride - 0.5));
        for (int row = firstRow; row <= lastRow; row++) {
            for (int column = firstColumn; column <= lastColumn; column++) {
                int point = level.from() + row * level.columns() + column;
                if (Math.abs(level.x(point) - centreX) < across && Math.abs(level.y(point) - centreY) < down) {
                    body.accept(point);
                }
            }
        }
    }
}
