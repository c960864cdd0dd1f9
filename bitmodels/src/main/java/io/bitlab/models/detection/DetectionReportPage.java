package io.bitlab.models.detection;

import io.bitlab.models.detection.data.BoxedImages;
import io.bitlab.models.detection.score.ClassScores;
import io.bitlab.models.detection.score.CocoScores;
import io.bitlab.models.detection.score.DetectionMatches;
import io.bitlab.models.detection.score.ImageMatches;
import io.bitlab.models.html.HtmlPage;
import io.bitlab.models.html.TrainingCurves;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.train.EpochResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The page of a {@link DetectionReport}. */
final class DetectionReportPage {

    private static final String STYLE = """
            .gallery { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); }
            .gallery figcaption { margin: .35rem 0 0; overflow-wrap: anywhere; }
            .gallery .card { margin: 0; padding: .8rem; }
            .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: .6rem; }
            .twins { grid-template-columns: repeat(auto-fill, minmax(min(28rem, 100%), 1fr)); }
            .curves { display: grid; gap: 1.2rem; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); }
            .line2 { stroke: var(--teal); } .key2 { color: var(--teal); } .dot0 { fill: var(--blue); }
            .dot1 { fill: var(--amber); } .dot2 { fill: var(--teal); }
            .cells td { text-align: center; border: 1px solid var(--rule); } .cells th { text-align: center; }
            .cells th[scope=row] { text-align: left; border: 0; }
            .cells thead td { border: 0; } tfoot td { font-weight: 650; } h2 + p { margin: -.5rem 0 .8rem; }
            """;

    private final BitDetector model;
    private final BoxedImages images;
    private final List<EvaluatedDetector> detectors;
    private final EvaluatedDetector first;
    private final List<String> names;

    DetectionReportPage(BitDetector model, BoxedImages images, List<EvaluatedDetector> detectors) {
        this.model = model;
        this.images = images;
        this.detectors = detectors;
        this.first = detectors.getFirst();
        this.names = model.config().classNames().toList();
    }

    String html(String title, String note, List<EpochResult> history, int pictures) throws IOException {
        String subtitle = String.format(Locale.ROOT, "%,d pictures with %,d objects of %d classes", images.size(),
                first.found() + first.missed(), names.size());
        HtmlPage page = new HtmlPage(title, subtitle + (note.isEmpty() ? "" : " · " + note),
                STYLE + MatchedPicture.STYLE);
        figures(page);
        List<Integer> worst = first.worst(pictures);
        List<Integer> best = first.best(pictures, worst);
        if (!best.isEmpty() || !worst.isEmpty()) {
            page.heading("What it sees").add(MatchedPicture.legend());
            gallery(page, "Where it is right", best);
            gallery(page, "Where it errs most", worst);
        }
        curves(page);
        scores(page);
        confusion(page);
        TrainingCurves.add(page, history);
        return page.toString();
    }

    // ---------------------------------------------------------------- numbers

    private void figures(HtmlPage page) {
        CocoScores scores = first.scores();
        page.add("<dl class=\"figures\">");
        page.figure("AP50", number(scores.ap50()), others(other -> number(other.scores().ap50())));
        page.figure("AP", number(scores.ap()), detectors.size() > 1 ? others(other -> number(other.scores().ap()))
                : "small " + number(scores.apSmall()) + ", medium " + number(scores.apMedium()) + ", large "
                        + number(scores.apLarge()));
        page.figure("Objects found", share(first), (detectors.size() > 1 ? others(DetectionReportPage::share)
                : first.wrong() + " wrong boxes") + String.format(Locale.ROOT, ", scores from %.2f", first.score()));
        page.figure("Parameters", String.format(Locale.ROOT, "%,d", model.parameterCount()), String.format(Locale.ROOT,
                "%,.0f KB; as floats %,.0f KB", model.memory().ternaryBytes() / 1024.0,
                model.memory().floatBytes() / 1024.0));
        page.add("</dl>\n");
    }

    private static String share(EvaluatedDetector detector) {
        return detector.found() + " of " + (detector.found() + detector.missed());
    }

    /** What a number is of the others. */
    private String others(Function<EvaluatedDetector, String> number) {
        return detectors.stream().skip(1).map(other -> other.name() + " " + number.apply(other))
                .collect(Collectors.joining(", "));
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.3f", value);
    }

    // ---------------------------------------------------------------- pictures

    private void gallery(HtmlPage page, String heading, List<Integer> chosen) throws IOException {
        if (chosen.isEmpty()) {
            return;
        }
        page.add("<h2>", heading, "</h2><div class=\"gallery", detectors.size() > 1 ? " twins" : "", "\">\n");
        for (int index : chosen) {
            BitImage image = images.image(index);
            page.add("<section class=\"card\"><div class=\"pair\">");
            for (EvaluatedDetector detector : detectors) {
                ImageMatches matches = detector.matches().images().get(index);
                String name = detectors.size() > 1 ? detector.name() : images.name(index);
                page.add("<figure class=\"seen\">", MatchedPicture.of(image, "picture" + index, detector == first,
                        matches, names, name + ": " + counts(matches)), "<figcaption>", HtmlPage.escape(name), " · ",
                        counts(matches), "</figcaption></figure>");
            }
            page.add("</div>", detectors.size() > 1 ? "<small>" + HtmlPage.escape(images.name(index)) + "</small>" : "",
                    "</section>\n");
        }
        page.add("</div>\n");
    }

