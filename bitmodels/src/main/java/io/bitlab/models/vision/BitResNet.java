package io.bitlab.models.vision;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.AvgPool2d;
import io.bitlab.layers.BatchNorm2d;
import io.bitlab.layers.BitConv2d;
import io.bitlab.layers.Conv2d;
import io.bitlab.layers.Dropout;
import io.bitlab.layers.GlobalAvgPool2d;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import io.bitlab.layers.MaxPool2d;
import io.bitlab.layers.ReLU;
import io.bitlab.layers.Residual;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.StateDict;
import io.bitlab.layers.StochasticDepth;
import io.bitlab.models.internal.Convolution3x3;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A residual network with ternary 3x3 convolutions (K. He et al., <i>Deep Residual Learning for Image Recognition</i>,
 * 2016). A block computes {@code relu(shortcut(x) + norm(conv(relu(norm(conv(x))))))}; the first convolution of each
 * stage but the first halves height and width. Then come the mean over the pixels and one linear layer.
 *
 * {@snippet class="io.bitlab.models.snippets.ImageModelSnippets" region="resnet"}
 *
 * <p>The stem, the 1x1 convolutions of shortcuts and the last layer stay float: they hold few weights, and ternary ones
 * cost the most accuracy there.
 *
 * <p>Names of the state: {@code stem.0.weight}; {@code stages.S.B.body.0.weight} and {@code body.3.weight}, the
 * convolutions of block B in stage S, each followed by its norm, {@code body.1} and {@code body.4};
 * {@code stages.S.B.shortcut.0} or, after a pooling, {@code .1}; {@code classifier.weight}. The float twin has the same
 * names.
 *
 * <p><b>Thread safety:</b> in evaluation, any number of threads may share a model.
 */
public final class BitResNet extends ImageClassifier {

    private final BitResNetConfig config;
    private final Sequential stem;
    private final Sequential stages;
    private final GlobalAvgPool2d pool;
    private final Dropout dropout;
    private final Linear classifier;

    /**
     * Builds the network, in training, not yet initialised.
     *
     * @param config sizes and choices
     */
    public BitResNet(BitResNetConfig config) {
        this.config = config;
        this.stem = child("stem", stem(config));
        List<Integer> channels = config.channels();
        Layer[] built = new Layer[channels.size()];
        int block = 0;
        for (int s = 0; s < built.length; s++) {
            Layer[] blocks = new Layer[config.blocks().get(s)];
            for (int b = 0; b < blocks.length; b++) {
                boolean first = b == 0 && s > 0;
                blocks[b] = block(first ? channels.get(s - 1) : channels.get(s), channels.get(s), first ? 2 : 1,
                        dropped(block++));
            }
            built[s] = new Sequential(blocks);
        }
        this.stages = child("stages", new Sequential(built));
        this.pool = child("pool", new GlobalAvgPool2d());
        this.dropout = child("dropout", new Dropout(config.dropout()));
        this.classifier = child("classifier", new Linear(channels.getLast(), config.classNames().size()));
    }

    private static Sequential stem(BitResNetConfig config) {
        int in = config.imageInput().channels();
        int out = config.channels().getFirst();
        return switch (config.stem()) {
            case SMALL -> new Sequential(Conv2d.builder(in, out, 3).padding(1).bias(false).build(),
                    new BatchNorm2d(out), new ReLU());
            case LARGE -> new Sequential(Conv2d.builder(in, out, 7).stride(2).padding(3).bias(false).build(),
                    new BatchNorm2d(out), new ReLU(), new MaxPool2d(3, 2, 1));
        };
    }

    /** Later blocks are dropped more often: Huang et al., Deep Networks with Stochastic Depth, 2016, equation 4. */
    private float dropped(int block) {
        int count = config.blocks().stream().mapToInt(Integer::intValue).sum();
        return config.stochasticDepth() * (block + 1) / count;
    }

    private Residual block(int in, int out, int stride, float dropped) {
        List<Layer> body = new ArrayList<>(List.of(
                convolution(in, out, stride), new BatchNorm2d(out), new ReLU(),
                convolution(out, out, 1), config.zeroInit() ? BatchNorm2d.startingAtZero(out) : new BatchNorm2d(out)));
        if (dropped > 0f) {
            body.add(new StochasticDepth(dropped));
        }
        return new Residual(new Sequential(body.toArray(Layer[]::new)), shortcut(in, out, stride), new ReLU());
    }

