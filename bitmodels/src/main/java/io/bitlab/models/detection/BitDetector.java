package io.bitlab.models.detection;

import io.bitlab.core.math.Elementary;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.ops.Resampling;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.ChannelsLast;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BatchNorm2d;
import io.bitlab.layers.Conv2d;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.Layer;
import io.bitlab.layers.ReLU;
import io.bitlab.layers.Residual;
import io.bitlab.layers.Sequential;
import io.bitlab.models.BitModel;
import io.bitlab.models.detection.DetectionPoints.Level;
import io.bitlab.models.detection.data.ScoredBox;
import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.Box;
import io.bitlab.models.image.ImageFit;
import io.bitlab.models.internal.Convolution3x3;
import io.bitlab.models.internal.InEvaluation;
import io.bitlab.models.vision.ImageInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A ternary network that finds objects: what they are, and the boxes around them. It is anchor-free and has a single
 * stage (Z. Tian et al., <i>FCOS</i>, 2019): at each point of a grid it answers with the probability of each class, the
 * distances to the four edges, and how good that box is.
 *
 * {@snippet class="io.bitlab.models.snippets.DetectionSnippets" region="detect"}
 *
 * <p>The backbone is a residual network that halves the resolution in each stage; the neck adds what the later stages
 * see to the earlier ones (T.-Y. Lin et al., <i>Feature Pyramid Networks</i>, 2017); the heads answer. The stem, the
 * 1x1 convolutions and the outputs stay float: they hold few weights, and ternary ones cost the most accuracy there.
 *
 * <p>{@link DetectionTask} trains it:
 *
 * {@snippet class="io.bitlab.models.snippets.DetectionSnippets" region="train"}
 *
 * <p><b>Thread safety:</b> in evaluation, any number of threads may share a model.
 */
public final class BitDetector extends BitModel {

    /** A probability of 0.03 at first, so that the thousands of points without an object don't drown the others. */
    private static final float FIRST_LOGIT = -3.5f;

    /** Edges are so many strides away, usually. */
    private static final float USUAL_DISTANCE = 3f;

    /** Beside the classes, a point answers with four edges and the quality. */
    static final int OTHER_ANSWERS = 5;

    /** The pixels, in floats, that are computed at a time: few, so that layers stay in the caches. */
    private static final int BATCH_VALUES = 1 << 19;

    private final BitDetectorConfig config;
    private final Sequential stem;
    private final Layer[] stages;
    private final Layer[] laterals; // of the stages from the smallest stride of the heads on
    private final Layer[] smoothing; // of each stride
    private final Layer[] classHeads;
    private final Layer[] boxHeads;

    /**
     * Builds the network, in training, not yet initialised.
     *
     * @param config sizes and choices
     */
    public BitDetector(BitDetectorConfig config) {
        this.config = config;
        List<Integer> channels = config.channels();
        int neck = config.neckChannels();
        stem = child("stem", new Sequential(
                Conv2d.builder(config.imageInput().channels(), channels.getFirst(), 3).stride(2).padding(1).bias(false)
                        .build(),
                new BatchNorm2d(channels.getFirst()), new ReLU()));
        stages = new Layer[channels.size() - 1];
        for (int s = 0; s < stages.length; s++) {
            stages[s] = stage(channels.get(s), channels.get(s + 1), config.blocks().get(s));
        }
        child("stages", new Sequential(stages));
        laterals = new Layer[stages.length - firstStage()];
        for (int l = 0; l < laterals.length; l++) {
            laterals[l] =
                    new Sequential(Conv2d.builder(channels.get(firstStage() + l + 1), neck, 1).bias(false).build(),
                            new BatchNorm2d(neck), new ReLU());
        }
        child("laterals", new Sequential(laterals));
        int levels = config.strides().size();
        smoothing = new Layer[levels];
        classHeads = new Layer[levels];
        boxHeads = new Layer[levels];
        for (int l = 0; l < levels; l++) {
            smoothing[l] = convolution(neck, neck, 1);
            classHeads[l] = head(neck, config.classNames().size(), Initializer.constant(FIRST_LOGIT));
            boxHeads[l] = head(neck, OTHER_ANSWERS, Initializer.ZEROS);
        }
        child("smoothing", new Sequential(smoothing));
        child("class_heads", new Sequential(classHeads));
        child("box_heads", new Sequential(boxHeads));
    }

    /** The stage with the smallest stride of the heads; stage 0 has stride 4. */
    private int firstStage() {
        return Integer.numberOfTrailingZeros(config.strides().getFirst()) - 2;
    }

