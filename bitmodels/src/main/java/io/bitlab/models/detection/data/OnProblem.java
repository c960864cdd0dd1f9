package io.bitlab.models.detection.data;

/** What becomes of annotations that cannot be right. */
public enum OnProblem {
    /** Reading fails with an {@link AnnotationException} that names the first of them. */
    REFUSE,
    /** They are left out, and counted in the {@link AnnotationReport}. */
    DROP
}
