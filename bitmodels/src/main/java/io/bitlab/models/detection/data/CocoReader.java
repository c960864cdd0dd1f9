package io.bitlab.models.detection.data;

import io.bitlab.models.detection.data.AnnotationChecks.Declared;
import io.bitlab.models.detection.data.AnnotationChecks.RawBox;
import io.bitlab.models.detection.data.BoxedImages.Sample;
import io.bitlab.models.internal.Quote;
import io.bitlab.models.io.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Reads a file in the format of COCO, with the images of a folder. */
final class CocoReader {

    private static final Pattern WHOLE_NUMBER = Pattern.compile("-?\\d{1,18}");

    private final Path json;
    private final Path folder;
    private final AnnotationOptions options;
    private final AnnotationChecks checks;
    private final Map<String, String> nameOfCategory = new HashMap<>();
    private Map<String, Path> files; // of the folder; null until a name is not that of a file

    CocoReader(Path json, Path folder, AnnotationOptions options) {
        this.json = json;
        this.folder = folder;
        this.options = options;
        this.checks = new AnnotationChecks(json, options);
    }

    BoxedImages read() throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new NotDirectoryException(folder + " (expected the folder in which the file names begin)");
        }
        CocoFile coco = CocoFile.read(json);
        List<String> classNames = classNames(coco.categories());
        Map<String, List<CocoFile.Annotation>> annotations = coco.annotations();
        Set<String> ids = new HashSet<>();
        for (CocoFile.Image image : sorted(coco.images(), CocoFile.Image::id)) {
            if (!ids.add(image.id())) {
                checks.problem(AnnotationProblem.UNREADABLE, "the image " + Quote.value(image.fileName())
                        + " has the id " + image.id() + " of an earlier one");
                continue;
            }
            List<CocoFile.Annotation> ofImage = annotations.remove(image.id());
            add(image, ofImage == null ? List.of() : ofImage, classNames);
        }
        annotations.forEach((image, rest) -> rest.forEach(annotation -> checks.problem(AnnotationProblem.MISSING_IMAGE,
                "annotations[" + annotation.index() + "]: no image has the id " + image)));
        return checks.finish(classNames, "two corners, not like a corner, width and height as COCO has them");
    }

    /** By id if all are whole numbers, which is pycocotools' order; else in the order of the file. */
    private static <T> List<T> sorted(List<T> entries, Function<T, String> id) {
        return entries.stream().allMatch(entry -> isWholeNumber(id.apply(entry)))
                ? entries.stream().sorted(Comparator.comparingLong(entry -> Long.parseLong(id.apply(entry)))).toList()
                : entries;
    }

    private static boolean isWholeNumber(String id) {
        return id != null && WHOLE_NUMBER.matcher(id).matches();
    }

    private List<String> classNames(List<CocoFile.Category> categories) throws IOException {
        for (CocoFile.Category category : categories) {
            if (category.id() == null || category.name() == null
                    || nameOfCategory.put(category.id(), category.name()) != null) {
                throw new ModelFormatException(json.toString(),
                        "the category with the id " + category.id() + " and name "
                                + Quote.value(category.name()) + " lacks one, or has the id of another");
            }
        }
        if (!options.classNames().isEmpty()) {
            return options.classNames();
        }
        return sorted(categories, CocoFile.Category::id).stream().map(CocoFile.Category::name).distinct().toList();
    }

    private void add(CocoFile.Image image, List<CocoFile.Annotation> annotations, List<String> classNames) {
        if (image.id() == null || image.fileName() == null) {
            checks.problem(AnnotationProblem.UNREADABLE, "the image with the id " + image.id() + " and file name "
                    + Quote.value(image.fileName()) + " lacks one");
            return;
        }
        Path file = file(image.fileName());
        if (file == null) {
            checks.problem(AnnotationProblem.MISSING_IMAGE, Quote.value(image.fileName()) + " with "
                    + annotations.size() + " annotations: there is no such file in " + folder);
            return;
        }
        Sample sample = checks.image(ImageFiles.composed(image.fileName()), file,
                new Declared((int) image.width(), (int) image.height()));
        if (sample != null) {
            checks.add(sample, annotations.stream().map(annotation -> box(sample, annotation, classNames))
                    .filter(Objects::nonNull).toList());
        }
    }

    /** Null if there is no such file within the folder. */
    private Path file(String name) {
        try {
            Path within = folder.toAbsolutePath().normalize();
            Path file = within.resolve(name).normalize();
            if (Files.isRegularFile(file)) {
                return file.startsWith(within) ? file : null;
            }
        } catch (InvalidPathException _) {
            // of another system, as may be the slashes of the names
        }
        if (files == null) {
            files = readableFiles();
        }
        return files.get(ImageFiles.composed(name));
    }

    private Map<String, Path> readableFiles() {
        try {
            return ImageFiles.files(folder);
        } catch (IOException _) { // a folder in it may not be read; then what is missing stays so
            return Map.of();
        }
    }

    private RawBox box(Sample image, CocoFile.Annotation annotation, List<String> classNames) {
        String place = "annotations[" + annotation.index() + "]";
        double[] box = annotation.box();
        if (box == null) {
            checks.problem(AnnotationProblem.UNREADABLE, image.name() + ": " + place + " has no bbox of four numbers");
            return null;
        }
        String name = nameOfCategory.get(annotation.category());
        int label = name == null ? -1 : classNames.indexOf(name);
        return new RawBox(place, box[0], box[1], box[0] + box[2], box[1] + box[3], label,
                name == null ? "with the id " + annotation.category() : Quote.value(name),
                annotation.crowd() ? BoxKind.CROWD : BoxKind.OBJECT, annotation.area());
    }
}
