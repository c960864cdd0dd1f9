package io.bitlab.models.diffusion.score;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.AdaptiveAvgPool2d;
import io.bitlab.layers.BatchNorm2d;
import io.bitlab.layers.Conv2d;
import io.bitlab.layers.Flatten;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import io.bitlab.layers.ReLU;
import io.bitlab.layers.StateDict;
import io.bitlab.models.internal.InEvaluation;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.folder.NameMapping;
import io.bitlab.models.io.folder.StateFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A small float classifier to score generators of small images with: 3x3 convolutions of stride 2, each followed by a
 * {@link BatchNorm2d} and a {@link ReLU}, then the mean over the pixels and one linear layer. Images
 * {@code [n, channels, height, width]} of any size to logits {@code [n, classes]}.
 *
 * {@snippet class="io.bitlab.models.snippets.GeneratorScoreSnippets" region="classifier"}
 *
 * <p>The names of its state are those of the same {@code torch.nn.Sequential}: with three convolutions
 * {@code 0.weight}, {@code 0.bias}, {@code 1.weight}, {@code 1.running_mean}, ..., {@code 7.running_var},
 * {@code 11.weight} and {@code 11.bias}. So {@link #read} takes what PyTorch has trained:
 *
 * <pre>{@code
 * nn.Sequential(nn.Conv2d(1, 16, 3, 2, 1), nn.BatchNorm2d(16), nn.ReLU(),
 *               nn.Conv2d(16, 32, 3, 2, 1), nn.BatchNorm2d(32), nn.ReLU(),
 *               nn.Conv2d(32, 64, 3, 2, 1), nn.BatchNorm2d(64), nn.ReLU(),
 *               nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))
 * }</pre>
 *
 * <p><b>Thread safety:</b> in evaluation, any number of threads may share a classifier.
 */
public final class StridedClassifier extends Layer implements ImageFeatures {

    private static final int KERNEL = 3;
    /** Convolution, norm, activation. */
    private static final int BLOCK = 3;
    /** The mean over the pixels, and the removal of the two axes that it leaves. */
    private static final int POOLING = 2;

    private final int channels;
    private final int features;
    private final int classes;
    private final List<Layer> body = new ArrayList<>();
    private final Linear last;

    /**
     * Builds a classifier, in training, not yet initialised.
     *
     * @param channels channels of the images, at least 1
     * @param classes the number of classes, at least 1
     * @param widths output channels of each convolution, at least one number; the last is the number of features
     * @throws IllegalArgumentException if a number is less than 1, or there is no convolution
     */
    public StridedClassifier(int channels, int classes, int... widths) {
        if (channels < 1 || classes < 1 || widths.length == 0 || Arrays.stream(widths).min().getAsInt() < 1) {
            throw new IllegalArgumentException("StridedClassifier: " + channels + " channels, " + classes
                    + " classes and convolutions of the widths " + Arrays.toString(widths)
                    + "; expected at least one convolution, and numbers from 1");
        }
        this.channels = channels;
        this.features = widths[widths.length - 1];
        this.classes = classes;
        int in = channels;
        for (int width : widths) {
            add(Conv2d.builder(in, width, KERNEL).stride(2).padding(1).build());
            add(new BatchNorm2d(width));
            add(new ReLU());
            in = width;
        }
        add(new AdaptiveAvgPool2d(1, 1));
        add(new Flatten());
        this.last = child(Integer.toString(body.size()), new Linear(in, classes));
    }

    private void add(Layer layer) {
        body.add(child(Integer.toString(body.size()), layer));
    }

    /**
     * Reads a trained classifier. Its sizes are those of the tensors.
     *
     * @param file safetensors with the names above; {@code num_batches_tracked} may be missing
     * @return the classifier, in evaluation
     * @throws ModelFormatException if the file is damaged, or its tensors are not those of such a classifier
     * @throws IOException if it can't be read
     */
    public static StridedClassifier read(Path file) throws IOException {
        StateDict state = StateFile.read(file, NameMapping.NONE);
        List<Integer> widths = new ArrayList<>();
        while (rank(state, widths.size() * BLOCK) == 4) {
            widths.add(state.shape(widths.size() * BLOCK + ".weight")[0]);
        }
        int linear = widths.size() * BLOCK + POOLING;
        if (widths.isEmpty() || rank(state, linear) != 2) {
            throw new ModelFormatException(file.toString(), "the tensors " + state.names() + " are not those of a"
                    + " StridedClassifier; expected the weights of convolutions 0.weight, 3.weight, ..., and, two"
                    + " layers after the last block of three, the weights of a linear layer");
        }
        try {
            StridedClassifier classifier = new StridedClassifier(state.shape("0.weight")[1],
                    state.shape(linear + ".weight")[0], widths.stream().mapToInt(Integer::intValue).toArray());
            classifier.loadStateDict(state);
            classifier.eval();
            return classifier;
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(file.toString(), "its tensors do not fit a StridedClassifier with"
                    + " convolutions of the widths " + widths + ": " + e.getMessage(), e);
        }
    }

    /** The axes of a layer's weights; 0 if it has none. */
    private static int rank(StateDict state, int layer) {
        String name = layer + ".weight";
        return state.names().contains(name) ? state.shape(name).length : 0;
    }

    @Override
    public int features() {
        return features;
    }

    @Override
    public int classes() {
        return classes;
    }

    @Override
    public Outputs outputs(Tensor images) {
        InEvaluation.require("ImageFeatures", this);
        Tensor features = seen(images);
        return new Outputs(features, last.forward(features));
    }

    /**
     * Computes the logits, in any mode.
     *
     * @param images {@code [n, channels, height, width]}; not modified
     * @return {@code [n, classes]}
     * @throws IllegalArgumentException if the input has another shape
     */
    @Override
    public Tensor forward(Tensor images) {
        return observed(last.forward(seen(images)));
    }

    private Tensor seen(Tensor images) {
        if (images.rank() != 4 || images.length(1) != channels) {
            throw new IllegalArgumentException("StridedClassifier: the input has the shape "
                    + Arrays.toString(images.shape()) + ", expected [n, " + channels + ", height, width]");
        }
        Tensor y = images;
        for (Layer layer : body) {
            y = layer.forward(y);
        }
        return y;
    }

    @Override
    protected String describe() {
        return "StridedClassifier(" + channels + " channels, " + features + " features, " + classes + " classes)";
    }
}
