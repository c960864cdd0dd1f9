package io.bitlab.models.detection;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.bitlab.models.detection.data.BoxKind;
import io.bitlab.models.detection.data.LabelledBox;
import io.bitlab.models.image.Box;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Targets against examples drawn by hand: a row of text is a row of points; a digit is a class. */
class DetectionTargetsTest {

    private final DetectionPoints points = new DetectionPoints(48, 64, List.of(8));

    private static String drawn(int[] labels, int from, int rows, int columns) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < rows * columns; i++) {
            int label = labels[from + i];
            text.append(label == -1 ? '.' : label == -2 ? 'x' : (char) ('0' + label));
            if (i % columns == columns - 1) {
                text.append('\n');
            }
        }
        return text.toString();
    }

    private static int[] assign(DetectionPoints points, float[] edges, LabelledBox... objects) {
        int[] labels = new int[points.count()];
        DetectionTargets.assign(List.of(objects), points, labels, edges, 0);
        return labels;
    }

    private String labels(LabelledBox... objects) {
        return drawn(assign(points, new float[4 * points.count()], objects), 0, 6, 8);
    }

    private static LabelledBox object(int label, double left, double top, double right, double bottom) {
        return LabelledBox.of(new Box(left, top, right, bottom), label);
    }

    @Test
    void pointsNearTheCentreOfAnObjectBelongToIt() {
        // the centre (28, 20) is a point, and so are those 8 pixels from it; 16 is more than a stride and a half
        assertEquals("""
                ........
                ..111...
                ..111...
                ..111...
                ........
                ........
                """, labels(object(1, 4, 0, 52, 40)));
        // a small one, between points: all four are near enough
        assertEquals("""
                ........
                .22.....
                .22.....
                ........
                ........
                ........
                """, labels(object(2, 14, 14, 18, 18)));
        // flat: no more than its own height
        assertEquals("""
                ........
                .333....
                ........
                ........
                ........
                ........
                """, labels(object(3, 0, 8, 40, 15)));
    }

    @Test
    void theSmallestOfOverlappingObjectsCounts() {
        String expected = """
                ........
                ..111...
                ..121...
                ..111...
                ........
                ........
                """;
        LabelledBox large = object(1, 4, 0, 52, 40);
        LabelledBox small = object(2, 25, 17, 31, 23);
        assertEquals(expected, labels(large, small));
        assertEquals(expected, labels(small, large));
    }

    @Test
    void pointsInCrowdsAndDifficultObjectsAreIgnored() {
        assertEquals("""
                xxxxxx..
                xx111x..
                xx111x..
                xx111x..
                ......xx
                ......xx
                """, labels(object(1, 4, 0, 52, 40),
                new LabelledBox(new Box(0, 0, 48, 32), 0, BoxKind.CROWD, 1),
                new LabelledBox(new Box(48, 32, 64, 48), 0, BoxKind.DIFFICULT, 1)));
    }

    @Test
    void edgesAreMeasuredFromThePoint() {
        float[] edges = new float[4 * points.count()];
        assign(points, edges, object(1, 4, 0, 52, 40));
        int centre = 2 * 8 + 3; // at (28, 20)
        assertArrayEquals(new float[] {24, 20, 24, 20}, Arrays.copyOfRange(edges, 4 * centre, 4 * centre + 4));
        assertArrayEquals(new float[] {16, 12, 32, 28}, Arrays.copyOfRange(edges, 4 * (8 + 2), 4 * (8 + 2) + 4));
        assign(points, edges, object(2, 14, 14, 18, 18));
        // the point (12, 12) lies outside; no edge is nearer than a pixel
        assertArrayEquals(new float[] {1, 1, 6, 6}, Arrays.copyOfRange(edges, 4 * (8 + 1), 4 * (8 + 1) + 4));
    }

    @Test
    void objectsBelongToTheMapOfTheirSize() {
        DetectionPoints pyramid = new DetectionPoints(256, 256, List.of(8, 16, 32));
        int[] counts = new int[3];
        for (double side : new double[] {20, 64, 65, 128, 129, 250}) {
            int[] labels = assign(pyramid, new float[4 * pyramid.count()],
                    LabelledBox.of(Box.ofCentre(128, 128, side, 10), 5));
            for (int level = 0; level < 3; level++) {
                DetectionPoints.Level map = pyramid.levels()[level];
                String drawn = drawn(labels, map.from(), map.rows(), map.columns());
                counts[level] += drawn.contains("5") ? 1 : 0;
            }
        }
        assertArrayEquals(new int[] {2, 2, 2}, counts);
    }

    @Test
    void mapsOfOddSizesCoverTheImage() {
        DetectionPoints odd = new DetectionPoints(33, 50, List.of(8, 16));
        assertEquals(5 * 7 + 3 * 4, odd.count());
        assertEquals("[Level[from=0, rows=5, columns=7, stride=8], Level[from=35, rows=3, columns=4, stride=16]]",
                Arrays.stream(odd.levels()).map(Object::toString).collect(Collectors.joining(", ", "[", "]")));
        assertEquals(24.0, odd.levels()[1].x(36));
        assertEquals(8.0, odd.levels()[1].y(36));
    }
}
