package io.bitlab.models.image;

import io.bitlab.models.internal.Checksum;
import io.bitlab.models.internal.HeldOut;
import io.bitlab.models.internal.IdxFile;
import io.bitlab.models.internal.Uninterrupted;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Images of any size, each with its class: files of a folder, files of a list, or images in memory. Files are read when
 * {@link #image} asks for them, and not kept.
 *
 * {@snippet class="io.bitlab.models.snippets.ImageSnippets" region="folder"}
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class LabelledImages {

    private final List<String> classNames;
    private final List<Sample> samples;
    private final List<String> skipped;

    /** One image: a file, or in memory. */
    record Sample(String name, Path file, BitImage image, int label) {
    }

    LabelledImages(List<String> classNames, List<Sample> samples, List<String> skipped) {
        this.classNames = List.copyOf(classNames);
        this.samples = List.copyOf(samples);
        this.skipped = List.copyOf(skipped);
    }

    /**
     * Lists a folder that holds a folder of images for each class, such as {@code animals/cat/1.jpg}. Refuses what is
     * not an image by its name.
     *
     * @param folder the outer folder
     * @return the images; classes and files in the order of their names' characters, whatever system and language
     * @throws IOException as {@link #readFolder(Path, boolean)}
     */
    public static LabelledImages readFolder(Path folder) throws IOException {
        return readFolder(folder, false);
    }

    /**
     * Lists a folder that holds a folder of images for each class. Hidden files and what systems leave behind
     * ({@code .DS_Store}, {@code Thumbs.db}) are ignored.
     *
     * @param folder the outer folder
     * @param skipOthers whether files and folders that are no images are left out and listed in {@link #skipped}; if
     *     not, they are refused. Images end with jpg, jpeg, png, bmp, gif, tif, tiff or webp
     * @return the images; classes and files in the order of their names' characters, whatever system and language
     * @throws IOException if it is not a folder, there are no classes, a class has no images, or other files are there
     *     and not skipped; the message names them
     */
    public static LabelledImages readFolder(Path folder, boolean skipOthers) throws IOException {
        return ImageFolder.read(folder, skipOthers);
    }

    /**
     * Labels files of a list.
     *
     * @param files the image files; need not be there yet
     * @param labels the class of each, from 0
     * @param classNames the names of the classes
     * @return the images in this order, named by their paths
     * @throws IllegalArgumentException if there are no files, not as many labels, a label without a name, or a name
     *     twice
     */
    public static LabelledImages ofFiles(List<Path> files, int[] labels, List<String> classNames) {
        requireLabels(files.size(), labels, classNames);
        return new LabelledImages(classNames, IntStream.range(0, labels.length)
                .mapToObj(i -> new Sample(files.get(i).toString().replace('\\', '/'), files.get(i), null, labels[i]))
                .toList(), List.of());
    }

    /**
     * Labels images in memory.
     *
     * @param images the images
     * @param labels the class of each, from 0
     * @param classNames the names of the classes
     * @return the images in this order, named by their numbers
     * @throws IllegalArgumentException if there are no images, not as many labels, a label without a name, or a name
     *     twice
     */
    public static LabelledImages of(List<BitImage> images, int[] labels, List<String> classNames) {
        requireLabels(images.size(), labels, classNames);
        return new LabelledImages(classNames, IntStream.range(0, labels.length)
                .mapToObj(i -> new Sample("image " + i, null,
                        Objects.requireNonNull(images.get(i), () -> "LabelledImages.of: image " + i + " is null"),
                        labels[i]))
                .toList(), List.of());
    }

    /**
     * Reads images and their classes in the IDX format of MNIST, Fashion-MNIST, KMNIST and EMNIST.
     *
     * @param images {@code ...-images-idx3-ubyte}, plain or as {@code .gz}
     * @param labels {@code ...-labels-idx1-ubyte}, plain or as {@code .gz}
     * @param classNames the names of the classes
     * @return the images in this order, grey, in memory
     * @throws IOException if a file is missing or damaged, or the two don't belong together; the message names file and
     *     values
     * @throws IllegalArgumentException if a class has no name, or there is a name twice
     */
    public static LabelledImages readIdx(Path images, Path labels, List<String> classNames) throws IOException {
        IdxFile idx = IdxFile.read(images, labels);
        int size = idx.rows() * idx.columns();
        return of(IntStream.range(0, idx.labels().length)
                .mapToObj(i -> BitImage.ofGrey(idx.columns(), idx.rows(), idx.pixels(), i * size)).toList(),
                idx.labels(), classNames);
    }

    private static void requireLabels(int count, int[] labels, List<String> classNames) {
        if (count == 0 || count != labels.length) {
            throw new IllegalArgumentException("LabelledImages: " + labels.length + " labels for " + count
                    + " images; expected at least one image and a label for each");
        }
        for (int i = 0; i < count; i++) {
            if (labels[i] < 0 || labels[i] >= classNames.size()) {
                throw new IllegalArgumentException("LabelledImages: label " + labels[i] + " of image " + i
                        + " is not one of the " + classNames.size() + " classes, which count from 0");
            }
        }
        if (new HashSet<>(classNames).size() < classNames.size()) {
            throw new IllegalArgumentException("LabelledImages: the class names " + classNames + " repeat a name");
        }
    }

    /**
     * The images in two parts.
     *
     * @param train the training images
     * @param test the held-out images
     */
    public record Split(LabelledImages train, LabelledImages test) {
    }

    /**
     * Splits the images so that each class has the same share in both parts (stratified). The same seed gives the same
     * split on every machine.
     *
     * @param testShare share of each class that goes to the test part, between 0 and 1: of n images the largest k with
     *     {@code k / (double) n <= testShare}
     * @param seed seed of the random choice
     * @return both parts, each in this order and with all class names
     * @throws IllegalArgumentException if the share is not between 0 and 1, or so small that the test part is empty
     */
    public Split split(double testShare, long seed) {
        HeldOut parts = HeldOut.of("LabelledImages.split", "images", testShare, seed,
                IntStream.range(0, size()).map(this::label).toArray());
        return new Split(select(parts.train()), select(parts.test()));
    }

    private LabelledImages select(int... chosen) {
        return new LabelledImages(classNames, Arrays.stream(chosen).mapToObj(samples::get).toList(), skipped);
    }

    /**
     * The number of images.
     *
     * @return at least 1
     */
    public int size() {
        return samples.size();
    }

    /**
     * The names of the classes.
     *
     * @return the name of class i at index i
     */
    public List<String> classNames() {
        return classNames;
    }

    /**
     * What was left out when the folder was read.
     *
     * @return names within the folder
     */
    public List<String> skipped() {
        return skipped;
    }

    /**
     * The class of an image.
     *
     * @param index number of the image
     * @return its class, from 0
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public int label(int index) {
        return samples.get(index).label();
    }

    /**
     * The name of an image, the same on every machine.
     *
     * @param index number of the image
     * @return {@code class/file} for the images of a folder
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public String name(int index) {
        return samples.get(index).name();
    }

    /**
     * Reads an image.
     *
     * @param index number of the image
     * @param options how a file is read
     * @return the image
     * @throws IOException as {@link BitImage#read(Path, ImageReadOptions)}
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public BitImage image(int index, ImageReadOptions options) throws IOException {
        Sample sample = samples.get(index);
        return sample.image() != null ? sample.image() : BitImage.read(sample.file(), options);
    }

    /**
     * A checksum by which a later run can tell whether it has the same data: CRC-32C over class names, and name, label
     * and size of each image. It also covers the pixels of images in memory, and of files the bytes: of all of them, or
     * of 256 spread evenly if there are more, since reading millions of files takes hours. It does not cover dates and
     * the place of the folder, so copies have the same checksum.
     *
     * @return eight hexadecimal digits
     * @throws IOException if a file can't be read
     */
    public String checksum() throws IOException {
        return Uninterrupted.call(this::currentChecksum);
    }

    private String currentChecksum() throws IOException {
        Checksum checksum = new Checksum();
        classNames.forEach(checksum::text);
        for (int i = 0; i < samples.size(); i++) {
            Sample sample = samples.get(i);
            BitImage image = sample.image();
            checksum.text(sample.name()).bytes(ByteBuffer.allocate(12).putInt(sample.label())
                    .putLong(image == null ? Files.size(sample.file()) : (long) image.width() << 32 | image.height())
                    .flip());
            if (image != null) {
                checksum.bytes(ByteBuffer.wrap(image.bytes()));
            } else if (Checksum.isChecked(i, size())) {
                checksum.bytes(ByteBuffer.wrap(ImageDecoder.bytes(sample.file(), ImageReadOptions.defaults())));
            }
        }
        return checksum.toString();
    }

    /**
     * How many images each class has.
     *
     * @return the number for class i at index i
     */
    public int[] classCounts() {
        int[] counts = new int[classNames.size()];
        samples.forEach(sample -> counts[sample.label()]++);
        return counts;
    }

    @Override
    public String toString() {
        return "LabelledImages(" + size() + " images, classes " + classNames + ", " + Arrays.toString(classCounts())
                + ")";
    }
}
