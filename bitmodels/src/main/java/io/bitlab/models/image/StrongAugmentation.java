package io.bitlab.models.image;

import io.bitlab.core.math.CounterRandom;
import java.util.List;

/**
 * Two random changes of one strength: a subset of RandAugment (E. Cubuk et al., <i>RandAugment: Practical automated
 * data augmentation with a reduced search space</i>, 2020), with its ranges.
 */
final class StrongAugmentation implements ImageAugmentation {

    private static final int CHANGES = 2;
    private static final int MOST = 10;

    private final List<ImageAugmentation> choices;

    StrongAugmentation(int magnitude, ImageNormalization normalization) {
        if (magnitude < 0 || magnitude > MOST) {
            throw new IllegalArgumentException(
                    "ImageAugmentation.strong: magnitude " + magnitude + " is not from 0 to " + MOST);
        }
        float share = magnitude / (float) MOST;
        this.choices = List.of(
                (_, _) -> {},
                moved((width, height, random) -> AffineMap.rotate(signed(30 * share, random), width, height)),
                moved((width, height, random) -> AffineMap.shear(signed(0.3f * share, random), 0, width, height)),
                moved((width, height, random) -> AffineMap.shear(0, signed(0.3f * share, random), width, height)),
                moved((width, _, random) -> AffineMap.translate(signed(0.45f * share, random) * width, 0)),
                moved((_, height, random) -> AffineMap.translate(0, signed(0.45f * share, random) * height)),
                ColourChange.of(normalization, (c, random) -> c.brightness(1f + signed(0.9f * share, random))),
                ColourChange.of(normalization, (c, random) -> c.contrast(1f + signed(0.9f * share, random))),
                ColourChange.of(normalization, (c, random) -> c.saturation(1f + signed(0.9f * share, random))),
                ColourChange.of(normalization, (c, _) -> c.solarize(share == 0f ? Float.MAX_VALUE : 1f - share)),
                ColourChange.of(normalization, (c, _) -> c.posterize(8 - Math.round(4 * share))));
    }

    private static ImageAugmentation moved(RandomMap map) {
        return ImageAugmentation.move(map, Border.REFLECT);
    }

    private static float signed(float strength, CounterRandom random) {
        return random.nextFloat() < 0.5f ? strength : -strength;
    }

    @Override
    public void apply(ImagePlanes image, CounterRandom random) {
        for (int i = 0; i < CHANGES; i++) {
            choices.get(random.nextInt(choices.size())).apply(image, random);
        }
    }
}
