package io.bitlab.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.AutoBitModel;
import io.bitlab.models.detection.BitDetector;
import io.bitlab.models.detection.DetectedObject;
import io.bitlab.models.generate.Generation;
import io.bitlab.models.generate.SamplingConfig;
import io.bitlab.models.generate.TextEncoder;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageReadOptions;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.tabular.Classification;
import io.bitlab.models.tabular.Classifier;
import io.bitlab.models.tabular.Regressor;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.tokenizer.Tokenizers;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.vision.ImageClassifier;
import io.bitlab.models.vision.Prediction;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scored rows equal what the library says of each row alone, to the bit. */
class TernaryScorerTest {

    private static final StructType FRUIT = StructType.fromDDL("id int, weight double, width float, colour string");

    /** Every hundredth row is rubbish: an unknown colour, a missing weight, or one that is out of range. */
    private static List<Row> fruits(int count) {
        Random random = new Random(3);
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Double weight = 100 + 100 * random.nextDouble();
            Float width = i % 7 == 0 ? null : 4 + 6 * random.nextFloat();
            String colour = i % 11 == 0 ? null : i % 2 == 0 ? "red" : "green";
            rows.add(i % 100 != 50 ? RowFactory.create(i, weight, width, colour)
                    : i % 300 == 50 ? RowFactory.create(i, weight, width, "plaid")
                    : RowFactory.create(i, i % 300 == 150 ? null : Double.valueOf(1e300), width, colour));
        }
        return rows;
    }

    private static Map<String, Object> values(Row row) {
        Map<String, Object> values = new HashMap<>();
        for (String column : List.of("weight", "width", "colour")) {
            values.put(column, row.getAs(column));
        }
        return values;
    }

    private static List<Row> collect(Dataset<Row> rows) {
        return rows.orderBy("id").collectAsList();
    }

    private static float[] floats(Row row, String column) {
        List<Float> list = row.getList(row.fieldIndex(column));
        float[] values = new float[list.size()];
        IntStream.range(0, values.length).forEach(i -> values[i] = list.get(i));
        return values;
    }

    @Test
    void classesRubbishAndNulls(@TempDir Path folder) throws Exception {
        Classifier classifier = Classifier.load(SavedModels.classifier(folder));
        TernaryScorer scorer = TernaryScorer.load(folder).withBatchRows(64);
        Dataset<Row> scored = scorer.transform(LocalSpark.rows(fruits(1000), FRUIT, 3));
        assertEquals(scorer.outputSchema(FRUIT), scored.schema());
        assertArrayEquals(new String[] {"apple", "pear", "fig"},
                scored.schema().apply("probabilities").metadata().getStringArray("classes"));
        List<Row> rows = collect(scored);
        assertEquals(1000, rows.size());
        int bad = 0;
        for (Row row : rows) {
            if (row.getInt(0) % 100 == 50) {
                String error = row.getAs("error");
                assertTrue(error.startsWith("column '"), error);
                assertNull(row.getAs("prediction"));
                assertNull(row.getAs("probabilities"));
                bad++;
            } else {
                Classification expected = classifier.predict(values(row));
                assertNull(row.getAs("error"));
                assertEquals(expected.label(), row.getAs("prediction"));
                assertEquals(expected.probability(), row.<Float>getAs("probability"));
                float[] probabilities = floats(row, "probabilities");
                for (Prediction prediction : expected.ranking()) {
                    assertEquals(prediction.probability(), probabilities[prediction.index()]);
                }
            }
        }
        assertEquals(10, bad);
        assertNull(rows.get(7).get(2), "a null stays one, though the model fills it");
    }

    @Test
    void numbers(@TempDir Path folder) throws Exception {
        Regressor regressor = Regressor.load(SavedModels.regressor(folder));
        Dataset<Row> fruits = LocalSpark.rows(fruits(200), FRUIT, 2);
        List<Row> rows = collect(TernaryScorer.load(folder).withPrefix("price_").transform(fruits));
        for (Row row : rows) {
            if (row.getInt(0) % 100 == 50) {
                assertNotNull(row.getAs("price_error"));
            } else {
                assertEquals(regressor.predict(values(row)), row.<Double>getAs("price_prediction"));
            }
        }
    }

    @Test
    void embeddingsAndContinuations(@TempDir Path folder) throws Exception {
        BitTransformer model = AutoBitModel.load(SavedModels.language(folder), BitTransformer.class);
        Tokenizer tokenizer = Tokenizers.ofModel(folder);
        List<Row> texts = new ArrayList<>(List.of(RowFactory.create(0, "the fox"), RowFactory.create(1, "7 dogs"),
                RowFactory.create(2, null), RowFactory.create(3, ""), RowFactory.create(4, "a lazy dog over")));
        Dataset<Row> rows = LocalSpark.rows(texts, StructType.fromDDL("id int, line string"), 2);
        TernaryScorer scorer = TernaryScorer.load(folder).withInput("line");
        TextEncoder encoder = TextEncoder.builder(model, tokenizer).build();
        TextGenerator generator = TextGenerator.builder(model, tokenizer).maxTokens(5)
                .sampling(SamplingConfig.TEXT.withSeed(7)).build();
        List<Row> both = collect(scorer
                .generating(builder -> builder.maxTokens(5).sampling(SamplingConfig.TEXT.withSeed(7)))
                .transform(scorer.withPrefix("vector_").transform(rows)));
        for (Row row : both) {
            String line = row.getAs("line");
            if (line == null) {
                assertTrue(row.isNullAt(2) && row.isNullAt(3) && row.isNullAt(4) && row.isNullAt(6), row.toString());
            } else if (line.isEmpty() || line.equals("7 dogs")) {
                assertNotNull(row.getAs("vector_error"));
                assertNotNull(row.getAs("error"));
            } else {
                assertArrayEquals(encoder.encode(line), floats(row, "vector_embedding"));
                Generation expected = generator.generate(line);
                assertEquals(expected.text(), row.getAs("generated"));
                assertEquals(expected.reason().name(), row.getAs("finish_reason"));
            }
        }
    }

    @Test
    void pictures(@TempDir Path folder) throws Exception {
        ImageClassifier classifier = AutoBitModel.load(SavedModels.images(folder.resolve("images")),
                ImageClassifier.class);
        BitDetector detector = AutoBitModel.load(SavedModels.detector(folder.resolve("detector")), BitDetector.class);
        List<Row> pictures = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            pictures.add(RowFactory.create(i, SavedModels.picture(20 + i, 30, i, folder)));
        }
        pictures.add(RowFactory.create(5, new byte[] {1, 2, 3}));
        pictures.add(RowFactory.create(6, null));
        Dataset<Row> rows = LocalSpark.rows(pictures, StructType.fromDDL("id int, content binary"), 2);
        List<Row> both = collect(TernaryScorer.load(folder.resolve("detector")).withPrefix("found_")
                .transform(TernaryScorer.load(folder.resolve("images")).transform(rows)));
        int objects = 0;
        for (Row row : both.subList(0, 5)) {
            BitImage image = BitImage.read(row.<byte[]>getAs("content"), ImageReadOptions.defaults());
            Prediction best = classifier.classify(image, 1).getFirst();
            assertEquals(best.name(), row.getAs("prediction"));
            assertEquals(best.probability(), floats(row, "probabilities")[best.index()]);
            List<DetectedObject> expected = detector.detect(image).objects();
            List<Row> found = row.getList(row.fieldIndex("found_detections"));
            assertEquals(expected.stream().map(object -> RowFactory.create(object.name(), object.score(),
                    object.box().left(), object.box().top(), object.box().right(), object.box().bottom())).toList(),
                    found.stream().map(object -> RowFactory.create(IntStream.range(0, 6).mapToObj(object::get)
                            .toArray())).toList());
            objects += found.size();
        }
        assertTrue(objects > 0, "the detector finds nothing, so nothing was compared");
        assertNotNull(both.get(5).getAs("error"));
        assertNotNull(both.get(5).getAs("found_error"));
        assertTrue(both.get(6).isNullAt(2) && both.get(6).isNullAt(5) && both.get(6).isNullAt(6));
    }

    @Test
    void theModelIsLoadedOnce(@TempDir Path folder) throws Exception {
        TernaryScorer scorer = TernaryScorer.load(SavedModels.classifier(folder));
        var context = LocalSpark.session().sparkContext();
        SharedModel sent = scorer.broadcast(context).value();
        assertEquals(scorer.broadcast(context).id(), scorer.withPrefix("a_").broadcast(context).id());
        List<LoadedModel> seen = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = IntStream.range(0, 8).mapToObj(_ -> Thread.ofPlatform().unstarted(
                () -> seen.add(sent.loaded()))).toList();
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(1, seen.stream().distinct().count());
    }

    @Test
    void refusals(@TempDir Path folder) throws Exception {
        TernaryScorer scorer = TernaryScorer.load(SavedModels.classifier(folder.resolve("classes")));
        assertMessage("there is no column 'weight' among [Weight, width, colour]", scorer,
                "Weight double, width double, colour string");
        assertMessage("such as 'Weight'", scorer, "Weight double, width double, colour string");
        assertMessage("'weight' is of type boolean, expected numbers", scorer,
                "weight boolean, width double, colour string");
        assertMessage("'colour' is of type double, expected categories", scorer,
                "weight double, width double, colour double");
        assertMessage("there are several columns 'weight'", scorer,
                "weight double, width double, colour string, weight int");
        assertMessage("there already is a column 'error'", scorer,
                "weight double, width double, colour string, Error int");
        assertThrows(IllegalArgumentException.class, () -> scorer.withInput("text"));
        assertThrows(IllegalArgumentException.class, () -> scorer.generating(builder -> builder));
        assertThrows(IllegalArgumentException.class, () -> scorer.withBatchRows(0));
        var plain = AutoBitModel.fromConfig(
                BitMlpConfig.builder().nLayers(2).inChannels(2).hiddenDim(4).outChannels(2).build());
        AutoBitModel.save(plain, folder.resolve("plain"));
        assertThrows(IllegalArgumentException.class, () -> TernaryScorer.load(folder.resolve("plain")));
    }

    @Test
    void aStreamIsScoredByBatches(@TempDir Path folder) throws Exception {
        TernaryScorer scorer = TernaryScorer.load(SavedModels.regressor(folder.resolve("model")));
        Dataset<Row> stream = LocalSpark.session().readStream().format("rate-micro-batch").option("rowsPerBatch", 3)
                .load().selectExpr("value as weight", "cast(value as double) as width", "'red' as colour");
        String message = assertThrows(IllegalArgumentException.class, () -> scorer.transform(stream)).getMessage();
        assertTrue(message.contains("foreachBatch"), message);
        List<Long> counts = Collections.synchronizedList(new ArrayList<>());
        var query = stream.writeStream().trigger(Trigger.AvailableNow()).option("checkpointLocation",
                folder.resolve("checkpoint").toString()).foreachBatch((batch, _) -> {
                    counts.add(scorer.transform(batch).where("error is null").count());
                }).start();
        query.awaitTermination();
        assertFalse(counts.isEmpty());
        assertTrue(counts.stream().allMatch(count -> count == 3), counts.toString());
    }

    @Test
    void aQueryAroundIt(@TempDir Path folder) throws Exception {
        TernaryScorer scorer = TernaryScorer.load(SavedModels.regressor(folder));
        SparkSession session = LocalSpark.session();
        Dataset<Row> rows = session.range(0, 60, 1, 4).selectExpr("id % 6 as weight", "cast(id as double) as width",
                "'red' as colour");
        Dataset<Row> few = rows.groupBy("weight", "colour").max("width").withColumnRenamed("max(width)", "width");
        Dataset<Row> scored = scorer.transform(few).cache(); // the rows are shuffled below and above
        assertEquals(6, scored.groupBy("prediction").count().count());
        assertEquals(List.of(), scored.where("prediction is null").collectAsList());
        assertEquals(List.of("weight", "colour", "width", "prediction", "error"), List.of(scored.columns()));
        assertEquals(6, scored.join(rows.select("weight").distinct(), "weight").count());
        assertEquals(0, scorer.transform(rows.limit(0)).count());
    }

    private static void assertMessage(String part, TernaryScorer scorer, String schema) {
        String message = assertThrows(IllegalArgumentException.class,
                () -> scorer.outputSchema(StructType.fromDDL(schema.replace("Error", "error")))).getMessage();
        assertTrue(message.contains(part), message + Arrays.toString(schema.split(",")));
    }
}