    private static String counts(ImageMatches matches) {
        List<String> counts = new ArrayList<>();
        counts.add(matches.found().size() + " found");
        if (!matches.missed().isEmpty()) {
            counts.add(matches.missed().size() + " missed");
        }
        if (!matches.wrong().isEmpty()) {
            counts.add(matches.wrong().size() + " wrong");
        }
        if (!matches.confused().isEmpty()) {
            counts.add(matches.confused().size() + " taken for another");
        }
        return String.join(", ", counts);
    }

    // ---------------------------------------------------------------- curves and tables

    private void curves(HtmlPage page) {
        page.heading("Precision over recall").add(
                "<p>At an IoU of 0.5: which share of the boxes is right (upwards) when",
                " a share of the objects is found (to the right). The dot is at the score from which boxes show.</p>",
                "<div class=\"card curves\">");
        for (int label = 0; label < names.size(); label++) {
            PrecisionRecallChart chart = new PrecisionRecallChart("Precision over recall of " + names.get(label));
            StringBuilder caption = new StringBuilder(HtmlPage.escape(names.get(label)));
            for (int d = 0; d < detectors.size(); d++) {
                EvaluatedDetector detector = detectors.get(d);
                ClassScores scores = detector.scores().classes().get(label);
                chart.add(scores.curve(DetectorEvaluation.IOU), detector.matches().recall(label),
                        detector.matches().precision(label));
                caption.append(" <span class=\"key").append(d).append("\">")
                        .append(detectors.size() > 1 ? HtmlPage.escape(detector.name()) + " " : "")
                        .append(number(scores.ap50())).append("</span>");
            }
            page.picture(caption.toString(), chart.toString());
        }
        page.add("</div>\n");
    }

    private void scores(HtmlPage page) {
        page.heading("Scores").add("<div class=\"card wide\"><table><thead><tr>");
        List<String> heads = new ArrayList<>(
                List.of("Class", "Objects", "AP", "AP50", "AP75", "AR100", "Found", "Missed", "Wrong"));
        detectors.stream().skip(1).forEach(other -> heads.add("AP50, " + other.name()));
        heads.forEach(head -> page.add("<th scope=\"col\">", HtmlPage.escape(head), "</th>"));
        page.add("</tr></thead><tbody>");
        DetectionMatches matches = first.matches();
        int objects = 0;
        for (int label = 0; label < names.size(); label++) {
            int of = label;
            ClassScores scores = first.scores().classes().get(label);
            objects += scores.objects();
            row(page, names.get(label), scores.objects(), List.of(scores.ap(), scores.ap50(), scores.ap75(),
                    scores.ar100()), List.of(matches.found(label), matches.missed(label), matches.wrong(label)),
                    other -> other.scores().classes().get(of).ap50());
        }
        page.add("</tbody><tfoot>");
        CocoScores all = first.scores();
        row(page, "all classes", objects, List.of(all.ap(), all.ap50(), all.ap75(), all.ar100()),
                List.of(first.found(), first.missed(), first.wrong()), other -> other.scores().ap50());
        page.add("</tfoot></table></div>\n");
    }

    private void row(HtmlPage page, String name, int objects, List<Double> scores, List<Integer> counts,
            Function<EvaluatedDetector, Double> other) {
        page.add("<tr>").add(cell(name)).add(cell(objects + ""));
        scores.forEach(score -> page.add(cell(number(score))));
        counts.forEach(count -> page.add(cell(count.toString())));
        detectors.stream().skip(1).forEach(detector -> page.add(cell(number(other.apply(detector)))));
        page.add("</tr>");
    }

    private static String cell(String text) {
        return "<td>" + HtmlPage.escape(text) + "</td>";
    }

    /** A row for each class of objects and one for none; a column for each class of detections and one for none. */
    private void confusion(HtmlPage page) {
        page.heading("What was taken for what").add("<p>Rows are the objects, columns what the detector said there.</p>"
                + "<div class=\"card wide\"><table class=\"cells\"><thead><tr><td></td>");
        names.forEach(name -> page.add("<th scope=\"col\">", HtmlPage.escape(name), "</th>"));
        page.add("<th scope=\"col\">missed</th></tr></thead><tbody>");
        DetectionMatches matches = first.matches();
        int classes = names.size();
        for (int object = 0; object <= classes; object++) {
            page.add("<tr><th scope=\"row\">", object < classes ? HtmlPage.escape(names.get(object)) : "nothing",
                    "</th>");
            int all = 0;
            for (int said = 0; said <= classes; said++) {
                all += matches.confusion(object, said);
            }
            for (int said = 0; said <= classes; said++) {
                int count = matches.confusion(object, said);
                String colour = object == said ? "86 180 233" : "255 90 54";
                page.add(count == 0 ? "<td>" : String.format(Locale.ROOT, "<td style=\"background: rgb(%s / %.2f)\">",
                        colour, 0.08 + 0.6 * count / all), count == 0 ? "" : Integer.toString(count), "</td>");
            }
            page.add("</tr>");
        }
        page.add("</tbody></table></div>\n");
    }
}
