package io.bitlab.models.detection.data;

import java.io.IOException;

/** Annotations that cannot be right, and were not to be left out: {@link OnProblem#REFUSE}. */
public final class AnnotationException extends IOException {

    private static final long serialVersionUID = 1L;

    /** The source, and what is wrong in it. */
    private final String problems;

    AnnotationException(String problems) {
        super(problems + ". Correct them, or leave them out with AnnotationOptions.withOnProblem(OnProblem.DROP)");
        this.problems = problems;
    }

    /**
     * What is wrong, for programs that offer their own remedy.
     *
     * @return the source, each problem with how many there are, and the first of them
     */
    public String problems() {
        return problems;
    }
}
