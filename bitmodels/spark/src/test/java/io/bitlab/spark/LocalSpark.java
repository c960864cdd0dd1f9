package io.bitlab.spark;

import io.bitlab.spark.examples.LocalCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** Spark in this JVM, with two threads: one session for all tests, which ends with the JVM. */
final class LocalSpark {

    private LocalSpark() {
    }

    static SparkSession session() {
        try {
            return LocalCluster.builder("local[2]").getOrCreate();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For sessions with another master. */
    static void stop() {
        SparkSession.getDefaultSession().foreach(session -> {
            session.stop();
            return null;
        });
    }

    static Dataset<Row> rows(List<Row> rows, StructType schema, int partitions) {
        return session().createDataFrame(rows, schema).repartition(partitions).coalesce(partitions);
    }
}
