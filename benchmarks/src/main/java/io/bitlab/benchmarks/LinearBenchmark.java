package io.bitlab.benchmarks;

import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.TernaryMatmul;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * A whole linear layer, ternary and float: what a user calls, with quantisation of the activations and everything else.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 5, jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class LinearBenchmark {

    /** Output x input features. */
    @Param({"64x64", "256x784", "512x512", "2560x2560"})
    public String shape;

    /** Rows of activations in a call. */
    @Param({"1", "64"})
    public int rows;

    private Tensor x;
    private float[] y;
    private BitLinear ternary;
    private Linear linear;
    private final Workspace workspace = new Workspace();

    /** Makes both layers and checks the ternary one against the scalar oracle. */
    @Setup
    public void prepare() {
        int out = Integer.parseInt(shape.substring(0, shape.indexOf('x')));
        int in = Integer.parseInt(shape.substring(shape.indexOf('x') + 1));
        x = Tensor.randn(1, rows, in);
        y = new float[rows * out];
        linear = new Linear(in, out);
        linear.eval();
        ternary = BitLinear.builder(in, out).build();
        ternary.eval();
        ternary.apply(x.data(), rows, y);
        PackedWeights packed = KernelRegistry.kernel("scalar").pack(ternary.ternaryWeight());
        float[] expected = new float[rows * out];
        TernaryMatmul.multiply(packed, TernaryMatmul.quantize(x.data(), rows, in, ternary.quantConfig(), "benchmark"),
                new float[out], expected);
        if (!Arrays.equals(expected, y)) {
            throw new IllegalStateException(ternary.kernel().name() + " differs from the oracle at " + shape);
        }
        System.out.println("kernel: " + ternary.kernel().name());
    }

    /**
     * The ternary layer, evaluated.
     *
     * @return its output
     */
    @Benchmark
    public float[] ternary() {
        ternary.apply(x.data(), rows, y);
        return y;
    }

    /**
     * The float layer, evaluated without recording.
     *
     * @return one element of its output
     */
    @Benchmark
    public float floats() {
        float first = workspace.call(() -> Autograd.noGrad(() -> linear.forward(x)).data()[0]);
        workspace.reset();
        return first;
    }
}
