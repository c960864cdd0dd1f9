package io.bitlab.benchmarks.jmh;

import io.bitlab.core.math.FloatMath;
import io.bitlab.core.parallel.Parallel;
import java.util.Arrays;
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
 * The rate at which this machine reads memory: a vector sum over 1 GiB of floats, which no cache holds. No kernel can
 * read its weights faster. Without the Vector API the scalar sum is limited by the processor instead.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 5, jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx3g"})
public class BandwidthBenchmark {

    /** Bytes that a call reads. */
    public static final long BYTES = 1L << 30;

    private static final int ARRAYS = 64;
    private static final int LENGTH = (int) (BYTES / Float.BYTES / ARRAYS);

    /** Threads, each of which reads a part. */
    @Param({"1", "2"})
    public int threads;

    private final FloatMath math = FloatMath.get();
    private final float[][] values = new float[ARRAYS][LENGTH];
    private final float[] sums = new float[ARRAYS];
    private Parallel parallel;

    /** Fills the arrays and checks the sums. */
    @Setup
    public void prepare() {
        parallel = Parallel.of(threads);
        for (int i = 0; i < ARRAYS; i++) {
            Arrays.fill(values[i], (i + 1) / 64f);
        }
        read();
        for (int i = 0; i < ARRAYS; i++) {
            if (sums[i] != (i + 1) / 64f * LENGTH) { // exact: few bits times a power of two
                throw new IllegalStateException("sum " + i + " is " + sums[i] + ", expected " + (i + 1) / 64f * LENGTH);
            }
        }
        System.out.println("float math: " + math.getClass().getSimpleName());
    }

    /** Stops the threads. */
    @TearDown
    public void close() {
        parallel.close();
    }

    /**
     * Reads everything once.
     *
     * @return the sums
     */
    @Benchmark
    public float[] read() {
        parallel.forRange(ARRAYS, 1, BYTES / 30, (from, to) -> {
            for (int i = from; i < to; i++) {
                sums[i] = math.sum(values[i], 0, LENGTH);
            }
        });
        return sums;
    }
}
