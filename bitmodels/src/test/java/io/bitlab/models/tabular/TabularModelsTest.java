package io.bitlab.models.tabular;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Layer.Mode;
import io.bitlab.layers.Linear;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.train.EpochResult;
import io.bitlab.models.train.TrainingListener;
import io.bitlab.models.vision.Prediction;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From a CSV file to a prediction with a name, and to a number. */
class TabularModelsTest {

    private static final String HEADER = "mass,length,habitat,kind,speed\n";

    @TempDir
    private static Path folder;
    private static Path animals;
    private static Classifier classifier;
    private static Regressor regressor;

    /** Made up: hares are light, wolves run with their mass, seals are heavy and swim. */
    private static String animals(int rows, long seed) {
        Random random = new Random(seed);
        StringBuilder csv = new StringBuilder(HEADER);
        for (int i = 0; i < rows; i++) {
            int kind = random.nextInt(3);
            double mass = new double[] {4, 40, 90}[kind] * (0.7 + 0.6 * random.nextDouble());
            double length = new double[] {0.5, 1.4, 2.5}[kind] * (0.7 + 0.6 * random.nextDouble());
            double speed = kind == 2 ? 30 - length : 40 + 10 * length + 3 * random.nextDouble();
            csv.append(String.format(Locale.ROOT, "%.3f,%.3f,%s,%s,%.3f%n", mass, length,
                    kind == 2 ? "sea" : random.nextBoolean() ? "wood" : "field",
                    new String[] {"hare", "wolf", "seal"}[kind], speed));
        }
        return csv.toString();
    }

    /** Of which nothing could be learnt: chance must not decide what it adds. */
    @Test
    void aCategoryThatOnlyOtherRowsHaveCountsAsNone() throws IOException {
        TabularData all = TabularData.readCsv("animals", new StringReader(animals(60, 3) + "40,1.4,moon,wolf,50\n"),
                CsvOptions.label("kind").withIgnored("speed"));
        TabularData train = all.select(IntStream.range(0, 60).toArray());
        Classifier trained = TabularTraining.of(train).epochs(3).seed(1).validationShare(0)
                .missingValues(MissingValues.MEAN).trainClassifier();
        Map<String, Object> wolf = new HashMap<>(Map.of("mass", 40, "length", 1.4, "habitat", "moon"));
        Classification onTheMoon = trained.predict(wolf);
        wolf.remove("habitat");
        assertEquals(trained.predict(wolf).ranking(), onTheMoon.ranking());
        TabularTraining.of(train).network(BitMlpConfig.builder().nLayers(2).inChannels(1).hiddenDim(8).outChannels(2)
                .norm(true)).epochs(1).validationShare(0).missingValues(MissingValues.MEAN).trainClassifier();
    }

    @Test
    void inputsThatNoArrayHoldsAreNamed() throws IOException {
        StringBuilder csv = new StringBuilder("code,y\n");
        for (int i = 0; i < 9_000; i++) {
            csv.append("c").append(i).append(i % 2 == 0 ? ",a\n" : ",b\n");
        }
        TabularData few = TabularData.readCsv("codes", new StringReader(csv.toString()),
                CsvOptions.label("y").withCategories("code"));
        TabularInput input = TabularInput.of(few, MissingValues.REFUSE);
        TabularData many = few.select(IntStream.range(0, 250_000).map(i -> i % 9_000).toArray());
        assertTrue(assertThrows(IllegalArgumentException.class, () -> input.encode(many)).getMessage()
                .startsWith("TabularInput: 250000 rows of 9000 inputs don't fit into an array; most inputs come from"
                        + " 'code'"));
    }

    private static TabularTraining training(CsvOptions options) throws IOException {
        return TabularTraining.of(TabularData.readCsv(animals, options)).epochs(30).seed(5);
    }

