package io.bitlab.spark.examples;

import io.bitlab.cli.data.Digits;
import io.bitlab.models.tabular.Classifier;
import io.bitlab.models.train.Dataset;
import io.bitlab.spark.TernaryScorer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Trains a ternary classifier of handwritten digits, and lets Spark name a million copies with noise in a Parquet file.
 * Arguments: the number of rows, and Spark's master; 1,000,000 and {@code local[*]} if there are none.
 */
public final class ScoreDigits {

    private static final int PIXELS = Digits.PIXELS;
    private static final String PARQUET = "digits.parquet";

    private ScoreDigits() {
    }

    public static void main(String... arguments) throws IOException {
        long rows = arguments.length > 0 ? Long.parseLong(arguments[0]) : 1_000_000;
        String master = arguments.length > 1 ? arguments[1] : "local[*]";
        Path folder = Files.createDirectories(Path.of("target/score-digits"));
        Dataset.Split digits = Digits.load();
        Classifier.train(csv(digits.train(), folder.resolve("train.csv")), "digit").save(folder.resolve("model"));
        Path test = csv(digits.test(), folder.resolve("test.csv"));

        try (SparkSession session = LocalCluster.builder(master).getOrCreate()) {
            write(session, test, rows, folder);
            TernaryScorer scorer = TernaryScorer.load(folder.resolve("model"));
            String result = folder.resolve("scored.parquet").toString();
            long start = System.nanoTime();
            scorer.transform(session.read().parquet(folder.resolve(PARQUET).toString()))
                    .select("digit", "prediction", "probability", "error").write().mode("overwrite").parquet(result);
            double seconds = (System.nanoTime() - start) * 1e-9;
            Row counts = session.read().parquet(result)
                    .selectExpr("count(*)", "avg(int(digit = prediction))", "count(error)").first();
            System.out.printf(Locale.ROOT, "%,d digits named in %.1f s (%,.0f a second): %.1f %% right, %d errors%n",
                    counts.getLong(0), seconds, rows / seconds, 100 * counts.getDouble(1), counts.getLong(2));
        }
    }

    /** With a header, and the pixels from 0 to 16 as they were. */
    private static Path csv(Dataset digits, Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(IntStream.range(0, PIXELS).mapToObj(i -> "p" + i + ",").collect(Collectors.joining()) + "digit");
        for (int i = 0; i < digits.size(); i++) {
            float[] pixels = digits.batch(i).toArray();
            lines.add(IntStream.range(0, PIXELS).mapToObj(p -> Math.round(16 * pixels[p]) + ",")
                    .collect(Collectors.joining()) + digits.label(i));
        }
        return Files.write(file, lines);
    }

    /** Repeats the digits; each time other pixels are paler, by up to a quarter. */
    private static void write(SparkSession session, Path csv, long rows, Path folder) {
        var digits = session.read().option("header", true).option("inferSchema", true).csv(csv.toString());
        List<String> noisy = new ArrayList<>(List.of("cast(digit as string) as digit"));
        for (int i = 0; i < PIXELS; i++) {
            noisy.add("p" + i + " * (1 - 0.05 * pmod(hash(id, " + i + "), 6)) as p" + i);
        }
        long copies = Math.ceilDiv(rows, digits.count());
        digits.crossJoin(session.range(copies)).limit(Math.toIntExact(rows)).repartition(8)
                .selectExpr(noisy.toArray(String[]::new))
                .write().mode("overwrite").parquet(folder.resolve(PARQUET).toString());
    }
}
