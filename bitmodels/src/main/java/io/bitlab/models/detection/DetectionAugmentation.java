package io.bitlab.models.detection;

import io.bitlab.models.image.AffineMap;
import io.bitlab.models.image.ImageAugmentation;
import io.bitlab.models.image.ImageNormalization;
import io.bitlab.models.image.RandomMap;
import java.util.List;
import java.util.Objects;

/**
 * Random changes of pictures and of the boxes on them, so that a detector sees new variants in each epoch. All moves of
 * a picture are one map, so that it is interpolated only once.
 *
 * {@snippet class="io.bitlab.models.snippets.DetectionSnippets" region="augmentation"}
 *
 * <p>The random numbers depend on the seed, the epoch and the sample, not on the order or the thread.
 *
 * @param move where the points of a picture go; what comes in from beyond the edges has the mean colour
 * @param colour changes of the normalised pixels
 * @param mosaic the share of samples that are four pictures around a random point, from 0 to 1 (A. Bochkovskiy et al.,
 *     <i>YOLOv4</i>, 2020)
 * @param visible objects stay if at least this share of their area is still on the picture, from 0 to 1
 * @param sizes factors of the network's height and width, one of them drawn for each batch; {@code [1.0]} for always
 *     the same size; copied
 */
public record DetectionAugmentation(RandomMap move, ImageAugmentation colour, double mosaic, double visible,
        List<Double> sizes) {

    /** Pictures as they are. */
    public static final DetectionAugmentation NONE = new DetectionAugmentation(
            (_, _, _) -> AffineMap.IDENTITY, (_, _) -> {}, 0, 0, List.of(1.0));

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if a share is out of range, or a size is not from 0.25 to 4
     */
    public DetectionAugmentation {
        Objects.requireNonNull(move, "DetectionAugmentation: move");
        Objects.requireNonNull(colour, "DetectionAugmentation: colour");
        sizes = List.copyOf(sizes);
        if (!(mosaic >= 0 && mosaic <= 1) || !(visible >= 0 && visible <= 1) || sizes.isEmpty()
                || sizes.stream().anyMatch(size -> !(size >= 0.25 && size <= 4))) {
            throw new IllegalArgumentException("DetectionAugmentation: mosaic " + mosaic + ", visible " + visible
                    + ", sizes " + sizes + "; expected shares from 0 to 1, and sizes from 0.25 to 4");
        }
    }

    /**
     * The usual changes of photographs: mirrored; seven of ten scaled by 0.8 to 1.3 and shifted by up to a tenth;
     * brightness, contrast and saturation by up to 0.2; objects stay if 0.3 of them are visible.
     *
     * @param normalization that of the model's input
     * @return the changes
     */
    public static DetectionAugmentation standard(ImageNormalization normalization) {
        RandomMap resized = RandomMap.scale(0.8, 1.3).andThen(RandomMap.translate(0.1));
        return new DetectionAugmentation(RandomMap.flip().andThen(RandomMap.sometimes(0.7, resized)),
                ImageAugmentation.colour(0.2f, 0.2f, 0.2f, normalization), 0, 0.3, List.of(1.0));
    }

    /**
     * Returns these changes with further moves.
     *
     * @param next follows the moves so far, such as {@link RandomMap#flipVertically}
     * @return the changed copy
     */
    public DetectionAugmentation andMove(RandomMap next) {
        return new DetectionAugmentation(move.andThen(next), colour, mosaic, visible, sizes);
    }

    /**
     * Returns these changes with another share of mosaics.
     *
     * @param share from 0 to 1
     * @return the changed copy
     * @throws IllegalArgumentException if it is out of range
     */
    public DetectionAugmentation withMosaic(double share) {
        return new DetectionAugmentation(move, colour, share, visible, sizes);
    }

    /**
     * Returns these changes with mixed sizes, which make a detector less dependent on the size of objects.
     *
     * @param factors of the network's height and width, each from 0.25 to 4
     * @return the changed copy
     * @throws IllegalArgumentException if there are none, or one is out of range
     */
    public DetectionAugmentation withSizes(Double... factors) {
        return new DetectionAugmentation(move, colour, mosaic, visible, List.of(factors));
    }
}
