package io.bitlab.benchmarks.report;

import io.bitlab.benchmarks.BenchmarkCommand;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URISyntaxException;
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
import java.util.concurrent.Callable;
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
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Measures the kernels, and what they are compared with, and writes the tables of {@code docs/benchmarks/kernels.md}.
 *
 * <pre>
 * scripts/kernel-table [SECTION...] [options]
 *
 * SECTION       gemv, batches, widths, heads, float, memory, linear, gemm: all of these if none is named;
 *               full: everything, which takes hours; page: measure nothing, only write the page
 * --forks N     JVMs for each figure (5)
 * --quick       one short iteration, to see that everything runs; the figures mean nothing
 * --list        print what would be measured, and about how long it would take
 * --out FOLDER  where results are kept (benchmarks/target/kernel-table)
 * --page FILE   the page to write (docs/benchmarks/kernels.md; with --quick, kernels.md in the folder of results)
 * </pre>
 *
 * <p>A section is measured in rounds, one JVM for each figure in a round, so that a disturbance of the machine affects
 * all figures alike. Results are kept as JMH's JSON, one file a section. The page is written from all files in the
 * folder, so one section can be measured again without the others.
 */
@Command(name = "kernel-table", mixinStandardHelpOptions = true,
        description = "Measures the kernels and writes the tables of docs/benchmarks/kernels.md.")
public final class KernelTable implements Callable<Integer> {

    private static final double START_SECONDS = 0.9;
    private static final int MEASURED = 3;
    private static final String ONLY_WRITE_PAGE = "page";

    @Parameters(paramLabel = "SECTION",
            description = "gemv, batches, widths, heads, float, memory, linear, gemm: all of"
                    + " these if none is named; full: everything, which takes hours; page: measure nothing,"
                    + " only write the page")
    private List<String> sectionNames = new ArrayList<>();

    @Option(names = "--forks", paramLabel = "N", defaultValue = "5",
            description = "JVMs for each figure; default ${DEFAULT-VALUE}")
    private int forks;

    @Option(names = "--quick",
            description = "one short iteration, to see that everything runs; the figures mean nothing")
    private boolean quick;

    @Option(names = "--list", description = "print what would be measured, and about how long it would take")
    private boolean list;

    @Option(names = "--out", paramLabel = "FOLDER",
            description = "where results are kept; default benchmarks/target/kernel-table in the checkout")
    private Path out;

    @Option(names = "--page", paramLabel = "FILE", description = "the page to write; default docs/benchmarks/kernels.md"
            + " in the checkout, with --quick kernels.md in the folder of results")
    private Path page;

    private final String command;

    private KernelTable(String[] arguments) {
        command = "scripts/kernel-table" + (arguments.length == 0 ? "" : " " + String.join(" ", arguments));
    }

    /**
     * Measures and writes.
     *
     * @param arguments see above
     */
    public static void main(String[] arguments) {
        BenchmarkCommand.run(new KernelTable(arguments), arguments);
    }