    @BeforeAll
    static void train() throws IOException {
        animals = Files.writeString(folder.resolve("animals.csv"), animals(240, 1));
        classifier = training(CsvOptions.label("kind").withIgnored("speed")).trainClassifier();
        regressor = training(CsvOptions.target("speed")).trainRegressor();
    }

    private static TabularData test(CsvOptions options) throws IOException {
        return TabularData.readCsv("test", new StringReader(animals(300, 2)), options);
    }

    // ---------------------------------------------------------------- classifiers

    @Test
    void aClassifierTrainsOnAFileAndPredictsNames() throws IOException {
        List<EpochResult> epochs = new ArrayList<>();
        Path file = Files.writeString(folder.resolve("small.csv"), animals(60, 3));
        Classifier trained = Classifier.train(file, "kind", new TrainingListener() {
            @Override
            public void onEpoch(EpochResult result) {
                epochs.add(result);
            }
        });
        assertEquals(100, epochs.size());
        assertEquals(1, epochs.getLast().validationAccuracy());
        assertEquals("wolf", trained.predict(Map.of("mass", 41, "length", 1.5f, "habitat", "wood", "speed", "55.5"))
                .label());
        assertEquals(List.of("mass", "length", "habitat", "speed"), trained.columns());
        assertEquals(Mode.DEPLOYED, trained.model().mode());
    }

    @Test
    void aClassifierKnowsRowsThatItHasNotSeen() throws IOException {
        assertTrue(classifier.accuracy(test(classifier.labelledCsvOptions())) > 0.98);
        assertEquals(List.of("hare", "seal", "wolf"), classifier.classNames().toList());
        Classification found = classifier.predict(Map.of("mass", 90, "length", 2.5, "habitat", "sea"));
        assertEquals("seal", found.label());
        assertEquals(found.probability(), found.probability("seal"));
        assertEquals(1, found.ranking().stream().mapToDouble(Prediction::probability).sum(), 1e-6);
        assertEquals(List.of(found.ranking().getFirst()), found.top(1));
        assertEquals(found.toString(),
                String.format(Locale.ROOT, "seal (%.1f %%)", 100 * found.probability()));
        assertThrows(IllegalArgumentException.class, () -> found.top(4));
        assertThrows(IllegalArgumentException.class, () -> found.top(0));
        assertEquals("Classification: there is no class 'cat' among "
                + "['seal', '" + found.ranking().get(1).name() + "', '" + found.ranking().get(2).name() + "']",
                assertThrows(IllegalArgumentException.class, () -> found.probability("cat")).getMessage());
    }

    /** One layer of a table's network is ternary, the small ones at its ends are float. */
    @Test
    void theNetworkIsTernary() {
        BitMlp network = (BitMlp) classifier.model().children().get("network");
        assertInstanceOf(Linear.class, network.children().get("linear0"));
        assertInstanceOf(BitLinear.class, network.children().get("linear1"));
        assertEquals(null, classifier.model().config().floatTwin().network().quantConfig());
    }

    @Test
    void savedAndLoadedPredictsTheSameBits() throws IOException {
        classifier.save(folder.resolve("kinds"));
        regressor.save(folder.resolve("speeds"));
        Classifier kinds = Classifier.load(folder.resolve("kinds"));
        Regressor speeds = Regressor.load(folder.resolve("speeds"));
        TabularData rows = test(classifier.csvOptions());
        assertEquals(classifier.predictAll(rows), kinds.predictAll(rows));
        TabularData others = test(regressor.csvOptions());
        assertArrayEquals(regressor.predictAll(others), speeds.predictAll(others));
        assertEquals(classifier.model().config(), kinds.model().config());
        BitTabular model = AutoBitModel.load(folder.resolve("kinds"), BitTabular.class);
        assertEquals(classifier.toString(), Classifier.of(model).toString());
        assertTrue(Files.readString(folder.resolve("kinds/config.json")).contains("\"class_names\""));
    }

