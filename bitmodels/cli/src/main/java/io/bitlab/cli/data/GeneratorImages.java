package io.bitlab.cli.data;

import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageReadOptions;
import io.bitlab.models.image.LabelledImages;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The images that a generator learns from.
 *
 * @param split for training and validation
 * @param grey whether they have no colours
 * @param usualSize height and width to learn them at, if nobody says otherwise
 */
public record GeneratorImages(LabelledImages.Split split, boolean grey, int usualSize) {

    private static final double VALIDATION_SHARE = 0.05;

    /**
     * The seed by which images are held out, of classifiers as well. It is not that of the training, so that an
     * evaluation finds what was held out, and a classifier hasn't learnt it either.
     */
    public static final long SPLIT_SEED = 0;

    private static final int USUAL_SIZE = 28;

    /**
     * Reads images.
     *
     * @param data a folder, of classes or with the files of MNIST; null for the digits that come along
     * @param classes the names of the classes to keep; empty for all
     * @return the images
     * @throws IOException if they can't be read
     */
    public static GeneratorImages read(Path data, List<String> classes) throws IOException {
        if (data == null) {
            return new GeneratorImages(only(Digits.images(), classes), true, Digits.SIDE);
        }
        if (IdxImages.areIn(data)) {
            return new GeneratorImages(only(IdxImages.read(data), classes), true, USUAL_SIZE);
        }
        LabelledImages images = LabelledImages.readFolder(data);
        int largestClass = Arrays.stream(images.classCounts()).max().orElseThrow(); // at least one of it is held out
        if (largestClass < 2) {
            throw new IllegalArgumentException(data + ": every class has a single image; expected at least two of one,"
                    + " as one is held out for validation");
        }
        LabelledImages.Split split = images.split(Math.max(VALIDATION_SHARE, 1.0 / largestClass), SPLIT_SEED);
        return new GeneratorImages(only(split, classes), false, USUAL_SIZE);
    }

    private static LabelledImages.Split only(LabelledImages.Split split, List<String> classes) throws IOException {
        return classes.isEmpty() || classes.equals(split.train().classNames()) ? split
                : new LabelledImages.Split(only(split.train(), classes), only(split.test(), classes));
    }

    private static LabelledImages only(LabelledImages images, List<String> classes) throws IOException {
        for (String name : classes) {
            if (!images.classNames().contains(name)) {
                throw new IllegalArgumentException("there is no class '" + name + "' among those of the data, "
                        + images.classNames());
            }
        }
        List<BitImage> kept = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            int label = classes.indexOf(images.classNames().get(images.label(i)));
            if (label >= 0) {
                kept.add(images.image(i, ImageReadOptions.defaults()));
                labels.add(label);
            }
        }
        return LabelledImages.of(kept, labels.stream().mapToInt(Integer::intValue).toArray(), classes);
    }
}
