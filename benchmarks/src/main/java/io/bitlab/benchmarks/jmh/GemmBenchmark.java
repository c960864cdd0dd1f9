package io.bitlab.benchmarks.jmh;

import io.bitlab.core.math.FloatMath;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
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
 * The three float matrix products of a linear layer in training, each {@code batch * in * out} multiply-adds: the
 * forward {@code y = x·Wᵀ}, the gradient of the input {@code dx = dy·W}, and of the weights {@code dW = dyᵀ·x}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 5, jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class GemmBenchmark {

    private static final int SAMPLES = 500;

    /** Batch x input features x output features. */
    @Param({"768x768x768", "1536x1536x1536", "128x784x512", "128x512x512"})
    public String shape;

    /** Threads that compute. */
    @Param({"1", "2"})
    public int threads;

    private final FloatMath math = FloatMath.get();
    private final Workspace workspace = new Workspace();
    private Parallel parallel;
    private int batch;
    private int in;
    private int out;
    private float[] x;
    private float[] w;
    private float[] y;
    private float[] dy;
    private float[] dx;
    private float[] dw;

    /** Draws the operands, and compares random elements of each product with sums in double. */
    @Setup
    public void prepare() {
        int[] sizes = Shapes.sizes(shape);
        batch = sizes[0];
        in = sizes[1];
        out = sizes[2];
        parallel = Parallel.of(threads);
        Random random = new Random(1);
        x = NormalValues.of(random, batch * in);
        w = NormalValues.of(random, out * in);
        dy = NormalValues.of(random, batch * out);
        y = new float[batch * out];
        dx = new float[batch * in];
        dw = new float[out * in];
        forward();
        inputGradient();
        weightGradient();
        for (int sample = 0; sample < SAMPLES; sample++) {
            int b = random.nextInt(batch);
            int i = random.nextInt(in);
            int o = random.nextInt(out);
            check("y", y[b * out + o], x, b * in, 1, w, o * in, 1, in);
            check("dx", dx[b * in + i], dy, b * out, 1, w, i, in, out);
            check("dW", dw[o * in + i], dy, o, out, x, i, in, batch);
        }
        System.out.println("float math: " + math.getClass().getSimpleName());
    }

    private void check(String what, float found, float[] a, int aFrom, int aStep, float[] b, int bFrom, int bStep,
            int count) {
        double expected = 0;
        double size = 0;
        for (int i = 0; i < count; i++) {
            double product = (double) a[aFrom + i * aStep] * b[bFrom + i * bStep];
            expected += product;
            size += Math.abs(product);
        }
        if (!(Math.abs(found - expected) <= 1e-5 * size)) {
            throw new IllegalStateException(
                    "Gemm " + shape + ": an element of " + what + " is " + found + ", expected " + expected);
        }
    }

    /** Stops the threads. */
    @TearDown
    public void close() {
        parallel.close();
    }

    /**
     * {@code y = x·Wᵀ}.
     *
     * @return the result
     */
    @Benchmark
    public float[] forward() {
        run(() -> math.gemmTransposedB(batch, out, in, x, 0, w, 0, y, 0, false));
        return y;
    }

    /**
     * {@code dx = dy·W}.
     *
     * @return the result
     */
    @Benchmark
    public float[] inputGradient() {
        run(() -> math.gemm(batch, in, out, dy, 0, w, 0, dx, 0, false));
        return dx;
    }

    /**
     * {@code dW = dyᵀ·x}.
     *
     * @return the result
     */
    @Benchmark
    public float[] weightGradient() {
        run(() -> math.gemmTransposedA(out, in, batch, dy, 0, x, 0, dw, 0, false));
        return dw;
    }

    private void run(Runnable product) {
        parallel.call(() -> {
            workspace.run(product);
            return null;
        });
        workspace.reset();
    }
}
