package io.bitlab.models.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.math.CounterRandom;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AffineMapTest {

    private static final double EXACT = 1e-9;

    private static float[] warped(int width, AffineMap map, Border border, float... plane) {
        float[] pixels = plane.clone();
        new ImagePlanes(pixels, 0, 1, plane.length / width, width).warp(map, border);
        return pixels;
    }

    private static void assertPoint(double x, double y, AffineMap map, double fromX, double fromY) {
        assertEquals(x, map.x(fromX, fromY), EXACT);
        assertEquals(y, map.y(fromX, fromY), EXACT);
    }

    @Test
    void mapsPoints() {
        assertPoint(9, 2, AffineMap.flip(10), 1, 2);
        assertPoint(4, 1, AffineMap.translate(3, -1), 1, 2);
        assertPoint(8, 3, AffineMap.scale(2, 1, 6, 6), 5.5, 3);
        assertPoint(4, 1, AffineMap.rotate(90, 4, 4), 1, 0); // the upper edge becomes the right one
        assertPoint(3, 1, AffineMap.shear(0.5, 0, 4, 4), 3.5, 1);
        assertPoint(9, 1, AffineMap.translate(0, -1).andThen(AffineMap.flip(10)), 1, 2);
    }

    @Test
    void theInverseLeadsBack() {
        Random random = new Random(5);
        for (int i = 0; i < 100; i++) {
            AffineMap map = new AffineMap(random.nextGaussian(), random.nextGaussian(), random.nextGaussian(),
                    random.nextGaussian(), random.nextGaussian(), random.nextGaussian());
            double x = random.nextDouble();
            double y = random.nextDouble();
            AffineMap around = map.andThen(map.inverse());
            assertEquals(x, around.x(x, y), 1e-6);
            assertEquals(y, around.y(x, y), 1e-6);
        }
        String message = assertThrows(IllegalArgumentException.class, () -> AffineMap.scale(0, 1, 2, 2).inverse())
                .getMessage();
        assertTrue(message.contains("no inverse"), message);
        assertThrows(IllegalArgumentException.class, () -> AffineMap.scale(Double.NaN, 1, 2, 2).inverse());
    }

    @Test
    void boxesStayUpright() {
        assertBox(new Box(6, 1, 9, 3), AffineMap.flip(10).box(new Box(1, 1, 4, 3)), EXACT);
        assertBox(new Box(1, 1, 3, 4), AffineMap.rotate(90, 4, 4).box(new Box(1, 1, 4, 3)), EXACT);
        double half = Math.sqrt(2) * 2;
        assertBox(new Box(2 - half, 2 - half, 2 + half, 2 + half),
                AffineMap.rotate(45, 4, 4).box(new Box(0, 0, 4, 4)), EXACT);
    }

    private static void assertBox(Box expected, Box actual, double tolerance) {
        assertArrayEquals(edges(expected), edges(actual), tolerance);
    }

    private static double[] edges(Box box) {
        return new double[] {box.left(), box.top(), box.right(), box.bottom()};
    }

    /** The box around a rectangle that was moved contains its pixels, and touches them. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void boxesFollowPixels(long seed) {
        RandomMap change = RandomMap.flip().andThen(RandomMap.scale(0.8, 1.2)).andThen(RandomMap.rotate(20))
                .andThen(RandomMap.translate(0.05));
        AffineMap map = change.draw(64, 48, new CounterRandom(seed, 0));
        float[] pixels = new float[64 * 48];
        for (int y = 20; y < 30; y++) {
            Arrays.fill(pixels, y * 64 + 25, y * 64 + 40, 1f);
        }
        new ImagePlanes(pixels, 0, 1, 48, 64).warp(map, Border.ZERO);
        double[] found = {64, 48, 0, 0};
        for (int i = 0; i < pixels.length; i++) {
            if (pixels[i] > 0.25f) {
                int x = i % 64;
                int y = i / 64;
                found[0] = Math.min(found[0], x);
                found[1] = Math.min(found[1], y);
                found[2] = Math.max(found[2], x + 1);
                found[3] = Math.max(found[3], y + 1);
            }
        }
        assertArrayEquals(edges(map.box(new Box(25, 20, 40, 30))), found, 1.5, "seed " + seed);
    }

    @Test
    void wholeDistancesChangeNoValue() {
        float[] row = {1, 2, 3, 4};
        assertArrayEquals(new float[] {0, 1, 2, 3}, warped(4, AffineMap.translate(1, 0), Border.ZERO, row));
        assertArrayEquals(new float[] {7, 7, 1, 2}, warped(4, AffineMap.translate(2, 0), Border.constant(7), row));
        assertArrayEquals(new float[] {3, 2, 1, 2}, warped(4, AffineMap.translate(2, 0), Border.REFLECT, row));
        assertArrayEquals(new float[] {3, 4, 3, 2}, warped(4, AffineMap.translate(-2, 0), Border.REFLECT, row));
        // further than the image: ... 3 2 1 2 3 4 3 2 1 2 ...
        assertArrayEquals(new float[] {2, 1, 2, 3}, warped(4, AffineMap.translate(7, 0), Border.REFLECT, row));
        assertArrayEquals(new float[] {4, 3, 2, 1}, warped(4, AffineMap.flip(4), Border.ZERO, row));
        assertArrayEquals(new float[] {0, 0, 1, 2}, warped(2, AffineMap.translate(0, 1), Border.ZERO, row));
        assertArrayEquals(row, warped(1, AffineMap.translate(5, 0), Border.REFLECT, row));
        assertArrayEquals(new float[] {3, 1, 4, 2}, warped(2, AffineMap.rotate(90, 2, 2), Border.ZERO, row), 1e-5f);
    }

    @Test
    void betweenPixelsIsLinear() {
        float[] row = {0, 4, 8, 12};
        assertArrayEquals(new float[] {0, 3, 7, 11}, warped(4, AffineMap.translate(0.25, 0), Border.ZERO, row));
        // half as large: the centres of the new pixels were at -1, 1, 3 and 5
        assertArrayEquals(new float[] {0, 2, 10, 0}, warped(4, AffineMap.scale(0.5, 1, 4, 1), Border.ZERO, row));
        assertArrayEquals(new float[] {3, 5, 7, 9}, warped(4, AffineMap.scale(2, 1, 4, 1), Border.ZERO, row));
    }

    @Test
    void onlyTheImageIsMoved() {
        float[] batch = {9, 1, 2, 3, 4, 9};
        new ImagePlanes(batch, 1, 2, 1, 2).warp(AffineMap.flip(2), Border.ZERO);
        assertArrayEquals(new float[] {9, 2, 1, 4, 3, 9}, batch);
        String message = assertThrows(IllegalArgumentException.class, () -> new ImagePlanes(batch, 3, 2, 1, 2))
                .getMessage();
        assertTrue(message.contains("2 x 1 x 2") && message.contains("index 3"), message);
        assertThrows(IllegalArgumentException.class, () -> new ImagePlanes(batch, 0, 1, 65536, 65536));
    }

    @Test
    void refusesWrongArguments() {
        assertThrows(IllegalArgumentException.class, () -> RandomMap.shift(-1));
        assertThrows(IllegalArgumentException.class, () -> RandomMap.translate(Double.NaN));
        assertThrows(IllegalArgumentException.class, () -> RandomMap.scale(0, 1));
        assertThrows(IllegalArgumentException.class, () -> RandomMap.scale(2, 1));
        assertThrows(IllegalArgumentException.class, () -> RandomMap.rotate(181));
    }
}
