package io.bitlab.models.report;

import io.bitlab.models.html.HtmlPage;
import io.bitlab.models.html.TrainingCurves;
import java.util.List;
import java.util.Locale;

/** A {@link ModelReport} as an {@link HtmlPage}. */
final class HtmlReport {

    private HtmlReport() {
    }

    static String of(ModelReport report) {
        HtmlPage page = new HtmlPage("Model report",
                report.layers().size() + " ternary layers, measured on " + report.samples() + " samples", "");
        figures(page, report);
        TrainingCurves.add(page, report.history());
        table(page, report);
        page.heading("Layers");
        report.layers().forEach(layer -> layer(page, layer));
        return page.add("<h2>Structure</h2><pre>", HtmlPage.escape(report.model()), "</pre>\n").toString();
    }

    private static void figures(HtmlPage page, ModelReport report) {
        page.add("<dl class=\"figures\">");
        page.figure("Accuracy, packed", TextReport.percent(report.accuracy()),
                report.trainingAccuracy().isPresent()
                        ? "in training form " + TextReport.percent(report.trainingAccuracy().getAsDouble()) : "");
        page.figure("Round-trip gap", TextReport.gap(report), "accuracy lost by packing");
        page.figure("Parameters", String.format(Locale.ROOT, "%,d", report.parameters()), "");
        page.figure("Memory", String.format(Locale.ROOT, "%,.0f KB", report.memory().ternaryBytes() / 1024.0),
                TextReport.memory(report));
        page.add("</dl>\n");
    }

    private static void table(HtmlPage page, ModelReport report) {
        page.add("<h2>At a glance</h2><div class=\"card wide\"><table><thead><tr>");
        for (String head : List.of("Layer", "Shape", "Kernel", "Scale", "Zeros", "Bits a weight", "Packed")) {
            page.add("<th scope=\"col\">").add(head).add("</th>");
        }
        page.add("</tr></thead><tbody>");
        for (LayerReport layer : report.layers()) {
            page.add("<tr>");
            for (String cell : List.of(layer.path(), layer.outFeatures() + " × " + layer.inFeatures(), layer.kernel(),
                    String.format(Locale.ROOT, "%.3g", layer.meanScale()), TextReport.percent(layer.zeroShare()),
                    String.format(Locale.ROOT, "%.2f", layer.bitsPerWeight()),
                    String.format(Locale.ROOT, "%,.1f KB", layer.packedBytes() / 1024.0))) {
                page.add("<td>").add(HtmlPage.escape(cell)).add("</td>");
            }
            page.add("</tr>");
        }
        page.add("</tbody></table></div>\n");
    }

    private static void layer(HtmlPage page, LayerReport layer) {
        page.add("<section class=\"card\"><h3>").add(HtmlPage.escape(layer.path())).add("</h3><p>")
                .add(layer.outFeatures() + " × " + layer.inFeatures()).add(", kernel ")
                .add(HtmlPage.escape(layer.kernel())).add(scales(layer)).add("</p><div class=\"row\">");
        if (layer.latent().isPresent()) {
            double threshold = 0.5 * layer.meanScale(); // from here on, |w| / scale rounds to 1
            page.picture("Latent weights, and where they round to ±1",
                    Svg.histogram("Latent weights of " + layer.path(), layer.latent().get(), -threshold, threshold));
        }
        page.picture("Ternary weights", Svg.trits("Ternary weights of " + layer.path(), layer.minusShare(),
                layer.zeroShare(), layer.plusShare()));
        page.picture(String.format(Locale.ROOT, "Outputs: up to %.3g, mean %.3g", layer.largestOutput(),
                layer.meanOutput()), Svg.histogram("Outputs of " + layer.path(), layer.outputs()));
        page.add("</div></section>\n");
    }

    private static String scales(LayerReport layer) {
        return layer.smallestScale() == layer.largestScale()
                ? String.format(Locale.ROOT, ", scale %.4g", layer.meanScale())
                : String.format(Locale.ROOT, ", scales %.3g to %.3g", layer.smallestScale(), layer.largestScale());
    }
}
