package io.bitlab.models.detection.data;

import io.bitlab.models.detection.data.AnnotationChecks.Declared;
import io.bitlab.models.detection.data.AnnotationChecks.RawBox;
import io.bitlab.models.detection.data.BoxedImages.Sample;
import io.bitlab.models.internal.Quote;
import io.bitlab.models.io.ModelFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads folders in the format of YOLO. */
final class YoloReader {

    private static final int BOX = 5; // numbers
    private static final int SMALLEST_POLYGON = 7;

    private final Path images;
    private final Path labels;
    private final AnnotationOptions options;
    private final AnnotationChecks checks;

    YoloReader(Path images, Path labels, AnnotationOptions options) {
        this.images = images;
        this.labels = labels;
        this.options = options;
        this.checks = new AnnotationChecks(labels, options);
    }

    BoxedImages read() throws IOException {
        ImageFiles pictures = new ImageFiles(images);
        Map<String, Path> texts = ImageFiles.files(labels);
        List<String> classNames = options.classNames().isEmpty() ? YoloNames.find(images, labels)
                : options.classNames();
        Set<String> described = new HashSet<>();
        for (Map.Entry<String, Path> picture : pictures.all().entrySet()) {
            String text = ImageFiles.stem(picture.getKey()) + ".txt";
            described.add(text);
            Sample image = checks.image(picture.getKey(), picture.getValue(), new Declared(0, 0));
            if (image == null) {
                continue;
            }
            if (!texts.containsKey(text)) {
                checks.problem(AnnotationProblem.NOT_ANNOTATED, picture.getKey());
            }
            checks.add(image, texts.containsKey(text) ? boxes(image, text, texts.get(text), classNames) : List.of());
        }
        texts.keySet().stream().filter(text -> text.endsWith(".txt") && !described.contains(text))
                .filter(text -> !YoloNames.isList(text))
                .forEach(text -> checks.problem(AnnotationProblem.MISSING_IMAGE,
                        text + ": there is no image of this name in " + images));
        return checks.finish(classNames, "pixels, not like shares of the image as YOLO has them");
    }

    private List<RawBox> boxes(Sample image, String text, Path file, List<String> classNames) throws IOException {
        List<RawBox> boxes = new ArrayList<>();
        try {
            int number = 0;
            for (String line : AnnotationText.lines(file)) {
                number++;
                if (!line.isBlank()) {
                    RawBox box = box(image, "line " + number, line.strip().split("\\s+"), classNames);
                    if (box == null) {
                        checks.problem(AnnotationProblem.UNREADABLE, text + ": line " + number + " is "
                                + Quote.value(line) + ", expected a class and four numbers, or a polygon");
                    } else {
                        boxes.add(box);
                    }
                }
            }
        } catch (ModelFormatException e) {
            checks.problem(AnnotationProblem.UNREADABLE, text + ": not UTF-8");
        }
        return boxes;
    }

    /** Null if it is neither a box nor a polygon. */
    private static RawBox box(Sample image, String place, String[] words, List<String> classNames) {
        boolean polygon = words.length >= SMALLEST_POLYGON && words.length % 2 == 1;
        if (words.length != BOX && !polygon) {
            return null;
        }
        double[] numbers = new double[words.length];
        try {
            for (int i = 0; i < words.length; i++) {
                numbers[i] = Double.parseDouble(words[i]);
            }
        } catch (NumberFormatException e) {
            return null;
        }
        if (!Arrays.stream(numbers).allMatch(Double::isFinite)) {
            return null;
        }
        int id = (int) numbers[0];
        int label = id == numbers[0] && id < classNames.size() ? id : -1;
        String name = words[0] + " of " + classNames.size();
        double width = image.width();
        double height = image.height();
        if (polygon) {
            return polygon(place, numbers, width, height, label, name);
        }
        return new RawBox(place, (numbers[1] - numbers[3] / 2) * width, (numbers[2] - numbers[4] / 2) * height,
                (numbers[1] + numbers[3] / 2) * width, (numbers[2] + numbers[4] / 2) * height, label, name,
                BoxKind.OBJECT, Double.NaN);
    }

    private static RawBox polygon(String place, double[] numbers, double width, double height, int label, String name) {
        double left = Double.POSITIVE_INFINITY;
        double top = Double.POSITIVE_INFINITY;
        double right = Double.NEGATIVE_INFINITY;
        double bottom = Double.NEGATIVE_INFINITY;
        double twiceTheArea = 0;
        int before = numbers.length - 2;
        for (int i = 1; i < numbers.length; i += 2) {
            left = Math.min(left, numbers[i]);
            right = Math.max(right, numbers[i]);
            top = Math.min(top, numbers[i + 1]);
            bottom = Math.max(bottom, numbers[i + 1]);
            twiceTheArea += numbers[before] * numbers[i + 1] - numbers[i] * numbers[before + 1];
            before = i;
        }
        return new RawBox(place, left * width, top * height, right * width, bottom * height, label, name,
                BoxKind.OBJECT, Math.abs(twiceTheArea) / 2 * width * height);
    }
}
