package io.bitlab.cli.evaluate;

import io.bitlab.models.detection.BitDetector;
import io.bitlab.models.detection.DetectionReport;
import io.bitlab.models.detection.DetectorEvaluation;
import io.bitlab.models.detection.data.BoxedImages;
import io.bitlab.models.detection.score.DetectionMatches;
import io.bitlab.models.train.EpochResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** How good a detector is, as tables and as a page. */
public final class DetectorSummary {

    /** Overlap from which a detection counts as right in the table of matches. */
    private static final double IOU = 0.5;

    private DetectorSummary() {
    }

    /**
     * Writes the page.
     *
     * @param model the detector
     * @param evaluation what it found on the photographs
     * @param images the photographs
     * @param history its training, empty if it is not known
     * @param page file for the page
     * @return the tables
     * @throws IOException if the page can't be written
     */
    public static String write(BitDetector model, DetectorEvaluation evaluation, BoxedImages images,
            List<EpochResult> history, Path page) throws IOException {
        List<String> names = model.config().classNames().toList();
        float score = model.config().options().scoreThreshold();
        DetectionMatches matches =
                DetectionMatches.of(evaluation.objects(), evaluation.found(), names.size(), IOU, score);
        DetectionReport.builder(model, evaluation, images).history(history).build().writeHtml(page);
        return String.format(Locale.ROOT, "%s%nwith scores from %.2f:%n%s", evaluation.scores().table(names), score,
                matches.table(names));
    }
}
