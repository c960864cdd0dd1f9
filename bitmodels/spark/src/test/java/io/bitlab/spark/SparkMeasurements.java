package io.bitlab.spark;

import com.sun.management.OperatingSystemMXBean;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.tabular.Classification;
import io.bitlab.models.tabular.Classifier;
import io.bitlab.models.train.GradientExchange;
import io.bitlab.models.train.GradientPrecision;
import io.bitlab.models.train.ShardGradient;
import io.bitlab.models.train.ShardStep;
import io.bitlab.models.train.ShardWorker;
import io.bitlab.spark.examples.LocalCluster;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.StatUtils;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Measures what the page about Spark says; a program, not a test. */
final class SparkMeasurements {

    private static final int ROWS = 50_000;
    private static final int FEATURES = 64;
    private static final int STEPS = 400; // Spark's own code is compiled during the first 200

    private SparkMeasurements() {
    }

    public static void main(String[] args) throws Exception {
        if (args[0].equals("score")) {
            score();
        } else {
            exchange(args[1], GradientPrecision.valueOf(args[2]));
        }
    }

    /** Of the processor, in all threads: other programs of the machine don't count. */
    private static double processorSeconds(IORunnable work) throws IOException {
        OperatingSystemMXBean machine = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long start = machine.getProcessCpuTime();
        work.run();
        return (machine.getProcessCpuTime() - start) * 1e-9;
    }

    private static double seconds(IORunnable work) throws IOException {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) * 1e-9;
    }

    private interface IORunnable {
        void run() throws IOException;
    }

    /** One thread each. The plain library gets its rows as maps, as its users have them. */
    private static void score() throws IOException {
        Path folder = SavedModels.wide(FEATURES, Files.createTempDirectory("measured"));
        SparkSession session = LocalCluster.builder("local[1]").getOrCreate();
        String[] columns = IntStream.range(0, FEATURES).mapToObj(i -> "sin(id * " + (i + 1) + ") as f" + i)
                .toArray(String[]::new);
        Dataset<Row> rows = session.range(0, ROWS, 1, 1).selectExpr(columns).cache();
        List<Map<String, Double>> maps = new ArrayList<>();
        for (Row row : rows.collectAsList()) {
            Map<String, Double> map = new HashMap<>();
            for (int i = 0; i < FEATURES; i++) {
                map.put("f" + i, row.getDouble(i));
            }
            maps.add(map);
        }
        Classifier classifier = Classifier.load(folder);
        TernaryScorer scorer = TernaryScorer.load(folder);
        for (int round = 0; round < 20; round++) {
            double library = processorSeconds(() -> {
                for (int from = 0; from < ROWS; from += 512) {
                    List<Classification> all = classifier.predictAll(maps.subList(from, Math.min(ROWS, from + 512)));
                    if (all.getFirst().probability() < 0) {
                        throw new IllegalStateException();
                    }
                }
            });
            double scan = processorSeconds(() -> rows.write().format("noop").mode("overwrite").save());
            double spark =
                    processorSeconds(() -> scorer.transform(rows).write().format("noop").mode("overwrite").save());
            System.out.printf(Locale.ROOT, "library %.2f s, Spark %.2f s, of which reading alone %.2f s: %+.0f %%%n",
                    library, spark, scan, 100 * (spark - scan - library) / library);
        }
        session.stop();
    }

    /** A million parameters. */
    private static void exchange(String master, GradientPrecision precision) throws IOException {
        int hidden = 1000;
        SparkSession session = LocalCluster.builder(master).getOrCreate();
        BitMlp model = SparkTraining.model(hidden);
        ShardWorker trainer = ShardWorker.of(SparkTraining.trainer(model).build(), SparkTraining.data());
        int[] samples = IntStream.range(0, 16).toArray();
        try (SparkGradientExchange exchange = SparkGradientExchange.of(session, 2, 2, precision,
                () -> SparkTraining.worker(hidden))) {
            GradientExchange local = GradientExchange.inOneJvm(2, precision);
            double[] seconds = new double[STEPS];
            double[] alone = new double[STEPS];
            for (int i = 0; i < seconds.length; i++) {
                ShardStep step = new ShardStep(1, i, 2, samples, Float.NaN, precision);
                ShardGradient[] sums = new ShardGradient[2];
                alone[i] = seconds(() -> sums[0] = local.sum(step, trainer));
                seconds[i] = seconds(() -> sums[1] = exchange.sum(step, trainer));
                if (!Arrays.equals(sums[0].gradients(), sums[1].gradients())) {
                    throw new IllegalStateException("step " + i + " differs");
                }
            }
            System.out.printf(Locale.ROOT,
                    "%,d weights: a step takes %.0f ms in one JVM, %.0f ms (at best %.0f) on %s%n",
                    trainer.state().length, median(alone), median(seconds),
                    1000 * Arrays.stream(seconds).min().orElseThrow(), master);
        }
        session.stop();
    }

    /** In milliseconds, of the second half. */
    private static double median(double... seconds) {
        int half = seconds.length / 2;
        return 1000 * StatUtils.percentile(seconds, half, seconds.length - half, 50);
    }
}
