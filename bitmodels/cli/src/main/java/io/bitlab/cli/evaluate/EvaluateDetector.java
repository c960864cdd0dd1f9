package io.bitlab.cli.evaluate;

import io.bitlab.cli.data.AnnotatedPhotographs;
import io.bitlab.cli.options.ComputeThreads;
import io.bitlab.cli.options.OutputFile;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.detection.BitDetector;
import io.bitlab.models.detection.DetectionReport;
import io.bitlab.models.detection.DetectorEvaluation;
import io.bitlab.models.detection.data.BoxedImages;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.io.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** How well a detector finds objects on photographs whose boxes are known. */
@Command(name = "detector", mixinStandardHelpOptions = true,
        description = "Says how well a detector finds objects, and draws what it found and missed.")
final class EvaluateDetector implements Callable<Integer> {

    /** Pictures whose time is measured. */
    private static final int MEASURED = 25;

    @Parameters(index = "0", paramLabel = "MODEL", description = "folder of the model")
    private Path model;

    @Mixin
    private AnnotatedPhotographs photographs;

    @Option(names = "--beside", paramLabel = "MODEL",
            description = "another detector of the same classes that the page shows beside it, such as the float twin")
    private Path beside;

    @Option(names = "--report", description = "file for the page; ${DEFAULT-VALUE} unless given")
    private Path report = Path.of("detector-report.html");

    @Option(names = "--seed", defaultValue = "0", description = "of drawn scenes; ${DEFAULT-VALUE} unless given")
    private long seed;

    @Mixin
    private ComputeThreads threads;

    @Option(names = "--json", description = "print JSON instead of tables")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        OutputFile.check("--report", report);
        BitDetector detector = AutoBitModel.load(model, BitDetector.class);
        BitDetector other = beside == null ? null : AutoBitModel.load(beside, BitDetector.class);
        if (other != null && !other.config().classNames().equals(detector.config().classNames())) {
            throw new IllegalArgumentException("--beside: " + beside + " finds "
                    + other.config().classNames().toList() + ", " + model + " finds "
                    + detector.config().classNames().toList() + "; choose a detector of the same classes");
        }
        BoxedImages images = photographs.readAll(detector.config().imageInput(), detector.config().classNames(), seed);
        if (!json) {
            System.out.print(images.report());
        }
        try (Parallel parallel = threads.start()) {
            DetectorEvaluation evaluation = parallel.call(() -> DetectorEvaluation.of(detector, images));
            double seconds = parallel.call(() -> seconds(detector, images));
            DetectionReport.Builder page = DetectionReport.builder(detector, evaluation, images)
                    .note(String.format(Locale.ROOT, "%.1f ms a picture", 1e3 * seconds));
            if (other != null) {
                page.beside(beside.toString(), parallel.call(() -> DetectorEvaluation.of(other, images)));
            }
            page.build().writeHtml(report);
            if (json) {
                Map<String, Object> figures = DetectorSummary.toJson(detector, evaluation, images, report);
                figures.put("seconds_a_picture", seconds);
                System.out.println(Json.compact(figures));
            } else {
                System.out.printf(Locale.ROOT, "%n%s%nto look at: %s%n%.1f ms a picture%nAP50: %.3f%n",
                        DetectorSummary.tables(detector, evaluation), report, 1e3 * seconds,
                        evaluation.scores().ap50());
            }
        }
        return 0;
    }

    /** The median time of a picture, already decoded; the evaluation has warmed up the JVM. */
    private static double seconds(BitDetector detector, BoxedImages images) throws IOException {
        double[] seconds = new double[Math.min(MEASURED, images.size())];
        for (int i = 0; i < seconds.length; i++) {
            BitImage image = images.image(i);
            long start = System.nanoTime();
            detector.detect(image);
            seconds[i] = (System.nanoTime() - start) * 1e-9;
        }
        Arrays.sort(seconds);
        return seconds[seconds.length / 2];
    }
}