    private Sequential stage(int in, int out, int blocks) {
        Layer[] layers = new Layer[blocks + 1];
        layers[0] = convolution(in, out, 2);
        for (int b = 1; b <= blocks; b++) {
            layers[b] = new Residual(new Sequential(ternary(out, out, 1), new BatchNorm2d(out), new ReLU(),
                    ternary(out, out, 1), new BatchNorm2d(out)), new Sequential(), new ReLU());
        }
        return new Sequential(layers);
    }

    private Sequential convolution(int in, int out, int stride) {
        return new Sequential(ternary(in, out, stride), new BatchNorm2d(out), new ReLU());
    }

    private Sequential head(int channels, int answers, Initializer bias) {
        return new Sequential(convolution(channels, channels, 1),
                Conv2d.builder(channels, answers, 1).bias(bias).build());
    }

    private Layer ternary(int in, int out, int stride) {
        return Convolution3x3.of(in, out, stride, config.quantConfig());
    }

    @Override
    public BitDetectorConfig config() {
        return config;
    }

    /**
     * Makes a network of the same weights with other options, such as a score threshold that suits the data; saved,
     * they stay with the model.
     *
     * {@snippet class="io.bitlab.models.snippets.DetectionSnippets" region="threshold"}
     *
     * @param options the options of the new network
     * @return a new network in the same mode, with a copy of the weights
     * @throws IllegalStateException if this network is deployed
     */
    public BitDetector withOptions(DetectionOptions options) {
        if (mode() == Mode.DEPLOYED) {
            throw new IllegalStateException("BitDetector.withOptions: the network is deployed, and its configuration"
                    + " fixed; call it before deploy(), or give detect(image, options) the options");
        }
        BitDetector other = config.toBuilder().options(options).build().newModel();
        other.loadStateDict(stateDict());
        if (mode() == Mode.EVAL) {
            other.eval();
        }
        return other;
    }

    /**
     * Computes the answers at all points, those of the finest map first, each map row by row. {@link #detect} makes
     * objects of them.
     *
     * @param x {@code [n, channels, height, width]}, normalised as in the configuration's {@link ImageInput}, of any
     *     height and width from the stride of the last stage on; not modified
     * @return {@code [n, points, classes + 5]}: logits of the classes; logarithms of the distances to the left, upper,
     *     right and lower edge, in units of three strides; the logit of the quality
     * @throws IllegalArgumentException if the input has another shape
     */
    @Override
    public Tensor forward(Tensor x) {
        int channels = config.imageInput().channels();
        int smallest = config.largestStride();
        if (x.rank() != 4 || x.length(1) != channels || x.length(2) < smallest || x.length(3) < smallest) {
            throw new IllegalArgumentException("BitDetector.forward: the input has the shape "
                    + Arrays.toString(x.shape()) + ", expected [n, " + channels + ", height, width] of at least "
                    + smallest + " x " + smallest + " pixels, the stride of the last stage");
        }
        Tensor[] features = new Tensor[laterals.length];
        Tensor y = stem.forward(x);
        for (int s = 0; s < stages.length; s++) {
            y = stages[s].forward(y);
            if (s >= firstStage()) {
                features[s - firstStage()] = y;
            }
        }
        Tensor[] answers = new Tensor[smoothing.length];
        Tensor coarser = null;
        for (int l = laterals.length - 1; l >= 0; l--) {
            Tensor map = laterals[l].forward(features[l]);
            if (coarser != null) {
                map = map.add(Resampling.bilinear(coarser, map.length(2), map.length(3), "BitDetector"));
            }
            coarser = map;
            if (l < smoothing.length) {
                Tensor smooth = smoothing[l].forward(map);
                answers[l] = Tensor.concat(2, points(classHeads[l].forward(smooth)),
                        points(boxHeads[l].forward(smooth)));
            }
        }
        return observed(answers.length == 1 ? answers[0] : Tensor.concat(1, answers));
    }

    /** {@code [n, answers, height, width]} to {@code [n, height * width, answers]}. */
    private static Tensor points(Tensor map) {
        return ChannelsLast.pixels(map).reshape(map.length(0), map.length(2) * map.length(3), map.length(1));
    }

    /** How far away an edge usually is. */
    static float usualDistance(int stride) {
        return USUAL_DISTANCE * stride;
    }

    // ---------------------------------------------------------------- pictures

    /**
     * Finds the objects on a picture, with the options of the configuration.
     *
     * @param image a picture of any size
     * @return the objects, those with the highest score first, in pixels of the picture
     * @throws IllegalStateException in training, or if the answers are not finite
     * @throws IllegalArgumentException if the picture can't be made to fit
     */
    public DetectedObjects detect(BitImage image) {
        return detect(image, config.options());
    }

