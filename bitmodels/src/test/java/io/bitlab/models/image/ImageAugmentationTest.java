package io.bitlab.models.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.math.CounterRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ImageAugmentationTest {

    private static final ImageNormalization UNIT = ImageNormalization.UNIT;

    private static float[] noise(int length) {
        float[] values = new float[length];
        Random random = new Random(4);
        for (int i = 0; i < length; i++) {
            values[i] = random.nextInt(256) / 255f;
        }
        return values;
    }

    static ImageAugmentation[] all() {
        return new ImageAugmentation[] {ImageAugmentation.flip(), ImageAugmentation.light(),
            ImageAugmentation.standard(UNIT), ImageAugmentation.strong(7, UNIT), ImageAugmentation.cutout(3, 0f),
            ImageAugmentation.colour(.3f, .3f, .3f, UNIT),
            ImageAugmentation.move(RandomMap.rotate(30), Border.ZERO)
                    .andThen(ImageAugmentation.move(RandomMap.scale(.5, 2), Border.constant(.5f)))};
    }

    @ParameterizedTest
    @MethodSource("all")
    void dependsOnSeedEpochAndSampleOnly(ImageAugmentation change) {
        int features = 3 * 6 * 5;
        float[] image = noise(features);
        float[] batch = new float[40 * features];
        int[] indices = new int[40];
        for (int i = 0; i < 40; i++) {
            indices[i] = i;
            System.arraycopy(image, 0, batch, i * features, features);
        }
        change.applyAll(batch, 3, 6, 5, 1, 2, indices);
        Set<String> variants = new HashSet<>();
        for (int i = 0; i < 40; i++) {
            float[] alone = image.clone();
            change.applyAll(alone, 3, 6, 5, 1, 2, i);
            assertArrayEquals(Arrays.copyOfRange(batch, i * features, (i + 1) * features), alone);
            variants.add(Arrays.toString(alone));
            for (float value : alone) {
                assertTrue(value >= -1e-6f && value <= 1 + 1e-6f, value + "");
            }
        }
        assertTrue(variants.size() >= 2, variants.size() + " variants of 40");
        float[] otherEpoch = batch.clone();
        float[] otherSeed = batch.clone();
        for (int i = 0; i < 40; i++) {
            System.arraycopy(image, 0, otherEpoch, i * features, features);
            System.arraycopy(image, 0, otherSeed, i * features, features);
        }
        change.applyAll(otherEpoch, 3, 6, 5, 1, 3, indices);
        change.applyAll(otherSeed, 3, 6, 5, 2, 2, indices);
        assertFalse(Arrays.equals(batch, otherEpoch));
        assertFalse(Arrays.equals(batch, otherSeed));
    }

    @Test
    void flipsHalfOfTheImages() {
        float[] batch = new float[2000];
        int[] indices = new int[1000];
        for (int i = 0; i < 1000; i++) {
            batch[2 * i] = 1f;
            indices[i] = i;
        }
        ImageAugmentation.flip().applyAll(batch, 1, 1, 2, 9, 1, indices);
        int flipped = 0;
        for (int i = 0; i < 1000; i++) {
            flipped += (int) batch[2 * i + 1];
            assertEquals(1f, batch[2 * i] + batch[2 * i + 1]);
        }
        assertEquals(500, flipped, 60); // within 4 standard deviations
    }

    @Test
    void shiftsReachAllDistances() {
        Set<String> seen = new HashSet<>();
        ImageAugmentation shift = ImageAugmentation.move(RandomMap.shift(1), Border.ZERO);
        for (int i = 0; i < 100; i++) {
            float[] image = {0, 0, 0, 0, 1, 0, 0, 0, 0};
            shift.applyAll(image, 1, 3, 3, 1, 1, i);
            seen.add(Arrays.toString(image));
        }
        assertEquals(9, seen.size());
    }

    /** A colour whose changes are easily computed, in every normalisation. */
    @Test
    void coloursChangeByTheirFormulas() {
        for (ImageNormalization normalization : new ImageNormalization[] {UNIT, ImageNormalization.IMAGENET}) {
            // two pixels, (0.2, 0.4, 0.6) and (0.4, 0.4, 0.4): grey 0.363 and 0.4, mean 0.3815
            assertColours(normalization, (c, _) -> c.brightness(1.5f), .3f, .6f, .6f, .6f, .9f, .6f);
            assertColours(normalization, (c, _) -> c.brightness(2f), .4f, .8f, .8f, .8f, 1f, .8f);
            assertColours(normalization, (c, _) -> c.contrast(0f), .3815f, .3815f, .3815f, .3815f, .3815f, .3815f);
            assertColours(normalization, (c, _) -> c.contrast(2f), .0185f, .4185f, .4185f, .4185f, .8185f, .4185f);
            assertColours(normalization, (c, _) -> c.saturation(0f), .3630f, .4f, .3630f, .4f, .3630f, .4f);
            assertColours(normalization, (c, _) -> c.saturation(2f), .0370f, .4f, .4370f, .4f, .8370f, .4f);
            assertColours(normalization, (c, _) -> c.solarize(.5f), .2f, .4f, .4f, .4f, .4f, .4f);
            // 51, 102 and 153 with two bits: 0, 64 and 128
            assertColours(normalization, (c, _) -> c.posterize(2), 0f, .2510f, .2510f, .2510f, .5020f, .2510f);
            assertColours(normalization, (c, _) -> c.posterize(8), .2f, .4f, .4f, .4f, .6f, .4f);
        }
    }

    private static void assertColours(ImageNormalization normalization, ColourChange.Step step, float... expected) {
        float[] pixels = {.2f, .4f, .4f, .4f, .6f, .4f};
        for (int i = 0; i < 6; i++) {
            pixels[i] = (pixels[i] - normalization.mean().get(i / 2)) / normalization.deviation().get(i / 2);
        }
        ColourChange.of(normalization, step).apply(new ImagePlanes(pixels, 0, 3, 1, 2), new CounterRandom(1, 1));
        for (int i = 0; i < 6; i++) {
            pixels[i] = pixels[i] * normalization.deviation().get(i / 2) + normalization.mean().get(i / 2);
        }
        assertArrayEquals(expected, pixels, 1e-4f);
    }

    @Test
    void cutoutCoversASquare() {
        int corner = 0;
        for (int i = 0; i < 200; i++) {
            float[] image = new float[2 * 25];
            Arrays.fill(image, 1f);
            ImageAugmentation.cutout(3, -5f).applyAll(image, 2, 5, 5, 3, 1, i);
            int covered = 0;
            for (int p = 0; p < 25; p++) {
                assertEquals(image[p], image[25 + p]);
                covered += image[p] == -5f ? 1 : 0;
            }
            assertTrue(Set.of(4, 6, 9).contains(covered), covered + " pixels"); // a corner, an edge, inside
            corner += covered == 4 ? 1 : 0;
        }
        assertEquals(32, corner, 22); // 4 of 25 centres, within 4 standard deviations
    }

    @Test
    void refusesWrongArguments() {
        assertThrows(IllegalArgumentException.class, () -> ImageAugmentation.cutout(0, 0f));
        assertThrows(IllegalArgumentException.class, () -> ImageAugmentation.colour(0f, 1.1f, 0f, UNIT));
        assertThrows(IllegalArgumentException.class, () -> ImageAugmentation.strong(11, UNIT));
        String size = assertThrows(IllegalArgumentException.class,
                () -> ImageAugmentation.flip().applyAll(new float[7], 1, 2, 3, 0, 0, 5)).getMessage();
        assertTrue(size.contains("7 floats") && size.contains("1 x 2 x 3"), size);
        String grey = assertThrows(IllegalArgumentException.class,
                () -> ImageAugmentation.colour(0, 0, 0, UNIT).applyAll(new float[6], 1, 2, 3, 0, 0, 5)).getMessage();
        assertTrue(grey.contains("1 channels"), grey);
    }

    @Test
    void strengthZeroOnlyMoves() {
        float[] image = noise(3 * 9 * 9);
        int[] expected = sorted(image);
        for (int i = 0; i < 50; i++) {
            float[] changed = image.clone();
            new StrongAugmentation(0, UNIT).apply(new ImagePlanes(changed, 0, 3, 9, 9), new CounterRandom(i, 0));
            assertArrayEquals(expected, sorted(changed), "seed " + i);
        }
    }

    private static int[] sorted(float[] image) {
        int[] values = new int[image.length];
        for (int i = 0; i < image.length; i++) {
            values[i] = Math.round(image[i] * 255);
        }
        Arrays.sort(values);
        return values;
    }

    // ---------------------------------------------------------------- mixed batches
}