    @Test
    void manyRowsGiveTheBitsOfEachAlone() throws IOException {
        TabularData rows = test(classifier.csvOptions());
        List<Classification> together = classifier.predictAll(rows);
        List<Map<String, Object>> maps = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) {
            maps.add(rows.row(row));
            assertEquals(together.get(row), classifier.predict(rows.row(row)));
        }
        assertEquals(together, classifier.predictAll(maps));
        assertEquals(List.of(), classifier.predictAll(List.of()));
    }

    @Test
    void eightThreadsShareAClassifier() throws Exception {
        TabularData rows = test(classifier.csvOptions());
        List<Classification> alone = classifier.predictAll(rows);
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<List<Classification>>> results = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                results.add(threads.submit(() -> IntStream.range(0, 60)
                        .mapToObj(row -> classifier.predict(rows.row(row))).toList()));
            }
            for (Future<List<Classification>> result : results) {
                assertEquals(alone.subList(0, 60), result.get());
            }
        }
    }

    @Test
    void theSameSeedTrainsTheSameModel() throws IOException {
        CsvOptions options = CsvOptions.label("kind").withIgnored("speed");
        TabularData rows = test(classifier.csvOptions());
        assertEquals(classifier.predictAll(rows), training(options).trainClassifier().predictAll(rows));
        assertNotEquals(classifier.predictAll(rows), training(options).seed(6).trainClassifier().predictAll(rows));
    }

    @Test
    void aStoppedTrainingGoesOnFromItsCheckpoint() throws IOException {
        Path checkpoint = folder.resolve("checkpoint");
        CsvOptions options = CsvOptions.target("speed");
        TrainingListener stop = new TrainingListener() {
            @Override
            public void onEpoch(EpochResult result) {
                throw new IllegalStateException("killed in epoch " + result.epoch());
            }
        };
        TabularData rows = test(regressor.csvOptions());
        double[] whole = training(options).epochs(4).trainRegressor().predictAll(rows);
        assertThrows(IllegalStateException.class, () -> training(options).epochs(4).checkpoints(checkpoint, 2)
                .listener(stop).trainRegressor());
        assertArrayEquals(whole, training(options).epochs(4).checkpoints(checkpoint, 2).trainRegressor()
                .predictAll(rows));
    }

    // ---------------------------------------------------------------- what is refused

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", value = {
        "mass=4, length=1, habitt=sea   | the model has no column 'habitt' among ['mass', 'length', 'habitat']",
        "Mass=4, length=1, habitat=sea  | the model has no column 'Mass' among ['mass', 'length', 'habitat']; do you "
                + "mean 'mass'?",
        "length=1, habitat=sea          | column 'mass': the value is missing, and the model was trained to refuse "
                + "that; give a value, or train with missingValues(MissingValues.MEAN)",
        "mass=, length=1, habitat=sea   | column 'mass': the value is missing, and the model was trained to refuse "
                + "that; give a value, or train with missingValues(MissingValues.MEAN)",
        "mass=4, length=1               | column 'habitat': the value is missing, and the model was trained to refuse "
                + "that; give one of the categories ['field', 'sea', 'wood'], or train with "
                + "missingValues(MissingValues.MEAN)",
        "mass=4, length=1, habitat=moon | column 'habitat': 'moon' is not one of the categories that the model knows: "
                + "['field', 'sea', 'wood']",
        "mass=4,5; length=1; habitat=sea | column 'mass': '4,5' is not a number, such as 1.5 or \"1.5\"",
        "mass=NaN, length=1, habitat=sea | column 'mass': 'NaN' is not a number, such as 1.5 or \"1.5\"",
        "mass=1e300, length=1, habitat=sea | column 'mass': 1.0E300 is too far from the mean in training, MEAN",
    })
    void badRowsAreRefused(String row, String message) {
        Map<String, String> values = new HashMap<>();
        for (String cell : row.split(row.contains(";") ? "; " : ", ")) {
            values.put(cell.substring(0, cell.indexOf('=')).strip(), cell.substring(cell.indexOf('=') + 1));
        }
        double mean = ((FeatureColumn.Numeric) classifier.model().config().input().columns().getFirst()).mean();
        assertEquals("Classifier.predict: " + message.replace("MEAN", message.endsWith("MEAN") ? mean + "" : "MEAN"),
                assertThrows(IllegalArgumentException.class, () -> classifier.predict(values)).getMessage());
    }

    @Test
    void valuesWithoutNamesAreCounted() {
        assertEquals("Classifier.predict: 2 values, expected 3, one for each of ['mass', 'length', 'habitat']",
                assertThrows(IllegalArgumentException.class, () -> classifier.predict(1, 2)).getMessage());
        assertEquals("Classifier.predict: column 'habitat' holds categories and no numbers; give a map of value by "
                + "name", assertThrows(IllegalArgumentException.class, () -> classifier.predict(1, 2, 3)).getMessage());
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> classifier.predictAll(List.of(Map.of(), Map.of()))).getMessage()
                .startsWith("Classifier.predict: row 0: column 'mass'"));
    }

    @Test
    void modelsOfOtherKindsAreRefused() throws IOException {
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Classifier.of(regressor.model())).getMessage()
                .endsWith("predicts the number 'speed'; use Regressor.of"));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Regressor.of(classifier.model())).getMessage()
                .endsWith("predicts the classes of 'kind'; use Classifier.of"));
        BitTabular untrained = AutoBitModel.fromConfig(classifier.model().config(), 1);
        assertTrue(assertThrows(IllegalStateException.class, () -> Classifier.of(untrained)).getMessage()
                .contains("in training; call eval()"));
        Path nameless = folder.resolve("nameless");
        AutoBitModel.save(AutoBitModel.fromConfig(BitMlpConfig.builder().inChannels(4).outChannels(2).build(), 1),
                nameless);
        assertEquals(nameless + ": holds a io.bitlab.models.mlp.BitMlp (model_type 'bitmlp'), which knows no names of "
                + "columns; expected a io.bitlab.models.tabular.BitTabular, as Classifier.train makes it",
                assertThrows(ModelFormatException.class, () -> Classifier.load(nameless)).getMessage());
    }

    @Test
    void dataOfTheOtherKindIsRefused() throws IOException {
        TabularData labels = test(CsvOptions.label("kind"));
        TabularData numbers = test(CsvOptions.target("speed"));
        TabularData neither = test(CsvOptions.unlabelled());
        assertThrows(IllegalArgumentException.class, () -> TabularTraining.of(labels).trainRegressor());
        assertThrows(IllegalArgumentException.class, () -> TabularTraining.of(numbers).trainClassifier());
        assertThrows(IllegalStateException.class, () -> TabularTraining.of(neither).trainClassifier());
        assertThrows(IllegalArgumentException.class, () -> classifier.model().regressionSamples(numbers));
        assertThrows(IllegalArgumentException.class, () -> regressor.model().samples(labels));
        assertThrows(IllegalArgumentException.class, () -> classifier.accuracy(numbers));
        assertThrows(IllegalArgumentException.class, () -> regressor.model().regressionSamples(labels));
        TabularData other = TabularData.readCsv("cats", new StringReader(HEADER + "4,1,sea,cat,5\n"),
                classifier.labelledCsvOptions());
        assertEquals("cats, line 2, column 'kind': 'cat' is not one of the classes that the model knows: ['hare', "
                + "'seal', 'wolf']",
                assertThrows(IllegalArgumentException.class, () -> classifier.accuracy(other)).getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "4,1,sea,hare,5~               | all rows have the label 'hare', expected at least 2 classes",
        "4,1,sea,hare,5~5,1,sea,hare,5~ | all rows have the label 'hare', expected at least 2 classes",
        "4,1,sea,hare,5~5,1,sea,wolf,5~ | TabularData.split: a share of 0.2 of 2 rows in 2 classes leaves the test "
                + "part empty; take a larger share, and see whether the labels are classes: few rows share one",
    })
    void tooLittleDataIsRefused(String rows, String message) throws IOException {
        Path file = Files.writeString(folder.resolve("few.csv"), HEADER + rows.replace('~', '\n'));
        String thrown = assertThrows(IllegalArgumentException.class, () -> Classifier.train(file, "kind")).getMessage();
        assertTrue(thrown.contains(message), thrown);
    }

    @Test
    void settingsAreChecked() throws IOException {
        TabularTraining training = training(CsvOptions.label("kind"));
        assertThrows(IllegalArgumentException.class, () -> training.epochs(0));
        assertThrows(IllegalArgumentException.class, () -> training.batchSize(0));
        assertThrows(IllegalArgumentException.class, () -> training.validationShare(1));
        assertThrows(IllegalArgumentException.class, () -> training.validationShare(Double.NaN));
    }

    // ---------------------------------------------------------------- missing values

    @Test
    void missingValuesAreFilledInTrainingAndPrediction() throws IOException {
        String holes = animals(120, 4).replaceFirst("\n[^,]*,", "\n,").replaceFirst("wood", "");
        TabularData data = TabularData.readCsv("holes", new StringReader(holes),
                CsvOptions.label("kind").withIgnored("speed"));
        assertThrows(IllegalArgumentException.class, () -> TabularTraining.of(data).validationShare(0).epochs(1)
                .trainClassifier());
        Classifier filled = TabularTraining.of(data).missingValues(MissingValues.MEDIAN).epochs(5)
                .validation(test(CsvOptions.label("kind").withIgnored("speed"))).trainClassifier();
        double fill = ((FeatureColumn.Numeric) filled.model().config().input().columns().getFirst()).fill();
        assertEquals(filled.predict(Map.of("mass", fill, "length", 2.5)), filled.predict(Map.of("length", 2.5)));
        assertEquals(filled.predict(Map.of("length", 2.5)),
                filled.predict(new HashMap<>(Map.of("length", 2.5, "habitat", "", "mass", Double.NaN))));
    }

    // ---------------------------------------------------------------- regressors

    @Test
    void aRegressorPredictsInTheUnitOfTheData() throws IOException {
        assertTrue(regressor.errors(test(regressor.labelledCsvOptions())).r2() > 0.98);
        double speed = regressor.predict(Map.of("mass", 40, "length", 1.4, "habitat", "wood", "kind", "wolf"));
        assertEquals(55.5, speed, 3);
        assertEquals("Regressor(['mass', 'length', 'habitat', 'kind'] -> speed)", regressor.toString());
    }

    @Test
    void aRegressorTrainsOnAFileOfNumbers() throws IOException {
        StringBuilder csv = new StringBuilder("a;b;sum\n");
        for (int i = 0; i < 200; i++) {
            csv.append(i % 17).append(';').append(i % 23).append(';').append(i % 17 + i % 23 + 1000).append('\n');
        }
        Path file = Files.writeString(folder.resolve("sums.csv"), csv);
        Regressor sums = Regressor.train(Files.writeString(file, csv.toString().replace(';', ',')), "sum");
        assertEquals(1012, sums.predict(5, 7), 0.5);
        assertEquals(List.of("a", "b"), sums.columns());
    }

    /** The same training, with outliers among the targets. */
    @Test
    void hubersLossIsNotDominatedByOutliers() throws IOException {
        double[][] rows = new double[200][];
        double[] targets = new double[200];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = new double[] {i / 100.0};
            targets[i] = i % 20 == 0 ? 100 : i / 100.0;
        }
        TabularData data = TabularData.of(List.of("x"), rows).withTargets("y", targets);
        double square = TabularTraining.of(data).validationShare(0).epochs(40).trainRegressor().predict(1.5);
        double huber = TabularTraining.of(data).validationShare(0).epochs(40).huber(0.01f).trainRegressor()
                .predict(1.5);
        assertTrue(Math.abs(huber - 1.5) < 1 && square - 1.5 > 2, huber + " and " + square);
    }
}
