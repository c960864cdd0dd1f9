package io.bitlab.benchmarks.report;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Properties;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import tools.jackson.jr.ob.JSON;

/** Writes one section of the kernel table as Markdown. */
final class ReportPage {

    private final List<Timing> timings = new ArrayList<>();
    private final Properties environment = new Properties();
    private final ReportSection section;

    /** A column: its heading, and its text for a row. */
    private record Column(String title, Function<Timing, String> text) {
    }

    private ReportPage(ReportSection section, Path results) throws IOException {
        this.section = section;
        for (Object result : JSON.std.listFrom(Files.readString(results.resolve(section.id() + ".json")))) {
            timings.add(Timing.of((Map<?, ?>) result));
        }
        try (Reader reader = Files.newBufferedReader(results.resolve(section.id() + ".properties"))) {
            environment.load(reader);
        }
        List<String> shapes = timings.stream().map(Timing::shape).distinct().toList();
        timings.sort(Comparator.<Timing>comparingInt(f -> shapes.indexOf(f.shape())).thenComparingInt(Timing::rows)
                .thenComparingInt(Timing::threads));
    }

    /** Writes the tables of all results in a folder into a page, between two markers; the prose around them stays. */
    static void write(Path results, Path page) throws IOException {
        StringBuilder tables = new StringBuilder();
        for (ReportSection section : ReportSection.values()) {
            if (Files.exists(results.resolve(section.id() + ".json"))) {
                tables.append('\n').append(new ReportPage(section, results).markdown());
            }
        }
        TablesOfPage.replace(page, "# Kernels", "KernelTable", tables.append('\n').toString());
    }

    private String markdown() {
        List<Column> columns = columns();
        String heading = columns.stream().map(Column::title).collect(Collectors.joining(" | ", "| ", " |\n"));
        String rows = timings.stream()
                .map(f -> columns.stream().map(c -> c.text.apply(f)).collect(Collectors.joining(" | ", "| ", " |\n")))
                .collect(Collectors.joining());
        return "## " + section.title() + "\n\n" + section.explanation() + "\n\n" + heading + "|"
                + "---|".repeat(columns.size()) + "\n" + rows + "\n"
                + TablesOfPage.origin(environment("date"), environment("machine"), environment("jvm"),
                        environment("command"));
    }

    private String environment(String key) {
        return environment.getProperty(key, "unknown");
    }

    // ---------------------------------------------------------------- columns

    private List<Column> columns() {
        boolean memory = section == ReportSection.MEMORY;
        boolean gemm = section == ReportSection.GEMM;
        List<Column> columns = new ArrayList<>();
        columns.add(new Column("shape", f -> f.shape().isEmpty() ? "1 GiB" : f.shape()));
        if (!gemm && !memory) {
            columns.add(new Column("rows", f -> "" + f.rows()));
        }
        columns.add(new Column("threads", f -> "" + f.threads()));
        columns.add(new Column("engine", f -> "`" + f.engine() + "`"));
        columns.add(new Column("µs, median", f -> "**" + digits(f.median()) + "**"));
        columns.add(new Column("min..max", f -> digits(f.min()) + ".." + digits(f.max())));
        columns.add(gemm
                ? new Column("GFLOP/s", f -> digits(2 * f.rate()))
                : new Column("G weights/s", f -> f.shape().isEmpty() ? "" : digits(f.rate())));
        if (memory) {
            columns.add(new Column("GB/s", f -> digits(f.readRate())));
            columns.add(new Column("of the read rate", this::shareOfBandwidth));
        }
        switch (section) {
            case GEMV, BATCHES -> columns.add(new Column("times ONNX, the faster of 4 and 2 bits",
                    f -> ratio(f, reference -> reference.bits() == 4 || reference.bits() == 2)));
            case FLOAT ->
                    columns.add(new Column("times ONNX, float", f -> ratio(f, reference -> reference.bits() == 32)));
            case FULL -> columns
                    .add(new Column("times ONNX, the fastest", f -> ratio(f, reference -> reference.bits() > 0)));
            case LINEAR -> columns
                    .add(new Column("times `linear`", f -> ratio(f, reference -> reference.engine().equals("linear"))));
            default -> {
            }
        }
        columns.add(
                new Column("bytes allocated",
                        f -> Double.isNaN(f.allocated()) ? "" : String.format(Locale.ROOT, "%.0f", f.allocated())));
        columns.add(new Column("each JVM, µs",
                f -> Arrays.stream(f.micros()).mapToObj(ReportPage::digits).collect(Collectors.joining(" "))));
        return columns;
    }

    /** How many times as fast as the fastest reference that computed the same product. */
    private String ratio(Timing timing, Predicate<Timing> isReference) {
        OptionalDouble best = timings.stream().filter(isReference).filter(timing::sameProduct)
                .mapToDouble(Timing::median).min();
        return isReference.test(timing) || best.isEmpty() ? ""
                : String.format(Locale.ROOT, "%.2f", best.getAsDouble() / timing.median());
    }

    private String shareOfBandwidth(Timing timing) {
        return timings.stream().filter(f -> f.shape().isEmpty() && f.threads() == timing.threads()).findFirst()
                .map(read -> Math.round(100 * timing.readRate() / read.readRate()) + " %").orElse("");
    }

    /** A number with three significant digits. */
    static String digits(double value) {
        int decimals = value < 10 ? 2 : value < 100 ? 1 : 0;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}
