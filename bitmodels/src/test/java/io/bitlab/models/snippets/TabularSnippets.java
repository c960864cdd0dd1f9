package io.bitlab.models.snippets;

import io.bitlab.layers.optim.AdamW;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.tabular.BitTabular;
import io.bitlab.models.tabular.BitTabularConfig;
import io.bitlab.models.tabular.Classification;
import io.bitlab.models.tabular.Classifier;
import io.bitlab.models.tabular.CsvOptions;
import io.bitlab.models.tabular.MissingValues;
import io.bitlab.models.tabular.Regressor;
import io.bitlab.models.tabular.TabularData;
import io.bitlab.models.tabular.TabularInput;
import io.bitlab.models.tabular.TabularTarget;
import io.bitlab.models.tabular.TabularTraining;
import io.bitlab.models.train.ProgressReport;
import io.bitlab.models.train.Trainer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Snippets about tables. */
final class TabularSnippets {

    private TabularSnippets() {}

    static Classification classifier() throws IOException {
        // @start region="classifier"
        Classifier trained = Classifier.train(Path.of("fruit.csv"), "fruit", new ProgressReport("fruit", System.out));
        trained.save(Path.of("fruit-model"));

        Classifier classifier = Classifier.load(Path.of("fruit-model"));
        Classification found = classifier.predict(Map.of("weight", 182, "length", 7.6, "colour", "red"));
        System.out.println(found.label()); // apple
        // @end
        return found;
    }

    static void classification(Classification found) {
        // @start region="classification"
        System.out.println(found); // apple (97.3 %)
        found.top(2).forEach(class_ -> System.out.println(class_.name() + " " + class_.probability()));
        float plum = found.probability("plum");
        // @end
        System.out.println(plum);
    }

    static double regressor() throws IOException {
        // @start region="regressor"
        Regressor trained = Regressor.train(Path.of("flats.csv"), "rent", new ProgressReport("rent", System.out));
        trained.save(Path.of("rent-model"));

        Regressor regressor = Regressor.load(Path.of("rent-model"));
        double rent = regressor.predict(Map.of("area", 64.5, "rooms", 3, "district", "harbour"));
        // @end
        return rent;
    }

    static TabularData options() throws IOException {
        // @start region="options"
        CsvOptions options = CsvOptions.label("species")
                .withSeparator(';')
                .withIgnored("id", "remarks")
                .withCategories("postcode") // numbers that are names
                .withMissingTexts("NA", "?");
        TabularData data = TabularData.readCsv(Path.of("animals.csv"), options);
        // @end
        return data;
    }

    static TabularData data() {
        // @start region="data"
        TabularData data = TabularData.of(List.of("length", "width"), // numbers that are not in a file
                new double[] {7.6, 8.1}, new double[] {9.2, 6.0}, new double[] {7.4, 8.3})
                .withLabels("fruit", List.of("apple", "lemon", "apple"));
        // @end
        return data;
    }

    static Classifier missing(TabularData data) {
        // @start region="missing"
        Classifier classifier = TabularTraining.of(data).missingValues(MissingValues.MEDIAN).trainClassifier();
        // @end
        return classifier;
    }

    static BitTabularConfig config(TabularData train) {
        // @start region="input"
        TabularInput input = TabularInput.of(train, MissingValues.REFUSE); // means, deviations, categories
        float[] rows = input.encode(train); // [rows, input.width()]
        // @end
        // @start region="target"
        TabularTarget target = TabularTarget.of(train);
        if (target instanceof TabularTarget.Classes classes) {
            System.out.println(classes.classNames());
        }
        // @end
        // @start region="config"
        BitTabularConfig config = BitTabularConfig.of(input, target,
                BitMlpConfig.builder().nLayers(4).hiddenDim(128).floatEdges(true));
        // @end
        return rows.length > 0 ? config : null;
    }

    static BitTabular model(TabularData data) {
        // @start region="model"
        TabularData.Split parts = data.split(0.2, 1);
        TabularInput input = TabularInput.of(parts.train(), MissingValues.REFUSE);
        BitTabular model = AutoBitModel.fromConfig(BitTabularConfig.of(input, TabularTarget.of(parts.train())), 1);
        Trainer.builder(model, new AdamW(model.parameters(), 3e-3f)).epochs(50).build()
                .fit(model.samples(parts.train()), model.samples(parts.test()));
        model.deploy();
        Classifier classifier = Classifier.of(model);
        // @end
        return classifier.model();
    }

    static Classifier training(TabularData data, TabularData test) {
        // @start region="training"
        Classifier classifier = TabularTraining.of(data)
                .missingValues(MissingValues.MEAN)
                .network(BitMlpConfig.builder().nLayers(3).hiddenDim(128).floatEdges(true))
                .epochs(60).seed(7)
                .listener(new ProgressReport("fruit", System.out))
                .trainClassifier();
        double accuracy = classifier.accuracy(test);
        // @end
        return accuracy > 0.5 ? classifier : null;
    }
}
