package io.bitlab.layers;

import io.bitlab.core.ops.ImageNorms;
import io.bitlab.core.tensor.Tensor;

/**
 * Batch normalisation (Ioffe and Szegedy, <i>Batch Normalization</i>, 2015) of images, channel by channel:
 * {@code y = w * (x - mean) / sqrt(variance + eps) + b}. Input and output {@code [n, channels, height, width]}; weights
 * and bias {@code [channels]}, initially 1 and 0.
 *
 * {@snippet class="io.bitlab.layers.snippets.VisionSnippets" region="batchNorm2d"}
 *
 * <p>In training, mean and variance are those of the batch, over all pixels of all images. Each forward in training
 * also moves running statistics by a share, the momentum, towards those of the batch, as in PyTorch: also without
 * recorded gradients, so validation needs {@link #eval()}. Evaluation uses the running statistics: one multiplication
 * and addition for each value, {@code y = x * (w / sqrt(variance + eps)) + shift}, and an image does not depend on its
 * batch.
 *
 * <p>The state has PyTorch's names: weight, bias, running_mean, running_var (with Bessel's correction) and
 * num_batches_tracked, the number of batches, which a loaded state may lack.
 */
public final class BatchNorm2d extends Layer {

    /** PyTorch's default. */
    public static final float DEFAULT_EPS = 1e-5f;
    /** PyTorch's default. */
    public static final float DEFAULT_MOMENTUM = 0.1f;

    private static final String BATCHES = "num_batches_tracked";

    private final int channels;
    private final float eps;
    private final float momentum;
    private final Parameter weight;
    private final Parameter bias;
    private final Tensor runningMean;
    private final Tensor runningVariance;
    private final Tensor batches;
    private volatile Affine affine; // in evaluation

    /**
     * Creates a norm with {@link #DEFAULT_EPS} and {@link #DEFAULT_MOMENTUM}.
     *
     * @param channels channels of the images
     */
    public BatchNorm2d(int channels) {
        this(channels, DEFAULT_EPS, DEFAULT_MOMENTUM);
    }

    /**
     * Creates a norm.
     *
     * @param channels channels of the images
     * @param eps positive; added to the variance
     * @param momentum share of the newest batch in the running statistics, from above 0 to 1
     * @throws IllegalArgumentException if a value is out of range
     */
    public BatchNorm2d(int channels, float eps, float momentum) {
        this(channels, eps, momentum, Initializer.ONES);
    }

    private BatchNorm2d(int channels, float eps, float momentum, Initializer initializer) {
        if (channels < 1 || !(eps > 0f) || !(momentum > 0f && momentum <= 1f)) {
            throw new IllegalArgumentException("BatchNorm2d(" + channels + ", eps " + eps + ", momentum " + momentum
                    + "): at least 1 channel, a positive eps and a momentum in (0, 1] are needed");
        }
        this.channels = channels;
        this.eps = eps;
        this.momentum = momentum;
        this.weight = parameter("weight", initializer, channels);
        this.bias = parameter("bias", Initializer.ZEROS, channels);
        this.runningMean = buffer("running_mean", Tensor.zeros(channels));
        this.runningVariance = buffer("running_var", Tensor.full(1f, channels));
        this.batches = buffer(BATCHES, Tensor.scalar(0f));
    }

    /**
     * Creates a norm whose weights start at 0, for the end of a residual branch, which then starts as the identity (P.
     * Goyal et al., <i>Accurate, Large Minibatch SGD</i>, 2017, section 5.1).
     *
     * @param channels channels of the images
     * @return the norm, with {@link #DEFAULT_EPS} and {@link #DEFAULT_MOMENTUM}
     */
    public static BatchNorm2d startingAtZero(int channels) {
        return new BatchNorm2d(channels, DEFAULT_EPS, DEFAULT_MOMENTUM, Initializer.ZEROS);
    }

    /**
     * Normalises images.
     *
     * @param x {@code [n, channels, height, width]}; not modified
     * @return a tensor of the same shape
     * @throws IllegalArgumentException if x has another shape, or in training only one pixel a channel
     */
    @Override
    public Tensor forward(Tensor x) {
        if (mode() != Mode.TRAIN) {
            return observed(ImageNorms.scaleAndShift(x, affine.scale(), affine.shift(), describeWithPath()));
        }
        ImageNorms.Normalized y = ImageNorms.batchNorm(x, weight.tensor(), bias.tensor(), eps, describeWithPath());
        double pixels = x.size() / (double) channels;
        move(runningMean, y.mean(), 1);
        move(runningVariance, y.variance(), pixels / (pixels - 1));
        batches.data()[0]++;
        return observed(y.images());
    }

    /** Moves running statistics towards those of a batch, times a factor. */
    private void move(Tensor running, float[] batch, double factor) {
        float[] values = running.data();
        for (int c = 0; c < channels; c++) {
            values[c] = (float) ((1 - (double) momentum) * values[c] + momentum * (batch[c] * factor));
        }
    }

    /**
     * What evaluation computes: {@code x * scale + shift}, channel by channel.
     *
     * @param scale {@code w / sqrt(variance + eps)}
     * @param shift {@code b - mean * scale}
     */
    @SuppressWarnings("ArrayRecordComponent") // its identity tells the weights that were folded with it
    record Affine(float[] scale, float[] shift) {
    }

    int channels() {
        return channels;
    }

    Affine affine() {
        return affine;
    }

    @Override
    protected void loadState(String prefix, StateDict state) {
        super.loadState(prefix, state);
        if (mode() == Mode.DEPLOYED) { // in evaluation, onEval() follows
            onEval();
        }
    }

    @Override
    protected void onEval() {
        float[] scale = new float[channels];
        float[] shift = new float[channels];
        for (int c = 0; c < channels; c++) {
            scale[c] = (float) scale(c);
            shift[c] = (float) (bias.tensor().data()[c] - runningMean.data()[c] * scale(c));
        }
        affine = new Affine(scale, shift);
    }

    private double scale(int c) {
        return weight.tensor().data()[c] / Math.sqrt(runningVariance.data()[c] + (double) eps);
    }

    @Override
    void completeState(String prefix, StateDict state) {
        if (state.names().contains(prefix + "running_mean") && !state.names().contains(prefix + BATCHES)) {
            state.put(prefix + BATCHES, Tensor.scalar(0f));
        }
    }

    @Override
    protected String describe() {
        return "BatchNorm2d(" + channels + ")";
    }
}