    private Layer convolution(int in, int out, int stride) {
        return Convolution3x3.of(in, out, stride, config.quantConfig());
    }

    private Sequential shortcut(int in, int out, int stride) {
        if (stride == 1) {
            return new Sequential(); // the first block of a later stage is the only one that changes the channels
        }
        return switch (config.shortcut()) {
            case AVERAGE -> new Sequential(new AvgPool2d(stride), Conv2d.builder(in, out, 1).bias(false).build(),
                    new BatchNorm2d(out));
            case STRIDED -> new Sequential(Conv2d.builder(in, out, 1).stride(stride).bias(false).build(),
                    new BatchNorm2d(out));
        };
    }

    @Override
    public BitResNetConfig config() {
        return config;
    }

    @Override
    protected Tensor logits(Tensor images) {
        return head(pooled(images));
    }

    private Tensor pooled(Tensor images) {
        return pool.forward(stages.forward(stem.forward(images)));
    }

    /**
     * Computes what the last layer sees: of each channel of the last stage, the mean over the pixels. Images that look
     * alike to the network have similar features, so they serve to search for images and to compare sets of them.
     *
     * {@snippet class="io.bitlab.models.snippets.ImageModelSnippets" region="imageFeatures"}
     *
     * @param images {@code [n, channels, height, width]} as in the configuration's {@link ImageInput}; not modified
     * @return {@code [n, features]}, with as many features as the last stage has channels
     * @throws IllegalArgumentException if the input has another shape
     */
    public Tensor features(Tensor images) {
        requireImages("features", images);
        return pooled(images);
    }

    /**
     * Computes the logits of features: {@code head(features(images))} is {@code forward(images)}, for callers that need
     * both.
     *
     * @param features {@code [n, features]}, as {@link #features} returns them; not modified
     * @return {@code [n, classes]}
     * @throws IllegalArgumentException if the input has another shape
     */
    public Tensor head(Tensor features) {
        return classifier.forward(dropout.forward(features));
    }

    /**
     * Makes a ternary network of these weights, to be fine-tuned. Unlike after
     * {@link io.bitlab.layers.convert.Ternarizer#convert}, its configuration says what it is, so it can be saved.
     *
     * {@snippet class="io.bitlab.models.snippets.ImageModelSnippets" region="finetune"}
     *
     * @param quantConfig how its 3x3 convolutions quantise, such as {@link BitConv2d#DEFAULT_CONFIG}
     * @return a new network in training, whose latent weights are copies of these
     * @throws IllegalStateException if this network is deployed ternary and has no latent weights left
     */
    public BitResNet toTernary(BitQuantConfig quantConfig) {
        Objects.requireNonNull(quantConfig, "BitResNet.toTernary: the configuration is null; a float network has none");
        requireLatentWeights("toTernary");
        BitResNet ternary = config.toBuilder().quantConfig(quantConfig).build().newModel();
        ternary.loadStateDict(stateDict());
        return ternary;
    }

    /**
     * Makes a network of these weights that knows other classes, to be fine-tuned: all but the last layer is copied.
     *
     * {@snippet class="io.bitlab.models.snippets.ImageModelSnippets" region="transfer"}
     *
     * @param names the new classes
     * @param seed draws the weights of the last layer
     * @return a new network in training
     * @throws IllegalStateException if this network is deployed ternary and has no latent weights left
     */
    public BitResNet forClasses(ClassNames names, long seed) {
        requireLatentWeights("forClasses");
        BitResNet other = config.toBuilder().classNames(names).build().newModel();
        other.initialize(seed);
        StateDict state = stateDict();
        StateDict kept = new StateDict();
        state.names().stream().filter(name -> !name.startsWith("classifier."))
                .forEach(name -> kept.put(name, state.tensor(name)));
        other.loadMatching(kept);
        return other;
    }

    private void requireLatentWeights(String method) {
        if (config.quantConfig() != null && mode() == Mode.DEPLOYED) {
            throw new IllegalStateException("BitResNet." + method + ": the network is deployed and has no latent"
                    + " weights; take it before deploy()");
        }
    }

    @Override
    protected String describe() {
        return "BitResNet(" + config.channels() + " channels, " + config.blocks() + " blocks, "
                + config.classNames().size() + " classes)";
    }
}
