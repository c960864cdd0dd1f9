package io.bitlab.benchmarks.report;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Measures the kernels, and what they are compared with, and writes the tables of a Markdown page.
 *
 * <pre>
 * java -cp benchmarks/target/benchmarks.jar io.bitlab.benchmarks.report.KernelTable [sections] [options]
 *
 * sections      gemv, batches, widths, heads, float, memory, linear, gemm: all of these if none is named;
 *               full: everything, which takes hours; page: measure nothing, write the page
 * --forks N     JVMs for each figure (5)
 * --quick       one short iteration, to see that everything runs; the figures say little
 * --list        print what would be measured, and about how long it would take
 * --out FOLDER  where results are kept (benchmarks/target/kernel-table)
 * --page FILE   the page to write (docs/benchmarks/kernels.md; with --quick, kernels.md in the folder)
 * </pre>
 *
 * <p>A section is measured in rounds, one JVM for each figure in a round, so that what the machine does meanwhile meets
 * all of them. Its results are kept as a file of JMH's JSON; the page is made of all files in the folder, so one
 * section can be measured again without the others.
 */
public final class KernelTable {

    private static final double START_SECONDS = 0.9;
    private static final int MEASURED = 3;

    private final List<TableSection> sections = new ArrayList<>();
    private int forks = 5;
    private boolean quick;
    private boolean list;
    private Path out = Path.of("benchmarks/target/kernel-table");
    private Path page;
    private final String command;

    private KernelTable(String[] arguments) {
        command = "java -cp benchmarks/target/benchmarks.jar " + KernelTable.class.getName()
                + (arguments.length == 0 ? "" : " " + String.join(" ", arguments));
        boolean measuring = true;
        List<String> rest = new ArrayList<>(List.of(arguments));
        while (!rest.isEmpty()) {
            String argument = rest.removeFirst();
            switch (argument) {
                case "--forks" -> forks = Integer.parseInt(value(argument, rest));
                case "--out" -> out = Path.of(value(argument, rest));
                case "--page" -> page = Path.of(value(argument, rest));
                case "--quick" -> quick = true;
                case "--list" -> list = true;
                case "page" -> measuring = false;
                default -> sections.add(section(argument));
            }
        }
        if (measuring && sections.isEmpty()) {
            sections.addAll(List.of(TableSection.values()));
            sections.remove(TableSection.FULL);
        }
        out = quick ? out.resolve("quick") : out;
        if (page == null) {
            page = quick ? out.resolve("kernels.md") : Path.of("docs/benchmarks/kernels.md");
        }
    }

    private static String value(String option, List<String> rest) {
        if (rest.isEmpty()) {
            throw new IllegalArgumentException("KernelTable: " + option + " needs a value");
        }
        return rest.removeFirst();
    }

    private static TableSection section(String name) {
        return Arrays.stream(TableSection.values()).filter(section -> section.id().equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("KernelTable: no section or option is named '" + name
                        + "'; sections are " + Arrays.toString(TableSection.values()).toLowerCase(Locale.ROOT)));
    }

    /**
     * Measures and writes.
     *
     * @param arguments see above
     * @throws IOException if a file can't be written
     * @throws RunnerException if JMH can't start
     */
    public static void main(String[] arguments) throws IOException, RunnerException {
        new KernelTable(arguments).run();
    }

    private void run() throws IOException, RunnerException {
        if (list) {
            sections.forEach(this::list);
            return;
        }
        Files.createDirectories(out.resolve("logs"));
        for (TableSection section : sections) {
            measure(section);
        }
        TablePage.write(out, page);
        System.out.println("written: " + page.toAbsolutePath());
    }

    private void list(TableSection section) {
        section.cases().forEach(System.out::println);
        double warmUp = warmUpTime().convertTo(TimeUnit.MILLISECONDS) / 1e3;
        double measured = MEASURED * measuredTime().convertTo(TimeUnit.MILLISECONDS) / 1e3;
        double seconds = forks
                * section.cases().stream().mapToDouble(c -> START_SECONDS + c.warmUps() * warmUp + measured).sum();
        System.out.printf(Locale.ROOT, "%s: %d figures, about %.0f minutes%n", section.id(), section.cases().size(),
                seconds / 60);
    }

    private TimeValue warmUpTime() {
        return TimeValue.milliseconds(quick ? 50 : 300);
    }

    private static TimeValue measuredTime() {
        return TimeValue.milliseconds(150);
    }

    private void measure(TableSection section) throws IOException, RunnerException {
        Map<TableCase, RunResult> results = new LinkedHashMap<>();
        Properties circumstances = circumstances();
        List<TableCase> cases = section.cases();
        for (int round = 1; round <= forks; round++) {
            for (int i = 0; i < cases.size(); i++) {
                TableCase measured = cases.get(i);
                Path log = out.resolve("logs").resolve(section.id() + "-" + i + "-" + round + ".log");
                Collection<RunResult> found = new Runner(options(measured, log)).run();
                String score = "FAILED, see " + log;
                for (RunResult result : found) {
                    results.merge(measured, result, KernelTable::joined);
                    score = String.format(Locale.ROOT, "%.2f us", result.getPrimaryResult().getScore());
                }
                System.out.printf(Locale.ROOT, "%s %d/%d: %s: %s%n", section.id(), round, forks, measured, score);
            }
            save(section, results.values(), circumstances);
        }
    }

    private Options options(TableCase measured, Path log) {
        OptionsBuilder options = new OptionsBuilder();
        options.include(measured.pattern()).forks(1).jvmArgsAppend(measured.jvmArgs().toArray(String[]::new))
                .warmupIterations(quick ? 1 : measured.warmUps()).warmupTime(warmUpTime())
                .measurementIterations(quick ? 1 : MEASURED).measurementTime(measuredTime())
                .addProfiler(GCProfiler.class).output(log.toString());
        measured.params().forEach(options::param);
        return options.build();
    }

    /** The same benchmark with the forks of both. */
    private static RunResult joined(RunResult first, RunResult second) {
        List<BenchmarkResult> forks = new ArrayList<>(first.getBenchmarkResults());
        forks.addAll(second.getBenchmarkResults());
        return new RunResult(first.getParams(), forks);
    }

    private Properties circumstances() {
        Properties known = new Properties();
        known.setProperty("date", LocalDate.now(ZoneId.systemDefault()).toString());
        known.setProperty("command", command);
        known.setProperty("machine", Machine.describe());
        known.setProperty("jvm", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        return known;
    }

    private void save(TableSection section, Collection<RunResult> results, Properties circumstances)
            throws IOException {
        try (PrintStream json = new PrintStream(Files.newOutputStream(out.resolve(section.id() + ".json")))) {
            ResultFormatFactory.getInstance(ResultFormatType.JSON, json).writeOut(results);
        }
        try (var writer = Files.newBufferedWriter(out.resolve(section.id() + ".properties"))) {
            circumstances.store(writer, null);
        }
    }
}
