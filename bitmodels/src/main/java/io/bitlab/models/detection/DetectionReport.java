package io.bitlab.models.detection;

import io.bitlab.models.detection.data.BoxedImages;
import io.bitlab.models.io.AtomicFile;
import io.bitlab.models.train.EpochResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What a detector sees, to look at: pictures with the objects that it found, missed and made up, beside the curves and
 * tables of its scores.
 *
 * {@snippet class="io.bitlab.models.snippets.DetectionReportSnippets" region="report"}
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class DetectionReport {

    private final List<EvaluatedDetector> evaluated;
    private final BitDetector model;
    private final BoxedImages images;
    private final String title;
    private final String note;
    private final List<EpochResult> history;
    private final int pictures;

    private DetectionReport(Builder builder) {
        model = builder.model;
        images = builder.images;
        title = builder.title;
        note = builder.note;
        history = builder.history;
        pictures = builder.pictures;
        double score = builder.score;
        evaluated = builder.evaluations.stream().map(named -> named.matched(score)).toList();
    }

    /**
     * Starts building a report.
     *
     * @param model the detector, in any mode; asked only for what it is, not for answers
     * @param evaluation what it found on the pictures, with low scores as well
     * @param images those pictures
     * @return a builder with the defaults that its methods give
     * @throws IllegalArgumentException if the evaluation is of another number of pictures
     */
    public static Builder builder(BitDetector model, DetectorEvaluation evaluation, BoxedImages images) {
        return new Builder(model, evaluation, images);
    }

    /** Collects the settings of a {@link DetectionReport}. */
    public static final class Builder {
        private final BitDetector model;
        private final BoxedImages images;
        private final List<EvaluatedDetector.Named> evaluations = new ArrayList<>();
        private String title = "Detection report";
        private String note = "";
        private List<EpochResult> history = List.of();
        private double score;
        private int pictures = 6;

        private Builder(BitDetector model, DetectorEvaluation evaluation, BoxedImages images) {
            this.model = Objects.requireNonNull(model, "DetectionReport: model");
            this.images = Objects.requireNonNull(images, "DetectionReport: images");
            this.score = model.config().options().scoreThreshold();
            beside(model.config().quantConfig() == null ? "float" : "ternary", evaluation);
        }

        /**
         * Shows what another detector found, such as the float twin, beside this one.
         *
         * @param name what to call it
         * @param other its evaluation on the same pictures, with the same classes
         * @return this builder
         * @throws IllegalArgumentException if it is of another number of pictures or classes
         */
        public Builder beside(String name, DetectorEvaluation other) {
            int classes = model.config().classNames().size();
            if (other.objects().size() != images.size() || other.scores().classes().size() != classes) {
                throw new IllegalArgumentException("DetectionReport: the evaluation '" + name + "' is of "
                        + other.objects().size() + " pictures and " + other.scores().classes().size()
                        + " classes, the report of " + images.size() + " and " + classes
                        + "; evaluate on the same pictures");
            }
            evaluations.add(new EvaluatedDetector.Named(Objects.requireNonNull(name, "DetectionReport: name"), other));
            return this;
        }

        /**
         * Sets the heading.
         *
         * @param value plain text; default "Detection report"
         * @return this builder
         */
        public Builder title(String value) {
            title = Objects.requireNonNull(value, "DetectionReport: title");
            return this;
        }

        /**
         * Sets a line below the heading, such as how long a picture takes on which machine.
         *
         * @param value plain text; default none
         * @return this builder
         */
        public Builder note(String value) {
            note = Objects.requireNonNull(value, "DetectionReport: note");
            return this;
        }

        /**
         * Adds the curves of the training.
         *
         * @param value the results of the epochs; copied; default none
         * @return this builder
         */
        public Builder history(List<EpochResult> value) {
            history = List.copyOf(value);
            return this;
        }

        /**
         * Sets from which score on a detection is shown and counted. Average precision and the curves count all.
         *
         * @param value from 0 to 1; default that of the model's options
         * @return this builder
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder score(double value) {
            if (!(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException("DetectionReport: score " + value + ", expected 0 to 1");
            }
            score = value;
            return this;
        }

        /**
         * Sets how many pictures are shown.
         *
         * @param value at most so many of the worst, and as many of the best; at least 0, default 6
         * @return this builder
         * @throws IllegalArgumentException if it is negative
         */
        public Builder pictures(int value) {
            if (value < 0) {
                throw new IllegalArgumentException("DetectionReport: " + value + " pictures, expected 0 or more");
            }
            pictures = value;
            return this;
        }

        /**
         * Makes the report.
         *
         * @return the report
         */
        public DetectionReport build() {
            return new DetectionReport(this);
        }
    }

    /**
     * The report as one self-contained HTML page for light and dark screens: no scripts, nothing to load.
     *
     * @return HTML that is well-formed XML
     * @throws IOException if a picture can't be read
     */
    public String toHtml() throws IOException {
        return new DetectionReportPage(model, images, evaluated).html(title, note, history, pictures);
    }

    /**
     * Writes the page of {@link #toHtml}.
     *
     * @param file the page to write; replaced as a whole
     * @throws IOException if it can't be written, or a picture can't be read; an existing file is unchanged
     */
    public void writeHtml(Path file) throws IOException {
        AtomicFile.replace(file, toHtml());
    }
}
