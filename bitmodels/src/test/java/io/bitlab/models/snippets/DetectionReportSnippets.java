package io.bitlab.models.snippets;

import io.bitlab.models.detection.BitDetector;
import io.bitlab.models.detection.DetectionReport;
import io.bitlab.models.detection.DetectorEvaluation;
import io.bitlab.models.detection.data.BoxedImages;
import io.bitlab.models.train.EpochResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The snippets of {@code DetectionReport}. */
final class DetectionReportSnippets {

    private DetectionReportSnippets() {
    }

    static void report(BitDetector model, BitDetector twin, BoxedImages photographs, List<EpochResult> history)
            throws IOException {
        // @start region="report"
        DetectionReport.builder(model, DetectorEvaluation.of(model, photographs), photographs)
                .beside("float twin", DetectorEvaluation.of(twin, photographs))
                .history(history).note("9 ms a picture on one core").build()
                .writeHtml(Path.of("report.html"));
        // @end
    }
}
