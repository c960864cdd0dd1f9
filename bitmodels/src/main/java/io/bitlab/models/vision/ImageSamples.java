package io.bitlab.models.vision;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.image.ImageAugmentation;
import io.bitlab.models.image.ImageDataset;
import io.bitlab.models.image.ImagePlanes;
import io.bitlab.models.image.LabelledImages;
import io.bitlab.models.internal.ClassIndices;
import io.bitlab.models.train.Augmentation;
import io.bitlab.models.train.SampleSource;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;

/**
 * Labelled images as training data of an image classifier: with its preprocessing, and its numbers of the classes.
 *
 * {@snippet class="io.bitlab.models.snippets.ImageModelSnippets" region="samples"}
 *
 * <p>The decoded images are kept in memory if they fit into a quarter of the heap, see {@link ImageDataset}.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class ImageSamples implements SampleSource {

    private final ImageDataset dataset;
    private final int[] classOf; // the model's class for each class of the data
    private final int classes;
    private final String checksum;

    private ImageSamples(ImageDataset dataset, int[] classOf, ClassNames names) throws IOException {
        this.dataset = dataset;
        this.classOf = classOf;
        this.classes = names.size();
        this.checksum = dataset.checksum() + " " + Arrays.toString(classOf) + " of " + classes;
    }

    /**
     * Prepares images.
     *
     * @param images images of any size
     * @param input what they must become
     * @param names the classes of the model
     * @return the samples, in the order of the images
     * @throws IOException if an image can't be read
     * @throws IllegalArgumentException if the names lack a class of the images, or an image can't be made to fit
     */
    public static ImageSamples of(LabelledImages images, ImageInput input, ClassNames names) throws IOException {
        Objects.requireNonNull(images, "ImageSamples: the images are null");
        int[] classOf = ClassIndices.of("ImageSamples", images.classNames(), names.toList());
        ImageDataset dataset = ImageDataset.builder(images, input.width(), input.height())
                .fit(input.fit()).normalization(input.normalization()).build();
        return new ImageSamples(dataset, classOf, names);
    }

    /**
     * Adapts a change of images for {@link io.bitlab.models.train.Trainer.Builder#augmentation}. Mixup and CutMix need
     * no adapter, see {@link io.bitlab.models.train.BatchAugmentation}.
     *
     * @param change the change; those of colours must know the normalisation of the model's {@link ImageInput}
     * @return the same change of samples {@code [channels, height, width]}
     */
    public static Augmentation augmentation(ImageAugmentation change) {
        return Augmentation.ofShape((batch, offset, shape, random) -> {
            if (shape.length != 3) {
                throw new IllegalArgumentException("ImageSamples.augmentation: a sample has the shape "
                        + Arrays.toString(shape) + ", expected [channels, height, width]");
            }
            change.apply(new ImagePlanes(batch, offset, shape[0], shape[1], shape[2]), random);
        });
    }

    /**
     * The images as the network sees them, for pictures of the data. Its labels are those of the data, not the model's.
     *
     * @return the images at the size of the model
     */
    public ImageDataset dataset() {
        return dataset;
    }

    @Override
    public int size() {
        return dataset.size();
    }

    @Override
    public int[] sampleShape() {
        return new int[] {dataset.channels(), dataset.height(), dataset.width()};
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public int label(int index) {
        return classOf[dataset.label(index)];
    }

    @Override
    public Tensor batch(int... indices) {
        return dataset.tensor(indices);
    }

    @Override
    public String checksum() {
        return checksum;
    }
}
