package io.bitlab.benchmarks.jmh;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.kernel.TernaryMatmul;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
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
 * A ternary kernel without the layer around it: quantising the activations, preparing them, multiplying. For narrower
 * vectors, run with {@code -jvmArgsAppend "--add-modules jdk.incubator.vector -XX:UseAVX=2"} (256 bits) or {@code
 * -XX:UseAVX=1} (128). A kernel that this JVM doesn't have fails with a message, and the others still run.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 5, jvmArgsAppend = {"--add-modules", "jdk.incubator.vector", "-Xmx6g"})
public class KernelBenchmark {

    private static final int MATRICES_FROM_MEMORY = 64;
    private static final String LAYER = "benchmark";

    /** The kernel to measure, even if the registry would choose another. */
    @Param({"lookup-512", "multiply-512", "multiply-256", "lookup-128", "multiply-128", "plain", "scalar",
        "float-lookup-512", "float-lookup-256", "float-multiply-128"})
    public String kernel;

    /** Output x input features; "64 of" means that many matrices in turn, which no cache holds. */
    @Param({"64x64", "256x784", "512x512", "2560x2560", "6912x2560", "2560x6912", "4096x14336", "64 of 6912x2560"})
    public String shape;

    /** Rows of activations in a call. */
    @Param({"1", "4", "16", "64", "256"})
    public int rows;

    /** Threads that compute. */
    @Param({"1", "2"})
    public int threads;

    /** A counter that JMH reports beside the time. */
    @AuxCounters(AuxCounters.Type.EVENTS)
    @State(Scope.Thread)
    public static class Reads {
        /** Bytes of packed weights that a call reads. */
        public double weightBytes;
    }

    private final Workspace workspace = new Workspace();
    private Parallel parallel;
    private BitQuantConfig config;
    private PackedWeights[] weights;
    private int next;
    private float[] x;
    private float[] y;

    /** Packs the weights, and compares a result with that of the reference kernel. */
    @Setup
    public void prepare() {
        int[] sizes = Shapes.sizes(shape);
        int out = sizes[0];
        int in = sizes[1];
        TernaryKernel measured = KernelRegistry.kernel(kernel);
        config = BitQuantConfig.defaults()
                .withActivationDtype(kernel.startsWith("float") ? ActivationDtype.FLOAT32 : ActivationDtype.INT8);
        measured.refusal(config, out, in).ifPresent(reason -> {
            throw new IllegalStateException("kernel " + kernel + " " + reason);
        });
        parallel = Parallel.of(threads);
        Random random = new Random(1);
        x = new float[rows * in];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) random.nextGaussian();
        }
        y = new float[rows * out];
        byte[] trits = new byte[out * in];
        for (int i = 0; i < trits.length; i++) {
            trits[i] = (byte) (random.nextInt(3) - 1);
        }
        TernaryMatrix matrix = TernaryMatrix.of(trits, out, in, new float[] {0.02f});
        weights = new PackedWeights[shape.contains("of") ? MATRICES_FROM_MEMORY : 1];
        Arrays.setAll(weights, i -> measured.pack(matrix)); // equal matrices, each in its own memory
        check(measured, in, out);
    }

    /** Compares the first rows of the last matrix only, since the reference kernel is slow. */
    private void check(TernaryKernel measured, int in, int out) {
        PackedWeights last = weights[weights.length - 1];
        next = weights.length - 1;
        multiply();
        int checked = Math.min(rows, 5);
        Activations few = TernaryMatmul.quantize(Arrays.copyOf(x, checked * in), checked, in, config, LAYER);
        float[] expected = new float[checked * out];
        TernaryMatmul.multiply(KernelRegistry.kernel("scalar").pack(last.unpack()), few, null, expected);
        if (!Arrays.equals(expected, Arrays.copyOf(y, expected.length))) {
            throw new IllegalStateException(kernel + " differs from the reference kernel at " + shape);
        }
        if (!last.kernel().name().equals(kernel)) {
            throw new IllegalStateException("measured " + last.kernel().name() + " instead of " + kernel);
        }
        System.out.printf(Locale.ROOT, "kernel: %s, %.2f bits a weight, priority %d%n",
                kernel, last.bytes() * 8.0 / ((double) in * out), measured.priority());
    }

    /** Stops the threads. */
    @TearDown
    public void close() {
        parallel.close();
    }

    /**
     * One call.
     *
     * @param reads receives the number of bytes
     * @return the result
     */
    @Benchmark
    public float[] multiply(Reads reads) {
        reads.weightBytes = weights[0].bytes();
        return multiply();
    }

    private float[] multiply() {
        PackedWeights w = weights[next];
        next = next + 1 == weights.length ? 0 : next + 1;
        parallel.call(() -> workspace.call(() -> {
            Activations a = TernaryMatmul.quantize(x, rows, w.inFeatures(), config, LAYER);
            TernaryMatmul.multiply(w, a, null, y);
            return null;
        }));
        workspace.reset();
        return y;
    }
}
