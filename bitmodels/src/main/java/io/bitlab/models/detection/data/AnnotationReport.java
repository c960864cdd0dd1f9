package io.bitlab.models.detection.data;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What was found when annotations were read: how many images and boxes there are, and what was wrong.
 *
 * {@snippet class="io.bitlab.models.snippets.DetectionDataSnippets" region="report"}
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class AnnotationReport {

    /** Of each kind of problem. */
    static final int MOST_EXAMPLES = 20;

    private final int images;
    private final int emptyImages;
    private final int boxes;
    private final Map<AnnotationProblem, Integer> counts;
    private final Map<AnnotationProblem, List<String>> examples;

    AnnotationReport(int images, int emptyImages, int boxes, Map<AnnotationProblem, Integer> counts,
            Map<AnnotationProblem, List<String>> examples) {
        this.images = images;
        this.emptyImages = emptyImages;
        this.boxes = boxes;
        this.counts = new EnumMap<>(AnnotationProblem.class);
        this.counts.putAll(counts);
        this.examples = new EnumMap<>(AnnotationProblem.class);
        examples.forEach((problem, places) -> this.examples.put(problem, List.copyOf(places)));
    }

    /**
     * The images that were kept.
     *
     * @return their number, with and without boxes
     */
    public int images() {
        return images;
    }

    /**
     * The images without a box, which teach a detector what not to find.
     *
     * @return their number
     */
    public int emptyImages() {
        return emptyImages;
    }

    /**
     * The boxes that were kept.
     *
     * @return their number in all images
     */
    public int boxes() {
        return boxes;
    }

    /**
     * How often a problem was found.
     *
     * @param problem the kind
     * @return its number, 0 if it was not found
     */
    public int count(AnnotationProblem problem) {
        return counts.getOrDefault(problem, 0);
    }

    /**
     * How many annotations and images were left out.
     *
     * @return the sum of the counts of what {@linkplain AnnotationProblem#isWrong is wrong}
     */
    public int leftOut() {
        return counts.entrySet().stream().filter(entry -> entry.getKey().isWrong()).mapToInt(Map.Entry::getValue).sum();
    }

    /**
     * Where a problem was found.
     *
     * @param problem the kind
     * @return the first 20 places: a file and what is wrong there
     */
    public List<String> examples(AnnotationProblem problem) {
        return examples.getOrDefault(problem, List.of());
    }

    /** A line with the counts, and for each problem its count and the first places. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(images + " images, " + emptyImages + " of them without boxes; " + boxes
                + " boxes\n");
        counts.forEach((problem, count) -> {
            text.append(problem.isWrong() ? "left out: " : "noted: ").append(count).append(' ').append(problem.plural())
                    .append('\n');
            examples(problem).forEach(place -> text.append("    ").append(place).append('\n'));
            if (count > examples(problem).size()) {
                text.append("    ... and ").append(count - examples(problem).size()).append(" more\n");
            }
        });
        return text.toString();
    }
}
