package io.bitlab.models.detection.data;

import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageReadOptions;
import io.bitlab.models.internal.HeldOut;
import io.bitlab.models.internal.Quote;
import io.bitlab.models.internal.Uninterrupted;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.IntStream;

/**
 * Photographs of any size with the boxes of their objects: from annotation files or in memory. Image files are read
 * when {@link #image} asks for them, and not kept.
 *
 * {@snippet class="io.bitlab.models.snippets.DetectionDataSnippets" region="voc"}
 *
 * <p>Reading checks every box, and the header of every image file: {@link AnnotationProblem} lists what can be wrong,
 * {@link #report} says what was. Pixels are not decoded, so a file that is cut off shows when it is used. When most
 * boxes of a set cannot be what the format says, such as corners where it has sizes, reading fails in any case.
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class BoxedImages {

    private final List<String> classNames;
    private final List<Sample> samples;
    private final AnnotationReport report;

    /**
     * One photograph: a file, or in memory.
     *
     * @param options how the file is read: boxes may have been drawn before or after it was turned upright
     * @param width that of the file, so that a change is noticed
     */
    record Sample(String name, Path file, BitImage image, ImageReadOptions options, int width, int height,
            List<LabelledBox> boxes) {

        Sample {
            boxes = List.copyOf(boxes);
        }
    }

    BoxedImages(List<String> classNames, List<Sample> samples, AnnotationReport report) {
        this.classNames = List.copyOf(classNames);
        this.samples = List.copyOf(samples);
        this.report = report;
    }

    // ---------------------------------------------------------------- where they come from

    /**
     * Reads a folder in the format of Pascal VOC: {@code Annotations/1.xml} describes {@code JPEGImages/1.jpg}. A
     * folder without {@code Annotations} has the files of both kinds side by side.
     *
     * @param folder the outer folder
     * @return all annotated images in the order of their names; classes in the order of their names' characters
     * @throws IOException as {@link #readVoc(Path, String, AnnotationOptions)}
     */
    public static BoxedImages readVoc(Path folder) throws IOException {
        return readVoc(folder, null, AnnotationOptions.defaults());
    }

    /**
     * Reads a folder in the format of Pascal VOC, or a part of it. Objects marked as difficult are
     * {@link BoxKind#DIFFICULT}; parts of objects are ignored. An image file is found by the annotation's own name, or
     * else by the one that it gives. An XML file may have 16 MiB and no document type, which could load other files.
     *
     * @param folder the outer folder
     * @param split the images that {@code ImageSets/Main/SPLIT.txt} lists, such as {@code "trainval"}, in its order;
     *     null for all in the order of their names. The classes are those of all files, so that parts agree on
     *     their labels
     * @param options classes, problems, the meaning of the numbers
     * @return the images
     * @throws IOException if the folder or the split does not exist, no image remains, most boxes are no corners, or
     *     there are problems and they are refused; the message lists them
     */
    public static BoxedImages readVoc(Path folder, String split, AnnotationOptions options) throws IOException {
        return Uninterrupted.call(() -> new VocReader(folder, options).read(split));
    }

    /**
     * Reads a file in the format of COCO's object instances. The file is read as a stream, whatever its size; it takes
     * about 100 bytes of memory for each annotation. Crowds are {@link BoxKind#CROWD}, areas are those of the outlines.
     *
     * @param json the annotations, such as {@code instances_val2017.json}
     * @param imageFolder where its file names begin
     * @param options classes, problems. Categories get labels from 0 in the order of their ids, which may have gaps;
     *     those of the same name are one class
     * @return the images in the order of their ids, those without annotations as well
     * @throws IOException if the file is not JSON of this form, no image remains, most boxes are not corners and sizes,
     *     or there are problems and they are refused; the message lists them
     */
    public static BoxedImages readCoco(Path json, Path imageFolder, AnnotationOptions options) throws IOException {
        return Uninterrupted.call(() -> new CocoReader(json, imageFolder, options).read());
    }

    /**
     * Reads folders in the format of YOLO: for {@code images/a/1.jpg} the file {@code labels/a/1.txt} has a line for
     * each object, with class, centre and size as shares of the image's width and height. Lines with more numbers are
     * polygons, of which the box is taken. An image without a file has no objects.
     *
     * @param images the folder of images; folders in it are searched as well
     * @param labels the folder of text files; may be the same
     * @param options problems, classes. Without classes their names are read from {@code classes.txt},
     *     {@code obj.names}, {@code data.yaml} or {@code data.yml} in one of both folders, or up to two folders above;
     *     of YAML only the list of {@code names} is read
     * @return the images in the order of their names
     * @throws IOException if a folder does not exist, there are no names of classes, no image remains, most boxes are
     *     not shares of the image, or there are problems and they are refused; the message lists them
     */
    public static BoxedImages readYolo(Path images, Path labels, AnnotationOptions options) throws IOException {
        return Uninterrupted.call(() -> new YoloReader(images, labels, options).read());
    }

    /**
     * Photographs in memory.
     *
     * @param images the photographs
     * @param boxes the objects of each, in its pixels
     * @param classNames the names of the classes
     * @return the photographs in this order, named by their numbers
     * @throws IllegalArgumentException if there are no images, not as many lists of boxes, a label without a name, a
     *     name twice, or a box of which nothing is on its image
     */
    public static BoxedImages of(List<BitImage> images, List<List<LabelledBox>> boxes, List<String> classNames) {
        AnnotationOptions.requireDistinct("BoxedImages", classNames);
        if (images.isEmpty() || images.size() != boxes.size()) {
            throw new IllegalArgumentException("BoxedImages: " + boxes.size() + " lists of boxes for " + images.size()
                    + " images; expected at least one image and a list for each, empty where nothing is to be found");
        }
        List<Sample> samples = IntStream.range(0, images.size()).mapToObj(i -> {
            BitImage image = images.get(i);
            for (LabelledBox box : boxes.get(i)) {
                if (box.label() >= classNames.size() || box.box().clip(image.width(), image.height()).area() == 0) {
                    throw new IllegalArgumentException("BoxedImages: image " + i + " of " + image.width() + " x "
                            + image.height() + " pixels has a box of the class " + box.label() + " at " + box.box()
                            + "; expected one of " + classNames.size() + " classes, and a box on the image");
                }
            }
            return new Sample("image " + i, null, image, ImageReadOptions.defaults(), image.width(), image.height(),
                    boxes.get(i));
        }).toList();
        return new BoxedImages(classNames, samples, report(samples, Map.of(), Map.of()));
    }

    static AnnotationReport report(List<Sample> samples, Map<AnnotationProblem, Integer> counts,
            Map<AnnotationProblem, List<String>> examples) {
        return new AnnotationReport(samples.size(),
                (int) samples.stream().filter(sample -> sample.boxes().isEmpty()).count(),
                samples.stream().mapToInt(sample -> sample.boxes().size()).sum(), counts, examples);
    }

    // ---------------------------------------------------------------- parts

    /**
     * The images in two parts.
     *
     * @param train the training images
     * @param test the held-out images
     */
    public record Split(BoxedImages train, BoxedImages test) {
    }

    /**
     * Splits the images at random. The same seed gives the same split on every machine.
     *
     * @param testShare share of the images that goes to the test part, between 0 and 1: of n the largest k with
     *     {@code k / (double) n <= testShare}
     * @param seed seed of the random choice
     * @return both parts, each in this order and with all class names
     * @throws IllegalArgumentException if the share is not between 0 and 1, or so small that the test part is empty
     */
    public Split split(double testShare, long seed) {
        HeldOut parts = HeldOut.of("BoxedImages.split", "images", testShare, seed, new int[size()]);
        return new Split(subset(parts.train()), subset(parts.test()));
    }

    /**
     * Some of the images.
     *
     * @param indices their numbers, each at most once
     * @return these images in this order, with all class names
     * @throws IllegalArgumentException if there is none, or a number twice
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public BoxedImages subset(int... indices) {
        if (indices.length == 0 || Arrays.stream(indices).distinct().count() < indices.length) {
            throw new IllegalArgumentException("BoxedImages.subset: " + indices.length
                    + " indices; expected at least one, and none twice");
        }
        List<Sample> chosen = Arrays.stream(indices).mapToObj(samples::get).toList();
        return new BoxedImages(classNames, chosen, report);
    }

    /**
     * Some of the images.
     *
     * @param names their names, as {@link #name} gives them, each at most once
     * @return these images in this order, with all class names
     * @throws IllegalArgumentException if there is none, a name twice, or a name that no image or several have
     */
    public BoxedImages subset(List<String> names) {
        Map<String, Integer> byName = new HashMap<>();
        for (int i = 0; i < size(); i++) {
            byName.merge(name(i), i, (_, _) -> -1);
        }
        List<String> unknown = names.stream().filter(name -> byName.getOrDefault(name, -1) < 0).toList();
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("BoxedImages.subset: no image, or more than one, is called "
                    + Quote.names(unknown) + "; names are like " + Quote.value(name(0)));
        }
        return subset(names.stream().mapToInt(byName::get).toArray());
    }

    // ---------------------------------------------------------------- what there is

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
     * What was found when the annotations were read.
     *
     * @return the report; of a part, that of the whole
     */
    public AnnotationReport report() {
        return report;
    }

    /**
     * The objects of an image.
     *
     * @param index number of the image
     * @return in pixels of the image, and inside of it if they were read
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public List<LabelledBox> boxes(int index) {
        return samples.get(index).boxes();
    }

    /**
     * The objects of all images, as scores need them.
     *
     * @return {@link #boxes} of each image
     */
    public List<List<LabelledBox>> boxes() {
        return samples.stream().map(Sample::boxes).toList();
    }

    /**
     * The name of an image, the same on every machine.
     *
     * @param index number of the image
     * @return its path in the folder of images, with slashes
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public String name(int index) {
        return samples.get(index).name();
    }

    /**
     * Reads an image.
     *
     * @param index number of the image
     * @return the image, turned as it was when the boxes were drawn
     * @throws IOException as {@link BitImage#read(Path)}, or if the file has another size than before
     * @throws IndexOutOfBoundsException if there is no such image
     */
    public BitImage image(int index) throws IOException {
        Sample sample = samples.get(index);
        if (sample.image() != null) {
            return sample.image();
        }
        BitImage image = BitImage.read(sample.file(), sample.options());
        if (image.width() != sample.width() || image.height() != sample.height()) {
            throw new IOException(sample.file() + ": the image was replaced by one of " + image.width() + " x "
                    + image.height() + " pixels, the boxes are on " + sample.width() + " x " + sample.height()
                    + "; read the annotations again");
        }
        return image;
    }

    /**
     * How many boxes each class has, of any kind.
     *
     * @return the number for class i at index i
     */
    public int[] classCounts() {
        int[] counts = new int[classNames.size()];
        samples.forEach(sample -> sample.boxes().forEach(box -> counts[box.label()]++));
        return counts;
    }

    /**
     * A checksum by which a later run can tell whether it has the same data: CRC-32C over class names, and name, size
     * and boxes of each image. It also covers the pixels of images in memory, and of files the bytes: of all of them,
     * or of 256 spread evenly if there are more, since reading millions of files takes hours. It does not cover dates
     * and the place of the folder, so copies have the same checksum.
     *
     * @return eight hexadecimal digits
     * @throws IOException if a file can't be read
     */
    public String checksum() throws IOException {
        return Uninterrupted.call(() -> BoxedImagesChecksum.of(classNames, samples));
    }

    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(", ", "BoxedImages(" + size() + " images; ", ")");
        int[] counts = classCounts();
        for (int c = 0; c < counts.length; c++) {
            text.add(classNames.get(c) + " " + counts[c]);
        }
        return text.toString();
    }
}
