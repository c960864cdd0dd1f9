package io.bitlab.models.report;

import java.util.Locale;
import java.util.OptionalDouble;

/** A {@link ModelReport} as plain text. */
final class TextReport {

    private TextReport() {
    }

    static String of(ModelReport report) {
        StringBuilder text = new StringBuilder();
        text.append(report.model()).append("\n\n");
        line(text, "accuracy, packed", percent(report.accuracy()) + " of " + report.samples() + " samples");
        line(text, "accuracy, training form", optional(report.trainingAccuracy()));
        line(text, "round-trip gap", gap(report));
        line(text, "parameters", String.format(Locale.ROOT, "%,d", report.parameters()));
        line(text, "memory", memory(report));
        text.append(String.format(Locale.ROOT, "%n%-24s %14s %-18s %10s %7s %7s %7s %6s%n", "layer", "shape", "kernel",
                "scale", "-1", "0", "+1", "bits"));
        for (LayerReport layer : report.layers()) {
            text.append(String.format(Locale.ROOT, "%-24s %14s %-18s %10.3g %7s %7s %7s %6.2f%n", layer.path(),
                    layer.outFeatures() + " x " + layer.inFeatures(), layer.kernel(), layer.meanScale(),
                    percent(layer.minusShare()), percent(layer.zeroShare()), percent(layer.plusShare()),
                    layer.bitsPerWeight()));
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(String.format("%-24s %s%n", name, value));
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }

    private static String optional(OptionalDouble share) {
        return share.isPresent() ? percent(share.getAsDouble())
                : "not known: the model was not in training, or has dropout";
    }

    static String gap(ModelReport report) {
        OptionalDouble gap = report.roundTripGap();
        return gap.isEmpty() ? "not known" : gap.getAsDouble() == 0 ? "exactly 0" : percent(gap.getAsDouble());
    }

    static String memory(ModelReport report) {
        return String.format(Locale.ROOT, "%,.1f KB as floats, %,.1f KB packed: %.1f %% less",
                report.memory().floatBytes() / 1024.0, report.memory().ternaryBytes() / 1024.0,
                100 * (1 - report.memory().ternaryBytes() / (double) report.memory().floatBytes()));
    }
}
