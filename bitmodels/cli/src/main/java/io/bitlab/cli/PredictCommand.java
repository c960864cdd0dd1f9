package io.bitlab.cli;

import io.bitlab.cli.data.CsvFile;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.io.Json;
import io.bitlab.models.tabular.BitTabular;
import io.bitlab.models.tabular.Classification;
import io.bitlab.models.tabular.Classifier;
import io.bitlab.models.tabular.CsvOptions;
import io.bitlab.models.tabular.Regressor;
import io.bitlab.models.tabular.TabularData;
import io.bitlab.models.tabular.TabularTarget;
import io.bitlab.models.vision.Prediction;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Predicts a line for each row of a table. */
@Command(name = "predict", mixinStandardHelpOptions = true, description = "Predicts a line for each row of a CSV file.")
final class PredictCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "MODEL", description = "folder of a model of 'bitlab train table'")
    private Path model;

    @Parameters(index = "1", paramLabel = "FILE", description = "the CSV file; its header names the columns of the"
            + " training, except the one that is predicted")
    private Path file;

    @Option(names = "--separator", description = "of the columns; that of the file's first line unless given")
    private Character separator;

    @Option(names = "--missing-text", split = ",", description = "texts that stand for a missing value, as in the"
            + " training")
    private String[] missingTexts = {};

    @Option(names = "--json", description = "print a line of JSON for each row")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        BitTabular network = AutoBitModel.load(model, BitTabular.class);
        if (network.config().target() instanceof TabularTarget.Quantity) {
            Regressor regressor = Regressor.of(network);
            TabularData rows = read(regressor.csvOptions());
            for (double value : regressor.predictAll(rows)) {
                System.out.println(json ? Json.compact(Map.of("value", value)) : Double.toString(value));
            }
            return 0;
        }
        Classifier classifier = Classifier.of(network);
        TabularData rows = read(classifier.csvOptions());
        for (Classification found : classifier.predictAll(rows)) {
            System.out.println(json ? json(found)
                    : String.format(Locale.ROOT, "%s  %.1f %%", found.label(), 100 * found.probability()));
        }
        return 0;
    }

    private TabularData read(CsvOptions columns) throws IOException {
        return CsvFile.read(file, columns.withSeparator(separator == null ? CsvFile.separator(file) : separator)
                .withMissingTexts(missingTexts), "withMissingTexts is --missing-text");
    }

    private static String json(Classification found) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("label", found.label());
        Map<String, Object> probabilities = new LinkedHashMap<>();
        for (Prediction each : found.ranking()) {
            probabilities.put(each.name(), each.probability());
        }
        result.put("probabilities", probabilities);
        return Json.compact(result);
    }
}
