package io.bitlab.spark;

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
        return builder().master("local[2]").getOrCreate();
    }

    /** Loopback only, on free ports, and as little as possible. */
    static SparkSession.Builder builder() {
        return SparkSession.builder().appName("bitlab").config("spark.ui.enabled", false)
                .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.sql.shuffle.partitions", 1).config("spark.sql.session.timeZone", "UTC")
                .config("spark.sql.warehouse.dir", "target/spark-warehouse");
    }

    static Dataset<Row> rows(List<Row> rows, StructType schema, int partitions) {
        return session().createDataFrame(rows, schema).repartition(partitions).coalesce(partitions);
    }
}
