package io.bitlab.spark.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/** A session of this JVM, whose executors may be JVMs of their own on this machine. */
public final class LocalCluster {

    private LocalCluster() {
    }

    /**
     * Loopback only, on free ports, and as little as possible. Executors have the class path of this JVM.
     *
     * @param master such as {@code local[2]}, or {@code local-cluster[2,1,1024]} for two executors with one core and
     *     1,024 MB each; for those the environment names a folder SPARK_HOME, which may be new and empty
     */
    public static SparkSession.Builder builder(String master) throws IOException {
        SparkSession.Builder builder = SparkSession.builder().appName("bitlab").master(master)
                .config("spark.ui.enabled", false)
                .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
                .config("spark.sql.shuffle.partitions", 1).config("spark.sql.session.timeZone", "UTC")
                .config("spark.sql.warehouse.dir", "target/spark-warehouse");
        if (!master.startsWith("local-cluster")) {
            return builder;
        }
        Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars")); // Spark looks for it
        return builder.config("spark.executor.memory", "1g")
                .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .config("spark.executorEnv.SPARK_SCALA_VERSION", "2.13")
                .config("spark.executorEnv.JAVA_HOME", System.getProperty("java.home"))
                .config("spark.executor.extraJavaOptions", "-XX:+UseSerialGC -Dbitlab.threads=1");
    }
}
