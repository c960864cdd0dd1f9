package io.bitlab.models.snippets;

import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.report.HistoryChart;
import io.bitlab.models.report.ModelReport;
import io.bitlab.models.train.Dataset;
import io.bitlab.models.train.EpochResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Snippets of the Javadoc in {@code io.bitlab.models.report}. */
final class ReportSnippets {

    private ReportSnippets() {
    }

    static String report(BitMlp model, Dataset test, List<EpochResult> history) throws IOException {
        // @start region="report"
        ModelReport report = ModelReport.of(model, test, history);
        report.writeHtml(Path.of("report.html"));
        String summary = report.toText();
        // @end
        return summary;
    }

    static void chart(List<EpochResult> history) throws IOException {
        // @start region="chart"
        HistoryChart.writePng(history, Path.of("history.png"));
        // @end
    }
}
