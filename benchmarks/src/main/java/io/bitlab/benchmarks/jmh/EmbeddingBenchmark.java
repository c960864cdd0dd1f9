package io.bitlab.benchmarks.jmh;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.embedding.EmbeddingTable;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.platform.VectorPlatform;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The output head of a language model: activations times a {@link EmbeddingTable} in each format, at each width of
 * vectors. Fails with a message in a JVM with vectors of another width. {@code table-float32} is an ordinary float
 * product.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 5, jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx6g"})
public class EmbeddingBenchmark {

    private static final int SAMPLES = 500;

    /** The format, and the width of the vectors in bits. */
    @Param({"table-int8-512", "table-bfloat16-512", "table-nf4-512", "table-float32-512"})
    public String kernel;

    /** Rows x columns of the table. */
    @Param("32000x2560")
    public String shape;

    /** Rows of activations in a call. */
    @Param({"1", "64"})
    public int rows;

    /** Threads that compute. */
    @Param({"1", "2"})
    public int threads;

    private final Workspace workspace = new Workspace();
    private Parallel parallel;
    private EmbeddingTable table;
    private float[] x;
    private float[] y;

    /** Fills a table, and compares random elements of a product with sums in double. */
    @Setup
    public void prepare() {
        String[] words = kernel.split("-");
        int bits = VectorPlatform.current().bits();
        if (bits != Integer.parseInt(words[2])) {
            throw new IllegalStateException(kernel + ": this JVM has vectors of " + bits + " bits");
        }
        int[] sizes = Shapes.sizes(shape);
        parallel = Parallel.of(threads);
        Random random = new Random(1);
        x = NormalValues.of(random, rows * sizes[1]);
        table = EmbeddingTable.of(EmbeddingFormat.parse(words[1]), NormalValues.of(random, sizes[0] * sizes[1]),
                sizes[0],
                sizes[1]);
        y = new float[rows * sizes[0]];
        multiply();
        check(random);
    }

    private void check(Random random) {
        float[] values = new float[table.columns()];
        for (int sample = 0; sample < SAMPLES; sample++) {
            int row = random.nextInt(rows);
            int out = random.nextInt(table.rows());
            table.row(out, values, 0);
            double expected = 0;
            double size = 0;
            for (int c = 0; c < values.length; c++) {
                double product = (double) x[row * values.length + c] * values[c];
                expected += product;
                size += Math.abs(product);
            }
            float found = y[row * table.rows() + out];
            if (!(Math.abs(found - expected) <= 1e-3 * size)) { // NF4 rounds products
                throw new IllegalStateException(kernel + ": an element is " + found + ", expected " + expected);
            }
        }
    }

    /** Stops the threads. */
    @TearDown
    public void close() {
        parallel.close();
    }

    /**
     * One call.
     *
     * @return the result
     */
    @Benchmark
    public float[] multiply() {
        parallel.call(() -> {
            workspace.run(() -> table.multiply(x, rows, y));
            return null;
        });
        workspace.reset();
        return y;
    }
}
