package io.bitlab.benchmarks.report;

import io.bitlab.benchmarks.BenchmarkCommand;
import io.bitlab.benchmarks.jmh.Operation;
import io.bitlab.benchmarks.jmh.OperationBenchmark;
import io.bitlab.core.platform.VectorPlatform;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Measures the operations of the library's models at each width of vectors, and writes the table of
 * {@code docs/benchmarks/widths.md}. A round measures an operation at one width after the other, each in its own JVM,
 * so that a disturbance of the machine affects all widths alike.
 */
@Command(name = "width-table", mixinStandardHelpOptions = true,
        description = "Measures operations at each width of vectors and writes the table of docs/benchmarks/widths.md.")
public final class WidthTable implements Callable<Integer> {

    /** Widths in bits that this machine has, the widest first; 0 is a JVM without the Vector API. */
    private static final List<Integer> WIDTHS =
            Stream.of(512, 256, 128, 0).filter(bits -> bits <= VectorPlatform.current().bits()).toList();

    @Parameters(paramLabel = "OPERATION", description = "such as head_int8: all unless some are named")
    private List<Operation> operations = new ArrayList<>();

    @Option(names = "--forks", paramLabel = "N", defaultValue = "5",
            description = "JVMs for each figure; default ${DEFAULT-VALUE}")
    private int forks;

    @Option(names = "--page", paramLabel = "FILE",
            description = "the page to write; without, the table is printed")
    private Path page;

    private final String command;
    private final Map<Operation, double[][]> micros = new EnumMap<>(Operation.class); // [width][JVM]

    private WidthTable(String[] arguments) {
        command = "scripts/width-table" + (arguments.length == 0 ? "" : " " + String.join(" ", arguments));
    }

    /**
     * Measures and writes.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        BenchmarkCommand.run(new WidthTable(arguments), arguments);
    }

    @Override
    public Integer call() throws IOException, RunnerException {
        for (Operation operation : operations.isEmpty() ? Arrays.asList(Operation.values()) : operations) {
            double[][] times = new double[WIDTHS.size()][forks];
            for (int round = 0; round < forks; round++) {
                for (int width = 0; width < times.length; width++) {
                    times[width][round] = measure(operation, WIDTHS.get(width));
                }
            }
            micros.put(operation, times);
            System.err.print(row(operation));
        }
        String table = table();
        if (page == null) {
            System.out.print(table);
        } else {
            TablesOfPage.replace(page, "# Widths", "WidthTable", table);
            System.out.println("written: " + page.toAbsolutePath());
        }
        return 0;
    }

    /** The median of a JVM's iterations, in microseconds. */
    private static double measure(Operation operation, int bits) throws RunnerException {
        Options options = new OptionsBuilder().include(BenchmarkCase.pattern(OperationBenchmark.class, "compute"))
                .param("operation", operation.name()).param("bits", "" + bits).forks(1)
                .jvmArgs(jvmArgs(bits))
                .warmupIterations(10).warmupTime(TimeValue.milliseconds(300))
                .measurementIterations(5).measurementTime(TimeValue.milliseconds(150))
                .verbosity(VerboseMode.SILENT).shouldFailOnError(true).build();
        double[] iterations = new Runner(options).run().stream().map(RunResult::getBenchmarkResults)
                .flatMap(Collection::stream).map(BenchmarkResult::getIterationResults).flatMap(Collection::stream)
                .mapToDouble(iteration -> iteration.getPrimaryResult().getScore()).toArray();
        return Timing.median(iterations);
    }

    /** A heap that does not grow: a page that is new to a virtual machine takes it 15 microseconds. */
    private static String[] jvmArgs(int bits) {
        return Stream.concat(BenchmarkCase.jvmArgs(bits).stream(), Stream.of("-Xms1g", "-Xmx1g", "-XX:+AlwaysPreTouch"))
                .toArray(String[]::new);
    }

    // ---------------------------------------------------------------- table

    private String table() {
        StringBuilder table = new StringBuilder("\n").append(heading());
        micros.keySet().forEach(operation -> table.append(row(operation)));
        return table + "\n" + TablesOfPage.origin(LocalDate.now(ZoneId.systemDefault()).toString(), Machine.describe(),
                Machine.virtualMachine(), command) + "\n";
    }

    private static String heading() {
        StringJoiner columns = new StringJoiner(" | ", "| operation | ", " |\n");
        WIDTHS.forEach(bits -> columns.add(bits == 0 ? "without the Vector API, µs" : bits + " bits, µs"));
        narrower().forEach(width -> columns.add(WIDTHS.get(width) + " : " + WIDTHS.getFirst()));
        return columns + "|---".repeat(1 + WIDTHS.size() + (int) narrower().count()) + "|\n";
    }

    /** Indices of the widths that are compared with the widest. */
    private static IntStream narrower() {
        return IntStream.range(1, WIDTHS.size()).filter(width -> WIDTHS.get(width) > 0);
    }

    private String row(Operation operation) {
        double[] medians = Arrays.stream(micros.get(operation)).mapToDouble(Timing::median).toArray();
        StringBuilder row = new StringBuilder("| " + operation.description());
        for (double median : medians) {
            row.append(" | ").append(ReportPage.digits(median));
        }
        narrower().forEach(width -> row.append(String.format(Locale.ROOT, " | %.2f", medians[width] / medians[0])));
        return row.append(" |\n").toString();
    }
}
