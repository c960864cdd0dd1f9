package io.bitlab.benchmarks.jmh;

import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.ops.Window;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.quant.ActivationQuantizer;
import io.bitlab.core.quant.PatchColumns;
import io.bitlab.core.quant.PatchGrid;
import io.bitlab.core.quant.QuantizedActivations;
import io.bitlab.core.quant.QuantizedPatches;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.ChannelsLast;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitConv2d;
import io.bitlab.layers.Conv2d;
import io.bitlab.layers.Layer;
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

/** A convolution as a residual network calls it, ternary and float, in training and in evaluation. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(value = 5, jvmArgsAppend = {"--add-modules", "jdk.incubator.vector"})
public class ConvolutionBenchmark {

    /** Channels, in and out, at rows and columns of an image; kernels are 3 x 3 unless the end says another. */
    @Param({"16@32", "32@32", "64@32", "128@16", "256@8", "64@32-1x1", "64@32-depthwise"})
    public String shape;

    /** Images in a call. */
    @Param("32")
    public int images;

    /** Threads that compute. */
    @Param("1")
    public int threads;

    private final Workspace workspace = new Workspace();
    private Parallel parallel;
    private Tensor pixels; // of the input
    private float[] g; // gradient of the pixels of the output
    private Conv2d floats;
    private BitConv2d training;
    private BitConv2d evaluated;

    /** Makes the layers, and compares the ternary ones with the reference kernel. */
    @Setup
    public void prepare() {
        String[] parts = shape.split("[@-]");
        int channels = Integer.parseInt(parts[0]);
        int size = Integer.parseInt(parts[1]);
        String kind = parts.length > 2 ? parts[2] : "";
        int kernel = kind.equals("1x1") ? 1 : 3;
        int groups = kind.equals("depthwise") ? channels : 1;
        parallel = Parallel.of(threads);
        pixels = Tensor.randn(1, images, size, size, channels).requiresGrad(true);
        g = Tensor.randn(2, pixels.size()).data();
        floats = Conv2d.builder(channels, channels, kernel).padding(kernel / 2).groups(groups).build();
        training = BitConv2d.builder(channels, channels, kernel).padding(kernel / 2).groups(groups).build();
        evaluated = BitConv2d.builder(channels, channels, kernel).padding(kernel / 2).groups(groups).build();
        evaluated.loadStateDict(training.stateDict());
        evaluated.eval();
        check(evaluated, channels, size, Window.of(kernel, kernel).withPadding(kernel / 2, kernel / 2), groups);
        check(training, channels, size, Window.of(kernel, kernel).withPadding(kernel / 2, kernel / 2), groups);
        System.out.println("kernel: " + evaluated.kernel().name());
    }

    /** The first image by the reference kernel, group by group, on unfolded rows. */
    private void check(BitConv2d layer, int channels, int size, Window window, int groups) {
        Tensor image = ChannelsLast.images(Tensor.of(pixels.slice(0, 0, 1).toArray(), 1, size, size, channels));
        float[] found = Autograd.noGrad(() -> layer.forward(image)).toArray();
        TernaryKernel scalar = KernelRegistry.kernel("scalar");
        TernaryMatrix weights = layer.ternaryWeight();
        QuantizedActivations rounded =
                ActivationQuantizer.quantize(ChannelsLast.pixels(image).data(), size * size, channels, 1,
                        layer.quantConfig().activationGranularity(), "benchmark");
        PatchGrid grid = new PatchGrid(1, size, size, channels, 0, channels, window.kernelHeight(),
                window.kernelWidth(), 1, 1, window.paddingHeight(), window.paddingWidth(), 1, 1);
        int share = channels / groups;
        for (int group = 0; group < groups; group++) {
            TernaryMatrix part = PatchColumns.byTap(weights.rows(group * share, (group + 1) * share), share);
            QuantizedPatches patches =
                    new QuantizedPatches(rounded.values(), rounded.scales(), grid.withChannels(group * share, share));
            float[] y = new float[size * size * share];
            scalar.multiply(scalar.pack(part), scalar.prepare(patches), null, y, 0, share);
            for (int i = 0; i < y.length; i++) {
                if (y[i] != found[(group * share + i % share) * size * size + i / share]) {
                    throw new IllegalStateException(layer.kernel().name() + " differs from the reference at " + shape);
                }
            }
        }
    }

    /** Stops the threads. */
    @TearDown
    public void close() {
        parallel.close();
    }

    /**
     * The evaluated ternary layer.
     *
     * @return one element of its output
     */
    @Benchmark
    public float evaluation() {
        return forward(evaluated);
    }

    /**
     * Forward and backward of the ternary layer, with the gradients of input and weights.
     *
     * @return one element of the gradient of the weights
     */
    @Benchmark
    public float step() {
        return step(training, training.weight());
    }

    /**
     * The forward of the float layer.
     *
     * @return one element of its output
     */
    @Benchmark
    public float floatForward() {
        return forward(floats);
    }

    /**
     * Forward and backward of the float layer.
     *
     * @return one element of the gradient of the weights
     */
    @Benchmark
    public float floatStep() {
        return step(floats, floats.weight());
    }

    private float forward(Layer layer) {
        float first = parallel.call(() -> workspace.call(() -> Autograd.noGrad(() -> outputPixels(layer)).data()[0]));
        workspace.reset();
        return first;
    }

    private float step(Layer layer, Tensor weight) {
        parallel.call(() -> workspace.call(() -> {
            outputPixels(layer).backward(g);
            return null;
        }));
        workspace.reset();
        float first = weight.grad().data()[0];
        layer.namedParameters().values().forEach(Tensor::zeroGrad);
        pixels.zeroGrad();
        return first;
    }

    /** Other layers leave pixels in this order, and take them. */
    private Tensor outputPixels(Layer layer) {
        return ChannelsLast.pixels(layer.forward(ChannelsLast.images(pixels)));
    }
}
