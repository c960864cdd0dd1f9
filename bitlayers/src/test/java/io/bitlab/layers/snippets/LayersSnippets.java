package io.bitlab.layers.snippets;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.AvgPool2d;
import io.bitlab.layers.BitConv2d;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Conv2d;
import io.bitlab.layers.Dropout;
import io.bitlab.layers.Flatten;
import io.bitlab.layers.GELU;
import io.bitlab.layers.GlobalAvgPool2d;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.Layer;
import io.bitlab.layers.LayerNorm;
import io.bitlab.layers.Linear;
import io.bitlab.layers.LoadReport;
import io.bitlab.layers.MaxPool2d;
import io.bitlab.layers.MemoryFootprint;
import io.bitlab.layers.Observation;
import io.bitlab.layers.Parameter;
import io.bitlab.layers.RMSNorm;
import io.bitlab.layers.ReLU;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.SiLU;
import io.bitlab.layers.SquaredReLU;
import io.bitlab.layers.StateDict;
import io.bitlab.layers.Upsample;
import java.util.Arrays;

/** Code in the Javadoc of {@code io.bitlab.layers}; {@code SnippetsTest} runs it. */
final class LayersSnippets {

    private LayersSnippets() {
    }

    // @start region="layer"
    static final class Net extends Layer {
        private final Layer first = child("first", BitLinear.builder(784, 256).build());
        private final Layer second = child("second", BitLinear.builder(256, 10).build());

        @Override
        public Tensor forward(Tensor x) {
            return observed(second.forward(first.forward(x).relu()));
        }
    }
    // @end

    // @start region="parameter"
    static final class FeatureScale extends Layer {
        private final Parameter factor;

        FeatureScale(int features) {
            factor = parameter("factor", Initializer.ONES, features);
        }

        @Override
        public Tensor forward(Tensor x) {
            return observed(x.mul(factor.tensor()));
        }
    }
    // @end

    // @start region="buffer"
    static final class Centered extends Layer {
        private final Tensor runningMean = buffer("running_mean", Tensor.zeros(1));

        @Override
        public Tensor forward(Tensor x) {
            if (mode() == Mode.TRAIN) {
                float[] mean = runningMean.data();
                mean[0] = 0.9f * mean[0] + 0.1f * x.mean().item();
            }
            return observed(x.sub(runningMean.detach())); // detach: the next step changes the buffer
        }
    }
    // @end

    static void buffers() {
        Layer network = new Sequential(new Linear(4, 4), new Centered());
        network.forward(Tensor.randn(1, 2, 4));
        System.out.println(network.namedBuffers().keySet()); // [1.running_mean]
    }

    static void network() {
        // @start region="network"
        Layer network = new Net();
        network.initialize(42); // draws all parameters from this seed
        Tensor logits = network.forward(Tensor.randn(1, 32, 784)); // [32, 10]
        network.eval(); // packs the ternary weights
        // @end
        logits.sum().backward();
        new FeatureScale(10).forward(logits);
    }

    static void bitLinear() {
        // @start region="bitLinear"
        BitQuantConfig config = BitQuantConfig.defaults().withWeightGranularity(Granularity.PER_CHANNEL);
        BitLinear layer = BitLinear.builder(512, 256).quantConfig(config).build();
        Tensor x = Tensor.randn(1, 32, 512);
        layer.forward(x).sum().backward(); // gradients of the latent weights
        layer.eval();
        Tensor y = layer.forward(x); // [32, 256], the same bits as in training
        // @end
        y.toArray();
    }

    static void apply() {
        // @start region="apply"
        BitLinear layer = BitLinear.builder(512, 256).build();
        layer.eval();
        float[] x = new float[4 * 512]; // 4 rows
        float[] y = new float[4 * 256];
        layer.apply(x, 4, y);
        // @end
    }

    static void bitConv2d() {
        // @start region="bitConv2d"
        Layer stem = BitConv2d.builder(3, 32, 3).stride(2).padding(1).build();
        Tensor y = stem.forward(Tensor.randn(1, 8, 3, 64, 64)); // [8, 32, 32, 32]
        // @end
        y.toArray();
    }

    static void conv2d() {
        // @start region="conv2d"
        Layer depthwise = Conv2d.builder(16, 16, 3).padding(1).groups(16).build();
        Tensor y = depthwise.forward(Tensor.randn(1, 8, 16, 28, 28)); // [8, 16, 28, 28]
        // @end
        y.toArray();
    }