    /**
     * Finds the objects on a picture.
     *
     * @param image a picture of any size
     * @param options which boxes are objects
     * @return the objects, those with the highest score first, in pixels of the picture
     * @throws IllegalStateException in training, or if the answers are not finite
     * @throws IllegalArgumentException if the picture can't be made to fit
     */
    public DetectedObjects detect(BitImage image, DetectionOptions options) {
        Objects.requireNonNull(image, "BitDetector.detect: the picture is null");
        return detect(List.of(image), options).getFirst();
    }

    /**
     * Finds the objects on each of many pictures. They are computed a few at a time, so memory does not grow with their
     * number; the result does not depend on that.
     *
     * @param images pictures of any sizes
     * @param options which boxes are objects
     * @return for each picture, what {@link #detect(BitImage, DetectionOptions)} returns for it alone
     * @throws IllegalStateException in training, or if the answers are not finite
     * @throws IllegalArgumentException if a picture can't be made to fit
     */
    public List<DetectedObjects> detect(List<BitImage> images, DetectionOptions options) {
        List<DetectedObjects> all = new ArrayList<>(images.size());
        int together = together();
        for (int from = 0; from < images.size(); from += together) {
            List<BitImage> part = images.subList(from, Math.min(images.size(), from + together));
            List<List<ScoredBox>> found =
                    boxes(part.stream().map(image -> FramedImage.of(image, config.imageInput())).toList(), options);
            for (int i = 0; i < part.size(); i++) {
                all.add(DetectedObjects.of(found.get(i), config.classNames(), part.get(i)));
            }
        }
        return all;
    }

    /** How many pictures to compute at a time. */
    int together() {
        ImageInput input = config.imageInput();
        return Math.clamp(BATCH_VALUES / ((long) input.channels() * input.height() * input.width()), 1, 16);
    }

    /** The objects on some pictures, in pixels of the originals. */
    List<List<ScoredBox>> boxes(List<FramedImage> framed, DetectionOptions options) {
        InEvaluation.require("BitDetector.detect", this);
        ImageInput input = config.imageInput();
        Tensor batch = input.withFit(ImageFit.EXACT)
                .tensor(framed.stream().map(image -> image.placed().image()).toList());
        Workspace workspace = new Workspace();
        float[] answers = workspace.call(() -> Autograd.noGrad(() -> forward(batch)).toArray());
        for (float answer : answers) {
            if (!Float.isFinite(answer)) {
                throw new IllegalStateException("BitDetector.detect: an answer of the network is " + answer
                        + "; check the weights and the training");
            }
        }
        List<List<ScoredBox>> found = new ArrayList<>();
        for (int i = 0; i < framed.size(); i++) {
            found.add(NonMaximumSuppression.apply(candidates(answers, i, framed.get(i), options), options));
        }
        return found;
    }

    /** The score of a class at a point is the geometric mean of its probability and the quality of the box. */
    private List<ScoredBox> candidates(float[] answers, int image, FramedImage framed, DetectionOptions options) {
        ImageInput input = config.imageInput();
        DetectionPoints points = new DetectionPoints(input.height(), input.width(), config.strides());
        int classes = config.classNames().size();
        int length = classes + OTHER_ANSWERS;
        List<ScoredBox> candidates = new ArrayList<>();
        for (Level level : points.levels()) {
            float usual = usualDistance(level.stride());
            for (int point = level.from(); point < level.from() + level.size(); point++) {
                int at = (image * points.count() + point) * length;
                float quality = Elementary.sigmoid(answers[at + length - 1]);
                for (int label = 0; label < classes; label++) {
                    float score = (float) Math.sqrt(Elementary.sigmoid(answers[at + label]) * quality);
                    if (score >= options.scoreThreshold()) {
                        Box box = around(level.x(point), level.y(point), answers, at + classes, usual);
                        Box original = framed.toOriginal(box);
                        if (original.width() > 0 && original.height() > 0) { // else it lies beside the picture
                            candidates.add(new ScoredBox(original, label, score));
                        }
                    }
                }
            }
        }
        return candidates;
    }

    /** The box around a point, of whose four distances the answers begin at an index. */
    private static Box around(double x, double y, float[] answers, int at, float usual) {
        return new Box(x - DetectionLosses.distance(answers[at], usual),
                y - DetectionLosses.distance(answers[at + 1], usual),
                x + DetectionLosses.distance(answers[at + 2], usual),
                y + DetectionLosses.distance(answers[at + 3], usual));
    }

    @Override
    protected Tensor exampleInput() {
        ImageInput input = config.imageInput();
        return Tensor.zeros(1, input.channels(), input.height(), input.width());
    }

    @Override
    protected String describe() {
        return "BitDetector(" + config.channels() + " channels, " + config.blocks() + " blocks, strides "
                + config.strides() + ", " + config.classNames().size() + " classes)";
    }
}
