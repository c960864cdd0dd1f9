package io.bitlab.cli.evaluate;

import io.bitlab.cli.data.AnnotatedPhotographs;
import io.bitlab.cli.options.ComputeThreads;
import io.bitlab.cli.options.OutputFile;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.detection.BitDetector;
import io.bitlab.models.detection.DetectorEvaluation;
import io.bitlab.models.detection.data.BoxedImages;
import io.bitlab.models.io.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** How well a detector finds objects on photographs whose boxes are known. */
@Command(name = "detector", mixinStandardHelpOptions = true,
        description = "Says how well a detector finds objects, and draws what it found and missed.")
final class EvaluateDetector implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "MODEL", description = "folder of the model")
    private Path model;

    @Mixin
    private AnnotatedPhotographs photographs;

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
        BoxedImages images = photographs.readAll(detector.config().imageInput(), detector.config().classNames(), seed);
        if (!json) {
            System.out.print(images.report());
        }
        try (Parallel parallel = threads.start()) {
            DetectorEvaluation evaluation = parallel.call(() -> DetectorEvaluation.of(detector, images));
            String tables = DetectorSummary.write(detector, evaluation, images, List.of(), report);
            if (json) {
                System.out.println(Json.compact(DetectorSummary.toJson(detector, evaluation, images, report)));
            } else {
                System.out.printf(Locale.ROOT, "%n%s%nto look at: %s%nAP50: %.3f%n", tables, report,
                        evaluation.scores().ap50());
            }
        }
        return 0;
    }
}
