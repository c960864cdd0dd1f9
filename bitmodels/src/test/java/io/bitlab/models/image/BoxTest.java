package io.bitlab.models.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BoxTest {

    @ParameterizedTest
    @CsvSource({"0, 0, 10, 10, 1", "5, 0, 10, 10, 0.333333333333", "10, 0, 10, 10, 0", "20, 20, 5, 5, 0",
        "2, 2, 5, 5, 0.25", "0, 0, 0, 0, 0"})
    void overlapIsMeasuredByIntersectionOverUnion(double left, double top, double width, double height, double iou) {
        Box box = new Box(0, 0, 10, 10);
        Box other = Box.ofSize(left, top, width, height);
        assertEquals(iou, box.iou(other), 1e-9);
        assertEquals(iou, other.iou(box), 1e-9);
    }

    @Test
    void cornersSizesAndCentresAgree() {
        Box box = new Box(1, 2, 4, 8);
        assertEquals(box, Box.ofSize(1, 2, 3, 6));
        assertEquals(box, Box.ofCentre(2.5, 5, 3, 6));
        assertEquals(18, box.area());
    }

    @Test
    void whatLiesOutsideIsCutOff() {
        assertEquals(new Box(0, 0, 4, 5), new Box(-3, -1, 4, 5).clip(10, 10));
        assertEquals(new Box(10, 3, 10, 5), new Box(12, 3, 14, 5).clip(10, 10));
    }

    @Test
    void edgesInTheWrongOrderAreRefused() {
        String message = assertThrows(IllegalArgumentException.class, () -> new Box(5, 5, 3, 8)).getMessage();
        assertTrue(message.contains("Box.ofSize"), message);
        assertThrows(IllegalArgumentException.class, () -> new Box(0, Double.NaN, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new Box(0, 0, Double.POSITIVE_INFINITY, 1));
        assertThrows(IllegalArgumentException.class, () -> Box.ofSize(0, 0, -1, 1));
    }
}
