package io.bitlab.models.detection.data;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.models.detection.data.ScenePainter.Placed;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.Box;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Photographs that no one has to take or annotate: circles, squares, triangles and crosses of all sizes and colours on
 * textured backgrounds, with boxes that fit exactly. A small detector learns them in minutes.
 *
 * {@snippet class="io.bitlab.models.snippets.DetectionDataSnippets" region="scenes"}
 *
 * <p>A scene has one to six shapes, about 15 to 45 % of its shorter side wide, and all of each is on the image. A shape
 * may cover up to a quarter of an earlier one's box. The same seed gives the same bits on every
 * machine, and scene number n does not depend on how many are drawn.
 *
 * <p><b>Thread safety:</b> stateless.
 */
public final class SyntheticScenes {

    private static final int SMALLEST = 32;
    private static final int MOST_SHAPES = 6;
    private static final int TRIES = 20;
    private static final double MOST_HIDDEN = 0.25;

    private SyntheticScenes() {
    }

    /**
     * Draws scenes.
     *
     * @param count how many, at least 1
     * @param width columns of pixels, at least 32
     * @param height rows of pixels, at least 32
     * @param seed seed of all scenes
     * @return the scenes, in memory; classes {@code circle}, {@code square}, {@code triangle} and {@code cross}
     * @throws IllegalArgumentException if a number is too small
     */
    public static BoxedImages draw(int count, int width, int height, long seed) {
        if (count < 1 || width < SMALLEST || height < SMALLEST) {
            throw new IllegalArgumentException("SyntheticScenes: " + count + " scenes of " + width + " x " + height
                    + " pixels; expected at least one, of at least " + SMALLEST + " x " + SMALLEST);
        }
        List<BitImage> images = new ArrayList<>();
        List<List<LabelledBox>> boxes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            CounterRandom random = new CounterRandom(seed, i);
            ScenePainter painter = new ScenePainter(width, height, random);
            painter.background();
            List<LabelledBox> placed = new ArrayList<>();
            for (int shapes = 1 + random.nextInt(MOST_SHAPES); shapes > 0; shapes--) {
                drawShape(painter, SceneShape.values()[random.nextInt(SceneShape.values().length)], placed);
            }
            images.add(painter.toImage());
            boxes.add(placed);
        }
        return BoxedImages.of(images, boxes,
                Stream.of(SceneShape.values()).map(shape -> shape.name().toLowerCase(Locale.ROOT)).toList());
    }

    /** Leaves the shape out if there is no place for it. */
    private static void drawShape(ScenePainter painter, SceneShape shape, List<LabelledBox> before) {
        for (int i = 0; i < TRIES; i++) {
            Placed placed = painter.place(shape);
            Box box = placed.box();
            if (before.stream().allMatch(other -> other.box().intersection(box)
                    <= MOST_HIDDEN * Math.min(box.area(), other.box().area()))) {
                painter.draw(placed);
                before.add(LabelledBox.of(box, shape.ordinal()));
                return;
            }
        }
    }
}
