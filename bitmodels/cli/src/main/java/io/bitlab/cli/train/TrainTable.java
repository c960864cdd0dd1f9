package io.bitlab.cli.train;

import io.bitlab.cli.data.CsvFile;
import io.bitlab.cli.options.ComputeThreads;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.models.tabular.Classifier;
import io.bitlab.models.tabular.CsvOptions;
import io.bitlab.models.tabular.MissingValues;
import io.bitlab.models.tabular.Regressor;
import io.bitlab.models.tabular.TabularData;
import io.bitlab.models.tabular.TabularTarget;
import io.bitlab.models.tabular.TabularTraining;
import io.bitlab.models.train.ProgressReport;
import io.bitlab.models.train.RegressionErrors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a model of a table: one that names what a row describes, or one that predicts a number. */
@Command(name = "table", mixinStandardHelpOptions = true,
        description = "Trains a model of a CSV file with a header: with --label one that names what a row describes,"
                + " with --target one that predicts a number.")
final class TrainTable implements Callable<Integer> {

    private static final double TEST_SHARE = 0.2;

    @Spec
    private CommandSpec spec;

    @Option(names = "--data", required = true, description = "the CSV file")
    private Path data;

    @Option(names = "--label", description = "the column of the names that are predicted")
    private String label;

    @Option(names = "--target", description = "the column of the numbers that are predicted")
    private String target;

    @Option(names = "--ignore", split = ",", description = "columns that are not used")
    private String[] ignored = {};

    @Option(names = "--separator", description = "of the columns; that of the file's first line unless given")
    private Character separator;

    @Option(names = "--categories", split = ",", description = "columns of codes that look like numbers, such as"
            + " postcodes")
    private String[] categories = {};

    @Option(names = "--missing-text", split = ",", description = "texts that stand for a missing value, such as NA;"
            + " empty cells do in any case")
    private String[] missingTexts = {};

    @Option(names = "--missing", defaultValue = "REFUSE",
            description = "rows with empty cells: ${COMPLETION-CANDIDATES}; ${DEFAULT-VALUE} unless given")
    private MissingValues missing;

    @Option(names = "--epochs", defaultValue = "0", description = "${DEFAULT-VALUE}, the default, chooses")
    private int epochs;

    @Option(names = "--seed", defaultValue = "0", description = "${DEFAULT-VALUE} unless given")
    private long seed;

    @Mixin
    private ComputeThreads threads;

    @Option(names = "--out", description = "folder for the model; ${DEFAULT-VALUE} unless given")
    private Path out = Path.of("table-model");

    @Override
    public Integer call() throws IOException {
        OutputFolder.check(out);
        if ((label == null) == (target == null)) {
            throw new CommandLine.ParameterException(spec.commandLine(), "What shall be predicted? Name its column with"
                    + " --label or --target; " + data + " has " + CsvFile.header(data));
        }
        CsvOptions options = (label != null ? CsvOptions.label(label) : CsvOptions.target(target))
                .withSeparator(separator == null ? CsvFile.separator(data) : separator).withIgnored(ignored)
                .withCategories(categories).withMissingTexts(missingTexts);
        TabularData all = CsvFile.read(data, options,
                "withMissingTexts is --missing-text, withCategories --categories, and withIgnored --ignore");
        System.out.println(all);
        TabularTarget.of(all); // its message is better than that of a split
        TabularData.Split parts = all.split(TEST_SHARE, seed);
        try (Parallel parallel = threads.start()) {
            parallel.call(() -> {
                train(parts);
                return null;
            });
        }
        System.out.println("saved in " + out);
        return 0;
    }

    private void train(TabularData.Split parts) throws IOException {
        TabularTraining training = TabularTraining.of(parts.train()).missingValues(missing).seed(seed)
                .listener(new ProgressReport("ternary", System.out));
        if (epochs != 0) {
            training.epochs(epochs);
        }
        if (label != null) {
            Classifier classifier = training.trainClassifier();
            classifier.save(out);
            System.out.printf(Locale.ROOT, "accuracy on %d rows that were held back: %.2f %%%n", parts.test().size(),
                    100 * classifier.accuracy(parts.test()));
        } else {
            Regressor regressor = training.trainRegressor();
            regressor.save(out);
            RegressionErrors errors = regressor.errors(parts.test());
            System.out.printf(Locale.ROOT,
                    "on %d rows that were held back: mean absolute error %.4g, root mean square %.4g, R2 %.3f%n",
                    parts.test().size(), errors.meanAbsolute(), errors.rootMeanSquare(), errors.r2());
        }
    }
}
