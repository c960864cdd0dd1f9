package io.bitlab.models.detection;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.models.detection.data.LabelledBox;
import io.bitlab.models.image.AffineMap;
import io.bitlab.models.image.Border;
import io.bitlab.models.image.Box;
import io.bitlab.models.image.ImagePlanes;
import io.bitlab.models.vision.ImageInput;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes training samples of annotated pictures: changed pixels, and where the objects are then.
 *
 * @param frames the pictures
 * @param input what the network sees
 * @param augmentation the changes
 */
record DetectionSampler(DetectionFrames frames, ImageInput input, DetectionAugmentation augmentation) {

    /** The point where the four pictures of a mosaic meet lies this far from the edges at least, as a share. */
    private static final double MOSAIC_MARGIN = 0.3;

    /** Objects of less than so many pixels in a direction can't be seen, and are left out. */
    private static final double SMALLEST = 1;

    /**
     * Draws a sample.
     *
     * @param index the picture
     * @param random the random numbers of this sample in this epoch
     * @param target receives the pixels; of any size
     * @return the objects on it
     */
    List<LabelledBox> draw(int index, CounterRandom random, ImagePlanes target) {
        List<LabelledBox> objects = new ArrayList<>();
        if (augmentation.mosaic() > 0 && random.nextDouble() < augmentation.mosaic()) {
            drawMosaic(index, random, target, objects);
        } else {
            draw(index, random, AffineMap.IDENTITY, target, new Box(0, 0, target.width(), target.height()), objects);
        }
        augmentation.colour().apply(target, random);
        return objects;
    }

    /** Draws a picture and three others into the quarters around a point. */
    private void drawMosaic(int index, CounterRandom random, ImagePlanes target, List<LabelledBox> objects) {
        int centreX = (int) Math.round(target.width() * between(MOSAIC_MARGIN, 1 - MOSAIC_MARGIN, random));
        int centreY = (int) Math.round(target.height() * between(MOSAIC_MARGIN, 1 - MOSAIC_MARGIN, random));
        for (int quarter = 0; quarter < 4; quarter++) {
            int picture = quarter == 0 ? index : random.nextInt(frames.size());
            boolean right = quarter % 2 == 1;
            boolean lower = quarter > 1;
            int left = right ? centreX : 0;
            int top = lower ? centreY : 0;
            int columns = right ? target.width() - centreX : centreX;
            int rows = lower ? target.height() - centreY : centreY;
            // large enough to cover its quarter, with a corner at the centre
            double scale = Math.max(columns / (double) target.width(), rows / (double) target.height());
            AffineMap place = AffineMap.resize(scale, scale).andThen(AffineMap.translate(
                    right ? left : centreX - scale * target.width(),
                    lower ? top : centreY - scale * target.height()));
            draw(picture, random, place, target, new Box(left, top, left + columns, top + rows), objects);
        }
    }

    private static double between(double from, double to, CounterRandom random) {
        return from + (to - from) * random.nextDouble();
    }

    /** Draws a picture into a part of the target. */
    private void draw(int index, CounterRandom random, AffineMap place, ImagePlanes target, Box part,
            List<LabelledBox> objects) {
        FramedImage image = frames.image(index);
        AffineMap map = augmentation.move().draw(input.width(), input.height(), random)
                .andThen(AffineMap.resize(target.width() / (double) input.width(),
                        target.height() / (double) input.height()))
                .andThen(place);
        ImagePlanes source = new ImagePlanes(image.placed().image().toFloats(input.normalization()), 0,
                input.channels(), input.height(), input.width());
        target.draw(source, map, Border.ZERO, (int) part.left(), (int) part.top(), (int) part.right(),
                (int) part.bottom());
        for (LabelledBox object : frames.framedObjects(index, image)) {
            Box moved = map.box(object.box());
            Box seen = new Box(Math.clamp(moved.left(), part.left(), part.right()),
                    Math.clamp(moved.top(), part.top(), part.bottom()),
                    Math.clamp(moved.right(), part.left(), part.right()),
                    Math.clamp(moved.bottom(), part.top(), part.bottom()));
            if (seen.width() >= SMALLEST && seen.height() >= SMALLEST
                    && seen.area() >= augmentation.visible() * moved.area()) {
                objects.add(new LabelledBox(seen, object.label(), object.kind(), seen.area()));
            }
        }
    }
}
