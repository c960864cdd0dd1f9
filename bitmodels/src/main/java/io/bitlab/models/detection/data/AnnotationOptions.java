package io.bitlab.models.detection.data;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;

/**
 * How annotations are read.
 *
 * {@snippet class="io.bitlab.models.snippets.DetectionDataSnippets" region="options"}
 *
 * @param classNames the classes in the order of their labels; others are {@link AnnotationProblem#UNKNOWN_CLASS}. Empty
 *     for those that the annotations name
 * @param onProblem what becomes of annotations that cannot be right
 * @param vocCorners what the corners of Pascal VOC files mean
 */
public record AnnotationOptions(List<String> classNames, OnProblem onProblem, VocCorners vocCorners) {

    private static final AnnotationOptions DEFAULTS =
            new AnnotationOptions(List.of(), OnProblem.REFUSE, VocCorners.AS_WRITTEN);

    /**
     * Checks the options.
     *
     * @throws IllegalArgumentException if a class name is there twice
     */
    public AnnotationOptions {
        classNames = List.copyOf(classNames);
        Objects.requireNonNull(onProblem, "AnnotationOptions: onProblem is null");
        Objects.requireNonNull(vocCorners, "AnnotationOptions: vocCorners is null");
        requireDistinct("AnnotationOptions", classNames);
    }

    static void requireDistinct(String operation, List<String> classNames) {
        if (new HashSet<>(classNames).size() < classNames.size()) {
            throw new IllegalArgumentException(operation + ": the class names " + classNames + " repeat a name");
        }
    }

    /**
     * The usual options: classes as the annotations name them, problems refused, VOC's corners as written.
     *
     * @return the options
     */
    public static AnnotationOptions defaults() {
        return DEFAULTS;
    }

    /**
     * The same with these classes.
     *
     * @param names in the order of their labels; empty for those that the annotations name
     * @return the options
     * @throws IllegalArgumentException if a name is there twice
     */
    public AnnotationOptions withClassNames(List<String> names) {
        return new AnnotationOptions(names, onProblem, vocCorners);
    }

    /**
     * The same with problems refused or left out.
     *
     * @param choice what becomes of annotations that cannot be right
     * @return the options
     */
    public AnnotationOptions withOnProblem(OnProblem choice) {
        return new AnnotationOptions(classNames, choice, vocCorners);
    }

    /**
     * The same with another meaning of VOC's corners.
     *
     * @param meaning what the numbers mean
     * @return the options
     */
    public AnnotationOptions withVocCorners(VocCorners meaning) {
        return new AnnotationOptions(classNames, onProblem, meaning);
    }
}
