package io.bitlab.models.image;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/**
 * Labelled images as training data: all of one size, as floats {@code [channels, height, width]}.
 *
 * {@snippet class="io.bitlab.models.snippets.ImageSnippets" region="dataset"}
 *
 * <p>If the images at this size fit into a limit of memory, all are decoded once, when the data set is built, and kept
 * with a byte for each value: 50,000 images of 32 x 32 take 150 MB. Otherwise each batch decodes its images again. The
 * floats are the same in both cases.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class ImageDataset {

    private final LabelledImages images;
    private final int width;
    private final int height;
    private final ImageFit fit;
    private final ImageNormalization normalization;
    private final ImageReadOptions options;
    private final BitImage[] kept; // null if they don't fit

    private ImageDataset(Builder builder) throws IOException {
        this.images = builder.images;
        this.width = builder.width;
        this.height = builder.height;
        this.fit = builder.fit;
        this.normalization = builder.normalization;
        this.options = builder.options;
        this.kept = 3L * width * height <= builder.memoryLimit / size() ? decodeAll() : null;
    }

    /**
     * Starts building a data set.
     *
     * @param images at least one image
     * @param width columns of pixels that the network sees
     * @param height rows of pixels that the network sees
     * @return a builder with the defaults: images of another size are refused, three channels in [0, 1], a quarter of
     *     the heap
     * @throws IllegalArgumentException if the size is not positive
     */
    public static Builder builder(LabelledImages images, int width, int height) {
        return new Builder(images, width, height);
    }

    /** Collects the settings of an {@link ImageDataset}. */
    public static final class Builder {
        private final LabelledImages images;
        private final int width;
        private final int height;
        private ImageFit fit = ImageFit.EXACT;
        private ImageNormalization normalization = ImageNormalization.UNIT;
        private ImageReadOptions options = ImageReadOptions.defaults();
        private long memoryLimit = Runtime.getRuntime().maxMemory() / 4;

        private Builder(LabelledImages images, int width, int height) {
            BitImage.requireSize("ImageDataset", width, height);
            this.images = Objects.requireNonNull(images, "ImageDataset: images");
            this.width = width;
            this.height = height;
        }

        /**
         * Sets how images of another size are made to fit.
         *
         * @param value default {@code EXACT}: they are refused
         * @return this builder
         */
        public Builder fit(ImageFit value) {
            fit = Objects.requireNonNull(value, "ImageDataset: fit");
            return this;
        }

        /**
         * Sets how pixels become floats, and the number of channels.
         *
         * @param value default {@link ImageNormalization#UNIT}
         * @return this builder
         */
        public Builder normalization(ImageNormalization value) {
            normalization = Objects.requireNonNull(value, "ImageDataset: normalization");
            return this;
        }

        /**
         * Sets how files are read.
         *
         * @param value default {@link ImageReadOptions#defaults()}
         * @return this builder
         */
        public Builder readOptions(ImageReadOptions value) {
            options = Objects.requireNonNull(value, "ImageDataset: readOptions");
            return this;
        }

        /**
         * Sets how much memory the decoded images may take.
         *
         * @param bytes default a quarter of the largest heap; 0 to decode them for each batch
         * @return this builder
         * @throws IllegalArgumentException if it is negative
         */
        public Builder memoryLimit(long bytes) {
            if (bytes < 0) {
                throw new IllegalArgumentException("ImageDataset: a memory limit of " + bytes + " bytes is negative");
            }
            memoryLimit = bytes;
            return this;
        }

        /**
         * Builds the data set; decodes all images if they fit into the limit of memory.
         *
         * @return the data set
         * @throws IOException if one can't be read, as {@link BitImage#read(java.nio.file.Path, ImageReadOptions)}
         * @throws IllegalArgumentException if one has another size, and the fit is {@code EXACT}
         */
        public ImageDataset build() throws IOException {
            return new ImageDataset(this);
        }
    }

    private BitImage[] decodeAll() throws IOException {
        BitImage[] all = new BitImage[size()];
        Exception[] failures = new Exception[size()];
        Parallel.current().forRange(size(), 1, Long.MAX_VALUE, (from, to) -> {
            for (int i = from; i < to; i++) {
                try {
                    all[i] = decode(i);
                } catch (IOException | RuntimeException e) {
                    failures[i] = e;
                }
            }
        });
        for (Exception failure : failures) { // the first in the order of the images, whichever thread was faster
            if (failure instanceof IOException unreadable) {
                throw unreadable;
            } else if (failure instanceof RuntimeException other) {
                throw other;
            }
        }
        return all;
    }

    private BitImage decode(int index) throws IOException {
        BitImage image = images.image(index, options);
        try {
            return fit.apply(image, width, height);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("ImageDataset: " + images.name(index) + ": " + e.getMessage(), e);
        }
    }

    /**
     * Returns an image as the network sees it.
     *
     * @param index number of the image
     * @return the image at the size of this data set
     * @throws IndexOutOfBoundsException if there is no such image
     * @throws IllegalArgumentException if it has another size, and the fit is {@code EXACT}
     * @throws UncheckedIOException if it can't be read
     */
    public BitImage image(int index) {
        Objects.checkIndex(index, size());
        try {
            return kept != null ? kept[index] : decode(index);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    /**
     * Returns images as floats. May be called from any thread.
     *
     * @param indices the images, in this order
     * @return {@code [indices, channels, height, width]}, a new array
     * @throws IllegalArgumentException if there are no indices, or an image has another size, and the fit is
     *     {@code EXACT}
     * @throws IndexOutOfBoundsException if there is no such image
     * @throws UncheckedIOException if one can't be read
     */
    public float[] batch(int... indices) {
        if (indices.length == 0) {
            throw new IllegalArgumentException("ImageDataset.batch: no images, expected at least one");
        }
        int features = featureCount();
        float[] floats = new float[Math.multiplyExact(indices.length, features)];
        for (int i = 0; i < indices.length; i++) {
            PixelConversion.toFloats(image(indices[i]).bytes(), normalization, floats, i * features);
        }
        return floats;
    }

    /**
     * Returns images as a tensor.
     *
     * @param indices the images, in this order
     * @return {@code [indices, channels, height, width]}
     * @throws IllegalArgumentException as {@link #batch}
     * @throws IndexOutOfBoundsException as {@link #batch}
     * @throws UncheckedIOException as {@link #batch}
     */
    public Tensor tensor(int... indices) {
        return Tensor.of(batch(indices), indices.length, channels(), height, width);
    }

    /**
     * Returns the classes of images.
     *
     * @param indices the images, in this order
     * @return their classes, a new array
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public int[] labels(int... indices) {
        int[] labels = new int[indices.length];
        for (int i = 0; i < indices.length; i++) {
            labels[i] = label(indices[i]);
        }
        return labels;
    }

    /**
     * Returns the class of an image.
     *
     * @param index number of the image
     * @return its class, from 0
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public int label(int index) {
        return images.label(index);
    }

    /**
     * Returns the names of the classes.
     *
     * @return the name of class i at index i
     */
    public List<String> classNames() {
        return images.classNames();
    }

    /**
     * Returns the number of images.
     *
     * @return at least 1
     */
    public int size() {
        return images.size();
    }

    /**
     * Returns the number of channels.
     *
     * @return 3 for colour, 1 for grey
     */
    public int channels() {
        return normalization.channels();
    }

    /**
     * Returns the number of rows.
     *
     * @return at least 1
     */
    public int height() {
        return height;
    }

    /**
     * Returns the number of columns.
     *
     * @return at least 1
     */
    public int width() {
        return width;
    }

    /**
     * Returns the number of floats of an image.
     *
     * @return {@code channels * height * width}
     */
    public int featureCount() {
        return Math.multiplyExact(channels(), width * height);
    }

    /**
     * Returns whether the decoded images are kept in memory.
     *
     * @return false if each batch decodes them again
     */
    public boolean isKept() {
        return kept != null;
    }

    /**
     * Returns how pixels become floats.
     *
     * @return mean and deviation of each channel
     */
    public ImageNormalization normalization() {
        return normalization;
    }

    /**
     * Returns a text by which a later run can tell whether it has the same data: the settings, and
     * {@link LabelledImages#checksum()}. The limit of memory is not part of it.
     *
     * @return text of one line
     * @throws IOException if a file can't be read
     */
    public String checksum() throws IOException {
        return images.checksum() + " " + width + "x" + height + " " + fit + " " + normalization.mean() + " "
                + normalization.deviation() + " " + options.orientation() + " " + options.background();
    }
}
