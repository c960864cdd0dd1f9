package io.bitlab.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.bitlab.models.train.GradientPrecision;
import io.bitlab.models.train.ShardGradient;
import io.bitlab.models.train.ShardStep;
import io.bitlab.models.train.ShardWorker;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.serializer.JavaSerializer;
import org.apache.spark.serializer.KryoSerializer;
import org.apache.spark.serializer.Serializer;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import scala.reflect.ClassTag$;

/** Every object that travels arrives as it was, with both of Spark's serialisers. */
class TravelTest {

    static Stream<Serializer> serializers() {
        return Stream.of(new JavaSerializer(new SparkConf()), new KryoSerializer(new SparkConf()));
    }

    @SuppressWarnings("unchecked")
    private static <T> T travelled(Serializer serializer, T value) {
        var tag = ClassTag$.MODULE$.<T>apply(value.getClass());
        var instance = serializer.newInstance();
        return instance.deserialize(instance.serialize(value, tag), tag);
    }

    @ParameterizedTest
    @MethodSource("serializers")
    void modelsAndFunctions(Serializer serializer, @TempDir Path folder) throws Exception {
        TernaryScorer scorer = TernaryScorer.load(SavedModels.classifier(folder));
        Broadcast<SharedModel> broadcast = scorer.broadcast(LocalSpark.session().sparkContext());
        SharedModel arrived = travelled(serializer, broadcast.value());
        assertEquals(broadcast.value().files().bytes(), arrived.files().bytes());
        Object[] fruit = {150.0, 7f, "red"};
        Object[] expected = score(broadcast.value(), fruit);
        assertArrayEquals(expected, score(arrived, fruit));

        Row row = RowFactory.create(150.0, 7f, "red");
        PredictFunction function = travelled(serializer, new PredictFunction(broadcast, ScoringSettings.DEFAULT));
        assertEquals(expected[0], function.apply(row).get(0));
    }

    private static Object[] score(SharedModel model, Object... values) {
        return new BatchScoring<>(RowScorer.of(model.loaded(), ScoringSettings.DEFAULT))
                .score(List.<Object[]>of(values))[0];
    }

    @ParameterizedTest
    @MethodSource("serializers")
    void shards(Serializer serializer) throws Exception {
        SharedWorkers workers = travelled(serializer, new SharedWorkers(() -> SparkTraining.worker(4)));
        ShardStep step = new ShardStep(1, 0, 2, new int[] {3, 1, 4}, Float.NaN);
        ShardGradient expected = SparkTraining.worker(4).compute(step, 0, 2);
        ShardWorker worker = workers.take();
        ShardGradient sum = travelled(serializer, worker.compute(step, 0, 2));
        assertArrayEquals(expected.gradients(), sum.gradients());
        assertEquals(expected.loss(), sum.loss());
        assertEquals(2, sum.shards());
        ShardStep rounded = new ShardStep(1, 0, 2, step.samples(), Float.NaN, GradientPrecision.BFLOAT16);
        ShardGradient half = worker.compute(rounded, 0, 2);
        assertArrayEquals(half.gradients(), travelled(serializer, half).gradients());
    }

    @ParameterizedTest
    @MethodSource("serializers")
    void settings(Serializer serializer) {
        ScoringSettings settings = travelled(serializer, new ScoringSettings("text", "p_", 3, null));
        assertEquals("text", settings.input());
        assertEquals("p_", settings.prefix());
        assertEquals(3, settings.batchRows());
    }
}
