package io.bitlab.models.report;

import io.bitlab.models.train.EpochResult;
import io.bitlab.models.train.Task;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** A {@link ModelReport} as one self-contained HTML page: well-formed XML, no scripts, no external resources. */
final class HtmlReport {

    private static final String STYLE = """
            :root { color-scheme: light dark; --paper: #fbfaf7; --card: #fff; --ink: #1d2330; --soft: #687083;
              --rule: #e3e0d8; --blue: #3867d6; --teal: #0f9d8a; --amber: #d98e04; --grey: #aab1bf; }
            @media (prefers-color-scheme: dark) { :root { --paper: #14171d; --card: #1c2028; --ink: #e8eaf0;
              --soft: #99a1b3; --rule: #2d333f; --blue: #7fa2ff; --teal: #3fcab4; --amber: #f0b44a; --grey: #5c6575; } }
            * { box-sizing: border-box; }
            body { margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 66rem; background: var(--paper);
              color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
            h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; letter-spacing: -.01em; }
            h2 { font-size: 1.15rem; margin: 2.6rem 0 .9rem; }
            h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
            p, small { color: var(--soft); margin: .2rem 0; }
            .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1rem;
              margin: 1.6rem 0 0; padding: 0; }
            .figures div, .card { background: var(--card); border: 1px solid var(--rule); border-radius: .7rem;
              padding: 1rem 1.15rem; }
            dt { color: var(--soft); font-size: .85rem; }
            dd { margin: .1rem 0 0; font-size: 1.55rem; font-weight: 650; font-variant-numeric: tabular-nums; }
            dd small { font-size: .8rem; font-weight: 400; display: block; }
            .card { margin: 0 0 1rem; }
            .row { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 1.2rem;
              margin-top: .9rem; }
            figure { margin: 0; }
            figcaption { font-size: .82rem; color: var(--soft); margin-bottom: .3rem; }
            svg { width: 100%; height: auto; display: block; overflow: visible; }
            svg text { font-size: 10px; fill: var(--soft); font-family: inherit; }
            .bar { fill: var(--blue); } .minus { fill: var(--teal); } .zero { fill: var(--grey); }
            .plus { fill: var(--amber); }
            .axis { stroke: var(--rule); } .mark { stroke: var(--amber); stroke-width: 1.5; stroke-dasharray: 4 3; }
            polyline { fill: none; stroke-width: 2; stroke-linejoin: round; }
            .line0 { stroke: var(--blue); } .line1 { stroke: var(--amber); }
            .key0 { color: var(--blue); } .key1 { color: var(--amber); }
            .wide { overflow-x: auto; }
            table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
            th { text-align: right; color: var(--soft); font-weight: 500; border-bottom: 1px solid var(--rule); }
            td { text-align: right; border-bottom: 1px solid var(--rule); white-space: nowrap; }
            th, td { padding: .4rem .6rem; } th:first-child, td:first-child { text-align: left; }
            pre { white-space: pre-wrap; color: var(--soft); font-size: .82rem; }
            """;

    private HtmlReport() {
    }

