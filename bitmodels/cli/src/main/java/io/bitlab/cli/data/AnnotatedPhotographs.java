package io.bitlab.cli.data;

import io.bitlab.models.detection.data.AnnotationException;
import io.bitlab.models.detection.data.AnnotationOptions;
import io.bitlab.models.detection.data.BoxedImages;
import io.bitlab.models.detection.data.OnProblem;
import io.bitlab.models.detection.data.SyntheticScenes;
import io.bitlab.models.detection.data.VocCorners;
import io.bitlab.models.vision.ClassNames;
import io.bitlab.models.vision.ImageInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** The options that say where annotated photographs are. */
public final class AnnotatedPhotographs {

    /** How boxes are written down. */
    enum Format {
        VOC, COCO, YOLO, SCENES
    }

    @Option(names = "--data", description = "folder of annotated photographs; not for SCENES")
    private Path data;

    @Option(names = "--format", required = true,
            description = "${COMPLETION-CANDIDATES}; SCENES draws its own pictures")
    private Format format;

    @Option(names = "--split", description = "train with this part: trainval for Annotations and ImageSets/Main of VOC,"
            + " train2017 for annotations/instances_train2017.json of COCO, train for images/train of YOLO")
    private String split;

    @Option(names = "--validation-split", description = "the part for validation")
    private String validationSplit;

    @Option(names = "--validation-data", description = "a folder for validation, in the same format")
    private Path validationData;

    @Option(names = "--validation-share", defaultValue = "0.2",
            description = "otherwise this share of the photographs; ${DEFAULT-VALUE} unless given")
    private double validationShare;

    @Option(names = "--drop-problems", description = "leave out annotations that cannot be right, instead of stopping")
    private boolean dropProblems;

    @Option(names = "--inclusive-corners", description = "VOC as it was first written: the first pixel is 1, and a box"
            + " includes its last")
    private boolean inclusiveCorners;

    @Option(names = "--scenes", defaultValue = "400", description = "how many to draw; ${DEFAULT-VALUE} unless given")
    private int scenes;

    /**
     * Reads photographs to evaluate a model with.
     *
     * @param input the model's input; scenes are drawn in its size
     * @param names the model's classes
     * @param seed of drawn scenes, which are other ones than those of {@link #read}
     * @return all photographs that the options name
     * @throws IOException if they can't be read
     */
    public BoxedImages readAll(ImageInput input, ClassNames names, long seed) throws IOException {
        if (format == Format.SCENES) {
            requireNoData();
            return SyntheticScenes.draw(scenes, input.width(), input.height(), ~seed);
        }
        requireData();
        AnnotationOptions options = options();
        return read(data, split, format == Format.YOLO ? options : options.withClassNames(names.toList()));
    }

    /**
     * Reads photographs to train a model with.
     *
     * @param width of drawn scenes, pixels
     * @param height of drawn scenes, pixels
     * @param seed of drawn scenes and of the split
     * @return both parts
     * @throws IOException if they can't be read
     */
    public BoxedImages.Split read(int width, int height, long seed) throws IOException {
        if (format == Format.SCENES) {
            requireNoData();
            return SyntheticScenes.draw(scenes, width, height, seed).split(validationShare, seed);
        }
        requireData();
        AnnotationOptions options = options();
        BoxedImages images = read(data, split, options);
        if (images.classNames().isEmpty()) {
            throw new IOException(data + ": no annotation has an object, so there is no class to learn");
        }
        if (validationData == null && validationSplit == null) {
            return images.split(validationShare, seed);
        }
        // of YOLO a file has only numbers, which mean what the names beside it say
        AnnotationOptions same = format == Format.YOLO ? options : options.withClassNames(images.classNames());
        return new BoxedImages.Split(images, validationData == null ? read(data, validationSplit, same)
                : read(validationData, validationSplit, same));
    }

    private void requireNoData() {
        if (data != null || split != null || validationSplit != null || validationData != null || dropProblems
                || inclusiveCorners) {
            throw new IllegalArgumentException("--format scenes draws its own pictures; leave out --data, --split,"
                    + " --validation-split, --validation-data, --drop-problems and --inclusive-corners");
        }
    }

    private void requireData() {
        if (data == null) {
            throw new IllegalArgumentException("--data is missing: the folder of the photographs in the format "
                    + format + "; --format scenes needs none");
        }
    }

    private AnnotationOptions options() {
        if (inclusiveCorners && format != Format.VOC) {
            throw new IllegalArgumentException("--inclusive-corners: boxes of " + format + " have no corners; leave it"
                    + " out");
        }
        return AnnotationOptions.defaults().withOnProblem(dropProblems ? OnProblem.DROP : OnProblem.REFUSE)
                .withVocCorners(inclusiveCorners ? VocCorners.INCLUSIVE : VocCorners.AS_WRITTEN);
    }

    private BoxedImages read(Path folder, String part, AnnotationOptions options) throws IOException {
        try {
            return readFormat(folder, part, options);
        } catch (AnnotationException e) {
            throw new IOException(e.problems() + ". Correct them, or leave them out with --drop-problems", e);
        }
    }

    private BoxedImages readFormat(Path folder, String part, AnnotationOptions options) throws IOException {
        return switch (format) {
            case VOC -> BoxedImages.readVoc(folder, part, options);
            case COCO -> part == null ? BoxedImages.readCoco(annotations(folder), folder, options)
                    : BoxedImages.readCoco(folder.resolve("annotations").resolve("instances_" + part + ".json"),
                            folder.resolve(part), options);
            case YOLO -> {
                boolean apart = Files.isDirectory(folder.resolve("images"));
                Path images = apart ? folder.resolve("images") : folder;
                Path labels = apart ? folder.resolve("labels") : folder;
                yield part == null ? BoxedImages.readYolo(images, labels, options)
                        : BoxedImages.readYolo(images.resolve(part), labels.resolve(part), options);
            }
            case SCENES -> throw new IllegalStateException("scenes are drawn");
        };
    }

    /** The JSON file beside the photographs, as most annotation programs export it. */
    private static Path annotations(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> json = files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
            if (json.size() != 1) {
                throw new IOException(folder + " holds " + json.size()
                        + " JSON files; expected the annotations next to the photographs, or --split");
            }
            return json.getFirst();
        }
    }
}
