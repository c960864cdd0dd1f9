package io.bitlab.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.train.GradientExchange;
import io.bitlab.models.train.ShardStep;
import io.bitlab.models.train.ShardWorker;
import io.bitlab.models.train.TrainingListener;
import io.bitlab.spark.examples.LocalCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Executors in JVMs of their own: two, with two tasks each. */
@Tag("long")
class ClusterTest {

    private static final int HIDDEN = 16;

    private static SparkSession session;

    @BeforeAll
    static void start() throws IOException {
        LocalSpark.stop();
        session = LocalCluster.builder("local-cluster[2,2,1024]")
                .config("spark.ui.retainedJobs", 50).config("spark.ui.retainedStages", 50)
                .config("spark.ui.retainedTasks", 200).getOrCreate();
    }

    @AfterAll
    static void stop() {
        session.stop();
    }

    private static String jvm() {
        return Long.toString(ProcessHandle.current().pid());
    }

    @Test
    void oneModelAnExecutor(@TempDir Path folder) throws Exception {
        long deadline = System.nanoTime() + 300_000_000_000L;
        while (session.sparkContext().statusTracker().getExecutorInfos().length < 3) { // the driver is one of them
            assertTrue(System.nanoTime() < deadline, "there are no two executors");
            Thread.sleep(100);
        }
        TernaryScorer scorer = TernaryScorer.load(SavedModels.wide(8, folder));
        var model = scorer.broadcast(session.sparkContext());
        List<String> seen = new JavaSparkContext(session.sparkContext())
                .parallelize(List.of(0, 1, 2, 3, 4, 5, 6, 7), 8).map(_ -> {
                    Thread.sleep(200); // all slots are busy
                    return jvm() + " " + System.identityHashCode(model.value().loaded().model());
                }).collect();
        assertEquals(2, seen.stream().map(text -> text.split(" ")[0]).distinct().count(), seen.toString());
        assertEquals(2, seen.stream().distinct().count(), seen.toString());
        String[] columns = new String[9];
        columns[0] = "id";
        for (int i = 0; i < 8; i++) {
            columns[i + 1] = "sin(id + " + i + ") as f" + i;
        }
        Dataset<Row> rows = session.range(0, 400, 1, 4).selectExpr(columns);
        List<Row> scored = scorer.transform(rows).orderBy("id").collectAsList();
        var expected = io.bitlab.models.tabular.Classifier.load(folder);
        for (Row row : scored) {
            double[] features = new double[8];
            java.util.Arrays.setAll(features, i -> row.getDouble(i + 1));
            assertEquals(expected.predict(features).probability(), row.<Float>getAs("probability"));
        }
    }

    @Test
    void theDriversHeapStaysFlat() throws Exception {
        try (SparkGradientExchange exchange = SparkGradientExchange.of(session, 4, 4,
                () -> SparkTraining.worker(HIDDEN))) {
            ShardWorker trainer = ShardWorker.of(SparkTraining.trainer(SparkTraining.model(HIDDEN)).build(),
                    SparkTraining.data());
            int[] samples = {1, 2, 3, 4};
            long[] used = new long[1100];
            for (int i = 0; i < used.length; i++) {
                exchange.sum(new ShardStep(1, i, 4, samples, Float.NaN), trainer);
                if (i % 100 == 99) {
                    used[i] = usedHeap();
                }
            }
            double growth = (used[1099] - used[199]) / 900.0;
            assertTrue(growth < 2_000, growth + " bytes a step: " + Arrays.toString(Arrays.stream(used)
                    .filter(bytes -> bytes > 0).map(bytes -> bytes >> 10).toArray()) + " KiB");
        }
    }

    /** After a collection; Spark drops broadcasts after it, in a thread of its own. */
    private static long usedHeap() throws InterruptedException {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(100);
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }

    @Test
    void aKilledExecutorChangesNoBit() {
        float[] expected = SparkTraining.weights(GradientExchange.inOneJvm(8), HIDDEN);
        AtomicInteger killed = new AtomicInteger();
        BitMlp model = SparkTraining.model(HIDDEN);
        try (SparkGradientExchange exchange = SparkGradientExchange.of(session, 8, 4,
                () -> SparkTraining.worker(HIDDEN))) {
            SparkTraining.trainer(model).gradientExchange(exchange).listener(new TrainingListener() {
                @Override
                public void onStep(int epoch, int step, double loss, double accuracy) {
                    if (epoch == 1 && step == 2) {
                        long victim = Long.parseLong(new JavaSparkContext(session.sparkContext())
                                .parallelize(List.of(0), 1).map(_ -> jvm()).first());
                        assertTrue(victim != ProcessHandle.current().pid());
                        ProcessHandle.of(victim).orElseThrow().destroyForcibly(); // kill -9
                        killed.incrementAndGet();
                    }
                }
            }).build().fit(SparkTraining.data(), null);
        }
        assertEquals(1, killed.get());
        assertArrayEquals(expected, ShardWorker.of(SparkTraining.trainer(model).build(), SparkTraining.data()).state());
    }
}