    static String of(ModelReport report) {
        StringBuilder page =
                new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">");
        page.append("<head><meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width, ")
                .append("initial-scale=1\"/><title>Model report</title><style>").append(STYLE)
                .append("</style></head>\n<body><header><h1>Model report</h1><p>")
                .append(report.layers().size()).append(" ternary layers, measured on ").append(report.samples())
                .append(" samples</p></header>\n");
        figures(page, report);
        history(page, report.history());
        table(page, report);
        page.append("<h2>Layers</h2>\n");
        report.layers().forEach(layer -> layer(page, layer));
        return page.append("<h2>Structure</h2><pre>").append(escape(report.model())).append("</pre>\n</body></html>\n")
                .toString();
    }

    private static void figures(StringBuilder page, ModelReport report) {
        page.append("<dl class=\"figures\">");
        figure(page, "Accuracy, packed", TextReport.percent(report.accuracy()),
                report.trainingAccuracy().isPresent()
                        ? "in training form " + TextReport.percent(report.trainingAccuracy().getAsDouble()) : "");
        figure(page, "Round-trip gap", TextReport.gap(report), "accuracy lost by packing");
        figure(page, "Parameters", String.format(Locale.ROOT, "%,d", report.parameters()), "");
        figure(page, "Memory", String.format(Locale.ROOT, "%,.0f KB", report.memory().ternaryBytes() / 1024.0),
                TextReport.memory(report));
        page.append("</dl>\n");
    }

    private static void figure(StringBuilder page, String name, String value, String note) {
        page.append("<div><dt>").append(escape(name)).append("</dt><dd>").append(escape(value)).append("<small>")
                .append(escape(note)).append("</small></dd></div>");
    }

    private static void history(StringBuilder page, List<EpochResult> history) {
        if (history.isEmpty()) {
            return;
        }
        page.append("<h2>Training</h2><div class=\"card row\">");
        EpochResult last = history.getLast();
        picture(page, String.format(Locale.ROOT, "Loss, %.3g at the end", last.loss()),
                Svg.curves("Training loss by epoch", List.of(series(history, EpochResult::loss))));
        if (!Double.isNaN(last.accuracy())) {
            accuracies(page, history, last);
        } else if (!last.validation().measures().isEmpty()) {
            measure(page, history, last.validation());
        }
        page.append("</div>\n");
    }

    private static void accuracies(StringBuilder page, List<EpochResult> history, EpochResult last) {
        String validation = Double.isNaN(last.validationAccuracy()) ? ""
                : ", <span class=\"key1\">validation " + TextReport.percent(last.validationAccuracy()) + "</span>";
        picture(page, "Accuracy at the end: <span class=\"key0\">training " + TextReport.percent(last.accuracy())
                + "</span>" + validation,
                Svg.curves("Accuracy by epoch, in training and on validation samples",
                        List.of(series(history, EpochResult::accuracy),
                                series(history, EpochResult::validationAccuracy))));
    }

    /** What a task without accuracy measures. */
    private static void measure(StringBuilder page, List<EpochResult> history, Task.Score last) {
        String name = last.measure();
        picture(page, escape(String.format(Locale.ROOT, "Validation %s, %.4g at the end", name, last.number(name))),
                Svg.curves("Validation " + name + " by epoch",
                        List.of(series(history, result -> result.validation().number(name)))));
    }

    private static double[] series(List<EpochResult> history, ToDoubleFunction<EpochResult> value) {
        return history.stream().mapToDouble(value).toArray();
    }

    /** A picture with its caption, which is already markup. */
    private static void picture(StringBuilder page, String caption, String svg) {
        page.append("<figure><figcaption>").append(caption).append("</figcaption>").append(svg).append("</figure>");
    }

    private static void table(StringBuilder page, ModelReport report) {
        page.append("<h2>At a glance</h2><div class=\"card wide\"><table><thead><tr>");
        for (String head : List.of("Layer", "Shape", "Kernel", "Scale", "Zeros", "Bits a weight", "Packed")) {
            page.append("<th scope=\"col\">").append(head).append("</th>");
        }
        page.append("</tr></thead><tbody>");
        for (LayerReport layer : report.layers()) {
            page.append("<tr>");
            for (String cell : List.of(layer.path(), layer.outFeatures() + " × " + layer.inFeatures(), layer.kernel(),
                    String.format(Locale.ROOT, "%.3g", layer.meanScale()), TextReport.percent(layer.zeroShare()),
                    String.format(Locale.ROOT, "%.2f", layer.bitsPerWeight()),
                    String.format(Locale.ROOT, "%,.1f KB", layer.packedBytes() / 1024.0))) {
                page.append("<td>").append(escape(cell)).append("</td>");
            }
            page.append("</tr>");
        }
        page.append("</tbody></table></div>\n");
    }

    private static void layer(StringBuilder page, LayerReport layer) {
        page.append("<section class=\"card\"><h3>").append(escape(layer.path())).append("</h3><p>")
                .append(layer.outFeatures()).append(" × ").append(layer.inFeatures()).append(", kernel ")
                .append(escape(layer.kernel())).append(scales(layer)).append("</p><div class=\"row\">");
        if (layer.latent().isPresent()) {
            double threshold = 0.5 * layer.meanScale(); // from here on, |w| / scale rounds to 1
            picture(page, "Latent weights, and where they round to ±1",
                    Svg.histogram("Latent weights of " + layer.path(), layer.latent().get(), -threshold, threshold));
        }
        picture(page, "Ternary weights", Svg.trits("Ternary weights of " + layer.path(), layer.minusShare(),
                layer.zeroShare(), layer.plusShare()));
        picture(page, String.format(Locale.ROOT, "Outputs: up to %.3g, mean %.3g", layer.largestOutput(),
                layer.meanOutput()), Svg.histogram("Outputs of " + layer.path(), layer.outputs()));
        page.append("</div></section>\n");
    }

    private static String scales(LayerReport layer) {
        return layer.smallestScale() == layer.largestScale()
                ? String.format(Locale.ROOT, ", scale %.4g", layer.meanScale())
                : String.format(Locale.ROOT, ", scales %.3g to %.3g", layer.smallestScale(), layer.largestScale());
    }

    static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
