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

/** Writes the tables of a page, between two markers; the prose around them stays. */
final class TablePage {

    private static final String BEGIN = "<!-- tables: written by KernelTable -->";
    private static final String END = "<!-- end of tables -->";

    private final List<Figure> figures = new ArrayList<>();
    private final Properties circumstances = new Properties();
    private final TableSection section;

    /** A column: its heading, and its text for a figure. */
    private record Column(String title, Function<Figure, String> text) {
    }

    private TablePage(TableSection section, Path results) throws IOException {
        this.section = section;
        for (Object result : JSON.std.listFrom(Files.readString(results.resolve(section.id() + ".json")))) {
            figures.add(Figure.of((Map<?, ?>) result));
        }
        try (Reader reader = Files.newBufferedReader(results.resolve(section.id() + ".properties"))) {
            circumstances.load(reader);
        }
        List<String> shapes = figures.stream().map(Figure::shape).distinct().toList();
        figures.sort(Comparator.<Figure>comparingInt(f -> shapes.indexOf(f.shape())).thenComparingInt(Figure::rows)
                .thenComparingInt(Figure::threads));
    }

    /** Writes tables of all results in a folder. */
    static void write(Path results, Path page) throws IOException {
        StringBuilder tables = new StringBuilder(BEGIN).append('\n');
        for (TableSection section : TableSection.values()) {
            if (Files.exists(results.resolve(section.id() + ".json"))) {
                tables.append('\n').append(new TablePage(section, results).markdown());
            }
        }
        tables.append('\n').append(END);
        String old = Files.exists(page) ? Files.readString(page) : "# Kernels\n\n" + BEGIN + "\n" + END + "\n";
        int from = old.indexOf(BEGIN);
        int to = old.indexOf(END);
        if (from < 0 || to < from) {
            throw new IllegalStateException(
                    "TablePage: " + page + " lacks the lines \"" + BEGIN + "\" and \"" + END + "\"; add them");
        }
        Files.writeString(page, old.substring(0, from) + tables + old.substring(to + END.length()));
    }

    private String markdown() {
        List<Column> columns = columns();
        String heading = columns.stream().map(Column::title).collect(Collectors.joining(" | ", "| ", " |\n"));
        String rows = figures.stream()
                .map(f -> columns.stream().map(c -> c.text.apply(f)).collect(Collectors.joining(" | ", "| ", " |\n")))
                .collect(Collectors.joining());
        return "## " + section.title() + "\n\n" + section.explanation() + "\n\n" + heading + "|"
                + "---|".repeat(columns.size()) + "\n" + rows + "\nMeasured on " + known("date") + ": "
                + known("machine")
                + "; " + known("jvm") + ". `" + known("command") + "`\n";
    }

    private String known(String key) {
        return circumstances.getProperty(key, "unknown");
    }

    // ---------------------------------------------------------------- columns

    private List<Column> columns() {
        boolean memory = section == TableSection.MEMORY;
        boolean gemm = section == TableSection.GEMM;
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
                f -> Arrays.stream(f.micros()).mapToObj(TablePage::digits).collect(Collectors.joining(" "))));
        return columns;
    }

    /** How many times as fast as the fastest reference for the same product. */
    private String ratio(Figure figure, Predicate<Figure> isReference) {
        OptionalDouble best = figures.stream().filter(isReference).filter(figure::sameProduct)
                .mapToDouble(Figure::median).min();
        return isReference.test(figure) || best.isEmpty() ? ""
                : String.format(Locale.ROOT, "%.2f", best.getAsDouble() / figure.median());
    }

    private String shareOfBandwidth(Figure figure) {
        return figures.stream().filter(f -> f.shape().isEmpty() && f.threads() == figure.threads()).findFirst()
                .map(read -> Math.round(100 * figure.readRate() / read.readRate()) + " %").orElse("");
    }

    /** Three digits that count. */
    private static String digits(double value) {
        int decimals = value < 10 ? 2 : value < 100 ? 1 : 0;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}
