package io.bitlab.models.html;

import io.bitlab.models.train.EpochResult;
import io.bitlab.models.train.Task;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** How a training went. */
public final class TrainingCurves {

    private TrainingCurves() {
    }

    /**
     * Adds a section with the loss, and the accuracy or what else was measured, by epoch.
     *
     * @param page the page to add to
     * @param history the results of the epochs; without any, nothing is added
     */
    public static void add(HtmlPage page, List<EpochResult> history) {
        if (history.isEmpty()) {
            return;
        }
        page.add("<h2>Training</h2><div class=\"card row\">");
        EpochResult last = history.getLast();
        page.picture(String.format(Locale.ROOT, "Loss, %.3g at the end", last.loss()),
                LineChart.overEpochs("Training loss by epoch", List.of(series(history, EpochResult::loss))));
        if (!Double.isNaN(last.accuracy())) {
            accuracies(page, history, last);
        } else if (!last.validation().measures().isEmpty()) {
            measure(page, history, last.validation());
        }
        page.add("</div>\n");
    }

    private static void accuracies(HtmlPage page, List<EpochResult> history, EpochResult last) {
        String validation = Double.isNaN(last.validationAccuracy()) ? ""
                : ", <span class=\"key1\">validation " + percent(last.validationAccuracy()) + "</span>";
        page.picture("Accuracy at the end: <span class=\"key0\">training " + percent(last.accuracy())
                + "</span>" + validation,
                LineChart.overEpochs("Accuracy by epoch, in training and on validation samples",
                        List.of(series(history, EpochResult::accuracy),
                                series(history, EpochResult::validationAccuracy))));
    }

    /** What a task without accuracy measures. */
    private static void measure(HtmlPage page, List<EpochResult> history, Task.Score last) {
        String name = last.measure();
        String caption = String.format(Locale.ROOT, "Validation %s, %.4g at the end", name, last.number(name));
        page.picture(HtmlPage.escape(caption),
                LineChart.overEpochs("Validation " + name + " by epoch",
                        List.of(series(history, result -> result.validation().number(name)))));
    }

    private static double[] series(List<EpochResult> history, ToDoubleFunction<EpochResult> value) {
        return history.stream().mapToDouble(value).toArray();
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }
}