    /** The folder of the checkout: this class is in benchmarks/target/benchmarks.jar or benchmarks/target/classes. */
    private static Path checkout() throws URISyntaxException {
        Path place = Path.of(KernelTable.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        return place.getParent().getParent().getParent();
    }

    private List<ReportSection> sections() {
        List<ReportSection> sections = sectionNames.stream().filter(name -> !name.equals(ONLY_WRITE_PAGE))
                .map(ReportSection::named).toList();
        return sectionNames.isEmpty()
                ? Arrays.stream(ReportSection.values()).filter(section -> section != ReportSection.FULL).toList()
                : sections;
    }

    @Override
    public Integer call() throws IOException, RunnerException, URISyntaxException {
        List<ReportSection> sections = sections();
        if (list) {
            sections.forEach(this::list);
            return 0;
        }
        out = out == null ? checkout().resolve("benchmarks/target/kernel-table") : out;
        out = quick ? out.resolve("quick") : out;
        if (page == null) {
            page = quick ? out.resolve("kernels.md") : checkout().resolve("docs/benchmarks/kernels.md");
        }
        Files.createDirectories(out.resolve("logs"));
        for (ReportSection section : sections) {
            measure(section);
        }
        ReportPage.write(out, page);
        System.out.println("written: " + page.toAbsolutePath());
        return 0;
    }

    private static List<BenchmarkCase> casesHere(ReportSection section) {
        return section.casesOn(ChosenKernels.here());
    }

    private void list(ReportSection section) {
        List<BenchmarkCase> cases = casesHere(section);
        cases.forEach(System.out::println);
        double warmUp = warmUpTime().convertTo(TimeUnit.MILLISECONDS) / 1e3;
        double measured = MEASURED * measuredTime().convertTo(TimeUnit.MILLISECONDS) / 1e3;
        double seconds = forks
                * cases.stream().mapToDouble(c -> START_SECONDS + c.warmUps() * warmUp + measured).sum();
        System.out.printf(Locale.ROOT, "%s: %d figures, about %.0f minutes%n", section.id(), cases.size(),
                seconds / 60);
    }

    private TimeValue warmUpTime() {
        return TimeValue.milliseconds(quick ? 50 : 300);
    }

    private static TimeValue measuredTime() {
        return TimeValue.milliseconds(150);
    }

    private void measure(ReportSection section) throws IOException, RunnerException {
        Map<BenchmarkCase, RunResult> results = new LinkedHashMap<>();
        Properties environment = environment();
        List<BenchmarkCase> cases = casesHere(section);
        for (int round = 1; round <= forks; round++) {
            for (int i = 0; i < cases.size(); i++) {
                BenchmarkCase measured = cases.get(i);
                Path log = out.resolve("logs").resolve(section.id() + "-" + i + "-" + round + ".log");
                Collection<RunResult> found = new Runner(options(measured, log)).run();
                String score = "FAILED, see " + log;
                for (RunResult result : found) {
                    results.merge(measured, result, KernelTable::joined);
                    score = String.format(Locale.ROOT, "%.2f us", result.getPrimaryResult().getScore());
                }
                System.out.printf(Locale.ROOT, "%s %d/%d: %s: %s%n", section.id(), round, forks, measured, score);
            }
            save(section, results.values(), environment);
        }
    }

    private Options options(BenchmarkCase measured, Path log) {
        OptionsBuilder options = new OptionsBuilder();
        options.include(measured.pattern()).forks(1).jvmArgs(measured.jvmArgs().toArray(String[]::new))
                .warmupIterations(quick ? 1 : measured.warmUps()).warmupTime(warmUpTime())
                .measurementIterations(quick ? 1 : MEASURED).measurementTime(measuredTime())
                .addProfiler(GCProfiler.class).output(log.toString());
        measured.params().forEach(options::param);
        return options.build();
    }

    /** One result with the forks of both. */
    private static RunResult joined(RunResult first, RunResult second) {
        List<BenchmarkResult> forks = new ArrayList<>(first.getBenchmarkResults());
        forks.addAll(second.getBenchmarkResults());
        return new RunResult(first.getParams(), forks);
    }

    private Properties environment() {
        Properties properties = new Properties();
        properties.setProperty("date", LocalDate.now(ZoneId.systemDefault()).toString());
        properties.setProperty("command", command);
        properties.setProperty("machine", Machine.describe());
        properties.setProperty("jvm", Machine.virtualMachine());
        return properties;
    }

    private void save(ReportSection section, Collection<RunResult> results, Properties environment)
            throws IOException {
        try (PrintStream json = new PrintStream(Files.newOutputStream(out.resolve(section.id() + ".json")))) {
            ResultFormatFactory.getInstance(ResultFormatType.JSON, json).writeOut(results);
        }
        try (var writer = Files.newBufferedWriter(out.resolve(section.id() + ".properties"))) {
            environment.store(writer, null);
        }
    }
}
