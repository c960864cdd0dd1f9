package io.bitlab.models.detection.data;

import io.bitlab.models.detection.data.BoxedImages.Sample;
import io.bitlab.models.image.Box;
import io.bitlab.models.image.ImageReadOptions;
import io.bitlab.models.image.ImageSize;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Checks what a reader of annotations finds, collects what is right, and reports what is not. */
final class AnnotationChecks {

    /** Half a pixel: less comes from rounding. */
    private static final double TOLERANCE = 0.5;

    /** This share of a side: where boxes reach farther beyond the image, their numbers may mean something else. */
    private static final double FAR = 0.1;

    /** With fewer boxes, most of them being wrong says nothing about the format. */
    private static final int FEWEST_FOR_FORM = 3;

    private static final int MOST_SHOWN = 3;

    private final Path source;
    private final AnnotationOptions options;
    private final List<Sample> samples = new ArrayList<>();
    private final Map<AnnotationProblem, Integer> counts = new EnumMap<>(AnnotationProblem.class);
    private final Map<AnnotationProblem, List<String>> examples = new EnumMap<>(AnnotationProblem.class);
    private int boxes;
    private int swapped;
    private int beyond;

    AnnotationChecks(Path source, AnnotationOptions options) {
        this.source = source;
        this.options = options;
    }

    /**
     * A box as a file gives it.
     *
     * @param place where it is in the file
     * @param label its class; negative if it is not in the list
     * @param className what the file says, for messages
     * @param area of the outline, or NaN
     */
    record RawBox(String place, double left, double top, double right, double bottom, int label, String className,
            BoxKind kind, double area) {
    }

    void problem(AnnotationProblem problem, String place) {
        counts.merge(problem, 1, Integer::sum);
        List<String> places = examples.computeIfAbsent(problem, _ -> new ArrayList<>());
        if (places.size() < AnnotationReport.MOST_EXAMPLES) {
            places.add(place);
        }
    }

    /** The size of an image as its annotation says; not positive if it does not. */
    record Declared(int width, int height) {

        boolean isMissing() {
            return width <= 0 || height <= 0;
        }

        boolean matches(ImageSize size) {
            return isMissing() || size.width() == width && size.height() == height;
        }
    }

    /**
     * Reads the header of an image file. The boxes may have been drawn on the image as it is stored or turned upright,
     * which the size tells if the sides were swapped.
     *
     * @return the image without boxes; null if there is a problem
     */
    Sample image(String name, Path file, Declared declared) {
        ImageReadOptions upright = ImageReadOptions.defaults();
        try {
            ImageSize size = ImageSize.read(file, upright);
            if (declared.matches(size)) {
                return new Sample(name, file, null, upright, size.width(), size.height(), List.of());
            }
            ImageSize stored = ImageSize.read(file, upright.withOrientation(false));
            if (declared.matches(stored)) {
                return new Sample(name, file, null, upright.withOrientation(false), stored.width(), stored.height(),
                        List.of());
            }
            problem(AnnotationProblem.WRONG_SIZE, name + ": " + size.width() + " x " + size.height()
                    + " pixels, annotated as " + declared.width() + " x " + declared.height());
        } catch (IOException e) {
            problem(AnnotationProblem.UNREADABLE_IMAGE, e.getMessage());
        }
        return null;
    }

    /** Keeps an image with those of its boxes that are right. */
    void add(Sample image, List<RawBox> found) {
        List<LabelledBox> right = new ArrayList<>();
        Set<LabelledBox> before = new HashSet<>();
        for (RawBox raw : found) {
            LabelledBox box = checked(image, raw);
            if (box != null && !before.add(new LabelledBox(box.box(), box.label(), box.kind(), 0))) {
                problem(AnnotationProblem.DUPLICATE, place(image, raw));
            } else if (box != null) {
                right.add(box);
            }
        }
        samples.add(new Sample(image.name(), image.file(), null, image.options(), image.width(), image.height(),
                right));
    }

