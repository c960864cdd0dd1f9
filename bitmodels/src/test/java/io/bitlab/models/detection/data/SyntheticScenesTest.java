package io.bitlab.models.detection.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.image.Box;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SyntheticScenesTest {

    @Test
    void theSeedDecidesEveryBit() throws IOException {
        BoxedImages scenes = SyntheticScenes.draw(3, 64, 48, 7);
        assertEquals("9eba5d27", scenes.checksum());
        assertEquals(List.of("circle", "square", "triangle", "cross"), scenes.classNames());
        BoxedImages more = SyntheticScenes.draw(4, 64, 48, 7);
        assertEquals(scenes.image(2), more.image(2));
        assertEquals(scenes.boxes(2), more.boxes(2));
        assertTrue(!more.image(3).equals(more.image(2)));
        assertTrue(!scenes.image(0).equals(SyntheticScenes.draw(1, 64, 48, 8).image(0)));
        assertThrows(IllegalArgumentException.class, () -> SyntheticScenes.draw(0, 64, 64, 1));
        assertThrows(IllegalArgumentException.class, () -> SyntheticScenes.draw(1, 31, 64, 1));
    }

    @Test
    void scenesHaveAllClassesAndLittleIsHidden() {
        BoxedImages scenes = SyntheticScenes.draw(100, 48, 48, 3);
        for (List<LabelledBox> boxes : scenes.boxes()) {
            assertTrue(!boxes.isEmpty() && boxes.size() <= 6);
            for (int i = 0; i < boxes.size(); i++) {
                Box box = boxes.get(i).box();
                assertEquals(box, box.clip(48, 48));
                for (LabelledBox other : boxes.subList(0, i)) {
                    assertTrue(box.intersection(other.box()) <= 0.25 * Math.min(box.area(), other.area()));
                }
            }
        }
        assertTrue(Arrays.stream(scenes.classCounts()).allMatch(count -> count > 50), scenes.toString());
    }

    /** What is inside of a shape, on a fine grid, reaches to all four edges of its box and not beyond. */
    @ParameterizedTest
    @EnumSource
    void boxesFitExactly(SceneShape shape) {
        for (double t : new double[] {0, 0.2, -0.15}) {
            double cosine = (1 - t * t) / (1 + t * t);
            double sine = 2 * t / (1 + t * t);
            ScenePainter.Placed placed = new ScenePainter.Placed(shape, 10, 20, 5, cosine, sine);
            double[] reached = {99, 99, 0, 0};
            for (double y = 14; y < 26; y += 0.01) {
                for (double x = 4; x < 16; x += 0.01) {
                    if (placed.depth(x, y) >= 0) {
                        reached = new double[] {Math.min(reached[0], x), Math.min(reached[1], y),
                            Math.max(reached[2], x), Math.max(reached[3], y)};
                    }
                }
            }
            Box box = placed.box();
            assertArrayEquals(reached, new double[] {box.left(), box.top(), box.right(), box.bottom()}, 0.05);
        }
    }
}
