package io.bitlab.benchmarks.jmh;

import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.TernaryMatmul;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
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
 * A whole linear layer as an application calls it, ternary and float, and the ternary layer's kernel alone. Each goes
 * from float activations to float results.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 5, jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class LinearBenchmark {

    /** Output x input features. */
    @Param({"64x64", "256x784", "512x512", "2560x2560", "6912x2560"})
    public String shape;

    /** Rows of activations in a call. */
    @Param({"1", "64"})
    public int rows;

    /** Threads that compute. */
    @Param({"1", "2"})
    public int threads;

    private final Workspace workspace = new Workspace();
    private Parallel parallel;
    private Tensor x;
    private float[] y;
    private float[] bias;
    private BitLinear ternary;
    private Linear linear;
    private PackedWeights weights;

    /** Makes the layers, and compares the results of each ternary benchmark with the reference kernel. */
    @Setup
    public void prepare() {
        int[] sizes = Shapes.sizes(shape);
        int out = sizes[0];
        int in = sizes[1];
        parallel = Parallel.of(threads);
        x = Tensor.randn(1, rows, in);
        y = new float[rows * out];
        bias = new float[out];
        linear = new Linear(in, out);
        linear.eval();
        ternary = BitLinear.builder(in, out).build();
        ternary.eval();
        weights = ternary.kernel().pack(ternary.ternaryWeight());
        PackedWeights reference = KernelRegistry.kernel("scalar").pack(ternary.ternaryWeight());
        float[] expected = new float[rows * out];
        TernaryMatmul.multiply(reference, quantized(), bias, expected);
        check(expected, apply());
        Arrays.fill(y, Float.NaN);
        check(expected, kernel());
        check(expected, workspace.call(() -> ternary.forward(x).toArray()));
        workspace.reset();
        System.out.println("kernel: " + ternary.kernel().name());
    }

    private void check(float[] expected, float[] found) {
        if (!Arrays.equals(expected, found)) {
            throw new IllegalStateException(ternary.kernel().name() + " differs from the reference kernel at " + shape);
        }
    }

    private Activations quantized() {
        return TernaryMatmul.quantize(x.data(), rows, weights.inFeatures(), ternary.quantConfig(), "benchmark");
    }

    /** Stops the threads. */
    @TearDown
    public void close() {
        parallel.close();
    }

    /**
     * The evaluated ternary layer, tensor to tensor, in a workspace.
     *
     * @return one element of its output
     */
    @Benchmark
    public float forward() {
        return firstOutput(ternary);
    }

    /**
     * The evaluated ternary layer, array to array.
     *
     * @return its output
     */
    @Benchmark
    public float[] apply() {
        parallel.call(() -> {
            ternary.apply(x.data(), rows, y);
            return null;
        });
        return y;
    }

    /**
     * The kernel without the layer around it: quantise, prepare, multiply.
     *
     * @return its output
     */
    @Benchmark
    public float[] kernel() {
        parallel.call(() -> workspace.call(() -> {
            TernaryMatmul.multiply(weights, quantized(), bias, y);
            return null;
        }));
        workspace.reset();
        return y;
    }

    /**
     * The evaluated float layer, tensor to tensor, in a workspace.
     *
     * @return one element of its output
     */
    @Benchmark
    public float linear() {
        return firstOutput(linear);
    }

    private float firstOutput(Layer layer) {
        float first = parallel.call(() -> workspace.call(() -> Autograd.noGrad(() -> layer.forward(x)).data()[0]));
        workspace.reset();
        return first;
    }
}
