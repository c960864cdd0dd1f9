package io.bitlab.examples;

import io.bitlab.models.tabular.Classification;
import io.bitlab.models.tabular.Classifier;
import io.bitlab.models.tabular.CsvOptions;
import io.bitlab.models.tabular.MissingValues;
import io.bitlab.models.tabular.Regressor;
import io.bitlab.models.tabular.TabularData;
import io.bitlab.models.tabular.TabularTraining;
import io.bitlab.models.train.ProgressReport;
import io.bitlab.models.train.RegressionErrors;
import java.nio.file.Path;
import java.util.Map;

/** The tutorial about tables: a classifier that names fruit, and a regressor that prices it. */
public final class FruitModels {
    public static void main(String[] args) throws Exception {
        Path csv = SyntheticFruit.write(Path.of("target/fruit.csv"), 800); // for yours, Path.of("my.csv")

        // 1. What is in the file.
        TabularData data = TabularData.readCsv(csv, CsvOptions.label("fruit").withIgnored("price"));
        System.out.println(data);
        TabularData.Split parts = data.split(0.25, 1); // a quarter of each class for the test; 1 is the seed

        // 2. Training. Another fifth of the training part chooses the best epoch.
        Classifier classifier = TabularTraining.of(parts.train())
                .missingValues(MissingValues.MEDIAN)
                .epochs(20).seed(1)
                .listener(new ProgressReport("fruit", System.out))
                .trainClassifier();
        System.out.printf("%.1f %% of the test fruit%n", 100 * classifier.accuracy(parts.test()));

        // 3. Save, load, use.
        classifier.save(Path.of("target/fruit-model"));
        Classifier loaded = Classifier.load(Path.of("target/fruit-model"));
        Classification found = loaded.predict(Map.of("weight", 250, "length", 7.6, "colour", "red")); // no width
        System.out.println(found.label() + ", " + found.probability());
        System.out.println(found.top(2));

        // 4. A file of rows to name.
        TabularData rows = TabularData.readCsv(csv, loaded.csvOptions());
        System.out.println("the first row: " + loaded.predictAll(rows).getFirst());

        // 5. A number instead of a name.
        TabularData.Split prices = TabularData.readCsv(csv, CsvOptions.target("price")).split(0.25, 1);
        Regressor regressor = TabularTraining.of(prices.train()).epochs(40).seed(1).trainRegressor();
        RegressionErrors errors = regressor.errors(prices.test());
        System.out.printf("prices are off by %.2f on average, R2 %.3f%n", errors.meanAbsolute(), errors.r2());
        System.out.printf("this one should cost %.2f%n", regressor.predict(
                Map.of("weight", 250, "length", 7.6, "width", 8.1, "colour", "red", "fruit", "apple")));
    }
}