    static void linear() {
        // @start region="linear"
        Linear layer = new Linear(784, 10);
        Tensor y = layer.forward(Tensor.randn(1, 32, 784)); // [32, 10]
        // @end
        y.toArray();
    }

    static void initializer() {
        // @start region="initializer"
        Layer layer = BitLinear.builder(256, 256).initializer(Initializer.normal(0.02)).build();
        layer.initialize(42); // draws the weights from this seed
        // @end
    }

    static void norms() {
        Tensor x = Tensor.randn(1, 4, 256);
        // @start region="rmsNorm"
        Layer block = new Sequential(new RMSNorm(256), BitLinear.builder(256, 10).build());
        Tensor y = block.forward(x); // [..., 256] -> [..., 10]
        // @end
        // @start region="layerNorm"
        Tensor normal = new LayerNorm(256).forward(x); // mean 0 and variance 1 in each row
        // @end
        y.toArray();
        normal.toArray();
    }

    static void activations() {
        Tensor x = Tensor.randn(1, 4, 256);
        // @start region="relu"
        Tensor rectified = new ReLU().forward(x);
        // @end
        // @start region="squaredRelu"
        Tensor squared = new SquaredReLU().forward(x);
        // @end
        // @start region="silu"
        Tensor swish = new SiLU().forward(x);
        // @end
        // @start region="gelu"
        Tensor exact = new GELU().forward(x);
        Tensor gpt2 = new GELU(GELU.Form.TANH).forward(x);
        // @end
        // @start region="dropout"
        Layer dropout = new Dropout(0.1f);
        Tensor thinned = dropout.forward(x); // a tenth of the elements is 0
        dropout.eval();
        Tensor same = dropout.forward(x);
        // @end
        rectified.add(squared).add(swish).add(exact).add(gpt2).add(thinned).add(same).toArray();
    }

    static void images() {
        Tensor x = Tensor.randn(1, 8, 3, 32, 32);
        // @start region="flatten"
        Tensor rows = new Flatten().forward(x); // [8, 3, 32, 32] -> [8, 3072]
        // @end
        // @start region="globalAvgPool2d"
        Tensor means = new GlobalAvgPool2d().forward(x); // [8, 3, 32, 32] -> [8, 3]
        // @end
        // @start region="avgPool2d"
        Tensor halved = new AvgPool2d(2).forward(x); // [8, 3, 32, 32] -> [8, 3, 16, 16]
        // @end
        // @start region="maxPool2d"
        Tensor overlapping = new MaxPool2d(3, 2, 1).forward(x); // [8, 3, 32, 32] -> [8, 3, 16, 16]
        // @end
        // @start region="upsample"
        Tensor doubled = new Upsample(2).forward(x); // [8, 3, 32, 32] -> [8, 3, 64, 64]
        // @end
        rows.toArray();
        means.toArray();
        halved.add(overlapping).toArray();
        doubled.toArray();
    }

    static void sequential() {
        // @start region="sequential"
        Layer network = new Sequential(
                BitLinear.builder(784, 256).build(),
                new ReLU(),
                BitLinear.builder(256, 10).build());
        System.out.println(network); // the tree of layers with their parameter counts
        // @end
    }

    static void observe() {
        Layer network = new Net();
        Tensor x = Tensor.randn(1, 4, 784);
        // @start region="observe"
        try (Observation _ = network.observe(
                (path, output) -> System.out.println(path + " " + Arrays.toString(output.shape())))) {
            network.forward(x);
        }
        // @end
    }

    static void memory() {
        Layer network = new Net();
        // @start region="memory"
        MemoryFootprint memory = network.memory();
        System.out.printf("%d bytes deployed, %.1f %% less than as float%n", memory.ternaryBytes(),
                memory.reductionPercent());
        // @end
    }

    static void state() {
        Layer network = new Net();
        // @start region="stateDict"
        StateDict state = network.stateDict();
        System.out.println(state.names()); // [first.weight, first.bias, second.weight, second.bias]
        Layer copy = new Net().loadStateDict(state);
        // @end
        // @start region="loadMatching"
        LoadReport report = network.loadMatching(new StateDict().put("second.bias", Tensor.zeros(10)));
        System.out.println(report.missing()); // [first.weight, first.bias, second.weight]
        // @end
        copy.eval();
    }
}