    private LabelledBox checked(Sample image, RawBox raw) {
        double width = raw.right() - raw.left();
        double height = raw.bottom() - raw.top();
        if (!Double.isFinite(width) || !Double.isFinite(height)) {
            problem(AnnotationProblem.UNREADABLE, place(image, raw));
            return null;
        }
        boxes++;
        if (width < 0 || height < 0) {
            swapped++;
            problem(AnnotationProblem.SWAPPED_CORNERS, place(image, raw));
            return null;
        }
        Box box = new Box(raw.left(), raw.top(), raw.right(), raw.bottom());
        Box inside = box.clip(image.width(), image.height());
        boolean clipped = reachesBeyond(box, image, TOLERANCE, TOLERANCE);
        beyond += reachesBeyond(box, image, FAR * image.width(), FAR * image.height()) ? 1 : 0;
        if (width == 0 || height == 0) {
            problem(AnnotationProblem.NO_AREA, place(image, raw));
        } else if (inside.width() == 0 || inside.height() == 0) {
            problem(AnnotationProblem.OUTSIDE, place(image, raw) + " of " + image.width() + " x " + image.height());
        } else if (raw.label() < 0) {
            problem(AnnotationProblem.UNKNOWN_CLASS, place(image, raw) + ": the class " + raw.className());
        } else {
            if (clipped) {
                problem(AnnotationProblem.CLIPPED, place(image, raw) + " of " + image.width() + " x "
                        + image.height());
            }
            boolean outlined = raw.area() > 0 && raw.area() < Double.POSITIVE_INFINITY;
            return new LabelledBox(inside, raw.label(), raw.kind(), outlined ? raw.area() : inside.area());
        }
        return null;
    }

    private static boolean reachesBeyond(Box box, Sample image, double columns, double rows) {
        return box.left() < -columns || box.top() < -rows || box.right() > image.width() + columns
                || box.bottom() > image.height() + rows;
    }

    private static String place(Sample image, RawBox raw) {
        return image.name() + ": " + raw.place() + String.format(Locale.ROOT, " from (%s, %s) to (%s, %s)",
                number(raw.left()), number(raw.top()), number(raw.right()), number(raw.bottom()));
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e9 ? Long.toString((long) value)
                : String.format(Locale.ROOT, "%.2f", value);
    }

    /**
     * The images that remain.
     *
     * @param otherForm what the numbers seem to be if most boxes have corners in the wrong order or reach far beyond
     *     the image
     */
    BoxedImages finish(List<String> classNames, String otherForm) throws IOException {
        int wrong = Math.max(swapped, beyond);
        if (boxes >= FEWEST_FOR_FORM && wrong > boxes / 2) {
            AnnotationProblem problem = wrong == swapped ? AnnotationProblem.SWAPPED_CORNERS
                    : counts.containsKey(AnnotationProblem.OUTSIDE) ? AnnotationProblem.OUTSIDE
                    : AnnotationProblem.CLIPPED;
            throw new IOException(source + ": " + wrong + " of " + boxes + " boxes "
                    + (wrong == swapped ? "have corners in the wrong order" : "reach far beyond their image")
                    + shown(problem) + "; the numbers look like " + otherForm);
        }
        AnnotationReport report = BoxedImages.report(samples, counts, examples);
        if (report.leftOut() > 0 && options.onProblem() == OnProblem.REFUSE) {
            throw new AnnotationException(source + ": " + problems());
        }
        if (samples.isEmpty()) {
            throw new IOException(source + ": no annotated images" + (counts.isEmpty() ? "" : ", but " + problems()));
        }
        return new BoxedImages(classNames, samples, report);
    }

    private String problems() {
        List<String> texts = new ArrayList<>();
        counts.forEach((problem, count) -> {
            if (problem.isWrong() || samples.isEmpty()) {
                texts.add(count + " " + problem.plural() + shown(problem));
            }
        });
        return String.join("; ", texts);
    }

    private String shown(AnnotationProblem problem) {
        List<String> places = examples.getOrDefault(problem, List.of());
        return places.isEmpty() ? "" : " (" + String.join("; ", places.subList(0, Math.min(MOST_SHOWN, places.size())))
                + (counts.get(problem) > MOST_SHOWN ? "; ..." : "") + ")";
    }
}
