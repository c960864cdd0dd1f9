package io.bitlab.models.detection.data;

import io.bitlab.models.detection.data.AnnotationChecks.RawBox;
import io.bitlab.models.detection.data.BoxedImages.Sample;
import io.bitlab.models.detection.data.VocFile.VocObject;
import io.bitlab.models.internal.Quote;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads a folder in the format of Pascal VOC. */
final class VocReader {

    private final Path folder;
    private final AnnotationOptions options;
    private final AnnotationChecks checks;
    /** By the path of the file without its extension. */
    private final Map<String, VocFile> annotations = new LinkedHashMap<>();
    private final Map<String, String> failures = new LinkedHashMap<>();

    VocReader(Path folder, AnnotationOptions options) {
        this.folder = folder;
        this.options = options;
        this.checks = new AnnotationChecks(folder, options);
    }

    BoxedImages read(String split) throws IOException {
        Path described = folder.resolve("Annotations");
        boolean flat = !Files.isDirectory(described);
        Path pictures = folder.resolve("JPEGImages");
        ImageFiles images = new ImageFiles(flat || !Files.isDirectory(pictures) ? folder : pictures);
        readAll(flat ? folder : described);
        List<String> classNames = options.classNames().isEmpty() ? classNames() : options.classNames();

        Set<String> seen = new LinkedHashSet<>();
        for (String stem : split == null ? names() : listed(split)) {
            VocFile annotation = annotations.get(stem);
            if (annotation != null) {
                add(stem, annotation, images, classNames, seen);
            } else {
                checks.problem(AnnotationProblem.UNREADABLE, failures.containsKey(stem) ? failures.get(stem)
                        : stem + ".xml: there is no such file, which " + split + ".txt lists");
            }
        }
        if (split == null) {
            images.all().keySet().stream().filter(name -> !seen.contains(name))
                    .forEach(name -> checks.problem(AnnotationProblem.NOT_ANNOTATED, name));
        }
        return checks.finish(classNames, "corner, width and height, not like two corners as VOC has them");
    }

    private void readAll(Path described) throws IOException {
        ImageFiles.files(described).forEach((path, file) -> {
            if (path.endsWith(".xml")) {
                try {
                    annotations.put(ImageFiles.stem(path), VocFile.read(file));
                } catch (IOException e) {
                    failures.put(ImageFiles.stem(path), e.getMessage());
                }
            }
        });
        if (annotations.isEmpty() && failures.isEmpty()) {
            throw new IOException(described + ": no annotations; expected a file such as 1.xml for each image");
        }
    }

    private List<String> classNames() {
        return annotations.values().stream().flatMap(file -> file.objects().stream()).map(VocObject::name)
                .filter(name -> !name.isEmpty()).distinct().sorted().toList();
    }

    private List<String> names() {
        List<String> names = new ArrayList<>(annotations.keySet());
        names.addAll(failures.keySet());
        return names.stream().sorted().toList();
    }

    /** The names of a split. Lists of one class have 1, 0 or -1 after the name: whether the class is in the image. */
    private List<String> listed(String split) throws IOException {
        Path file = folder.resolve("ImageSets").resolve("Main").resolve(split + ".txt");
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString(), null, "there is no such list of images");
        }
        List<String> names = new ArrayList<>();
        for (String line : AnnotationText.lines(file)) {
            String name = ImageFiles.composed(line.strip());
            if (!annotations.containsKey(name) && !failures.containsKey(name)) {
                name = name.replaceFirst("\\s+-?[01]$", "");
            }
            if (!name.isEmpty()) {
                names.add(name);
            }
        }
        return names;
    }

    private void add(String stem, VocFile annotation, ImageFiles images, List<String> classNames, Set<String> seen) {
        String given = ImageFiles.composed(annotation.filename());
        String beside = stem.substring(0, stem.lastIndexOf('/') + 1) + given.substring(given.lastIndexOf('/') + 1);
        String name = images.get(beside) != null && ImageFiles.stem(beside).equals(stem) ? beside
                : images.ofStem(stem) != null ? images.ofStem(stem) : given;
        seen.add(name);
        if (images.get(name) == null) {
            checks.problem(AnnotationProblem.MISSING_IMAGE, stem + ".xml: there is no image " + Quote.value(stem)
                    + " of any format" + (given.isEmpty() ? "" : ", and no " + Quote.value(given)));
            return;
        }
        Sample image = checks.image(name, images.get(name), annotation.size());
        if (image == null) {
            return;
        }
        double first = options.vocCorners() == VocCorners.INCLUSIVE ? 1 : 0;
        List<RawBox> boxes = new ArrayList<>();
        for (VocObject object : annotation.objects()) {
            double[] corners = object.corners();
            boxes.add(new RawBox("object " + (boxes.size() + 1), corners[0] - first, corners[1] - first, corners[2],
                    corners[3], classNames.indexOf(object.name()), Quote.value(object.name()),
                    object.difficult() ? BoxKind.DIFFICULT : BoxKind.OBJECT, Double.NaN));
        }
        checks.add(image, boxes);
    }
}
