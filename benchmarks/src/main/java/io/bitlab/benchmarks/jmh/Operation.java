package io.bitlab.benchmarks.jmh;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.WeightScale;
import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.embedding.EmbeddingTable;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.TernaryMatmul;
import io.bitlab.core.math.ActivationFunction;
import io.bitlab.core.math.FloatMath;
import io.bitlab.core.ops.Attention;
import io.bitlab.core.ops.AttentionMask;
import io.bitlab.core.ops.ImageNorms;
import io.bitlab.core.ops.Losses;
import io.bitlab.core.ops.Norms;
import io.bitlab.core.ops.Pointwise;
import io.bitlab.core.ops.Pooling;
import io.bitlab.core.ops.Resampling;
import io.bitlab.core.ops.RotaryEmbedding;
import io.bitlab.core.ops.Window;
import io.bitlab.core.quant.ActivationQuantizer;
import io.bitlab.core.quant.TernaryQuantizer;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.ChannelsLast;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitConv2d;
import io.bitlab.layers.Conv2d;
import io.bitlab.layers.Layer;
import io.bitlab.layers.attention.KvCache;
import io.bitlab.layers.attention.SelfAttention;
import io.bitlab.layers.optim.AdamW;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * What the models of the library spend their time with, at sizes that a second-level cache holds unless the name says
 * otherwise.
 */
public enum Operation {

    /** Ternary weights, one row of activations. */
    TERNARY_ONE_ROW("ternary product, 2,560 x 2,560, 1 row", () -> ternary(1)),
    /** Ternary weights, a batch. */
    TERNARY_BATCH("ternary product, 2,560 x 2,560, 64 rows", () -> ternary(64)),
    /** Rounding activations. */
    QUANTIZE("rounding to int8, 16 rows of 2,560", Operation::quantize),
    /** Rounding latent weights. */
    TERNARIZE("rounding weights, 512 x 512", Operation::ternarize),
    /** A head in int8. */
    HEAD_INT8("head in int8, 4,000 x 2,560, 1 row", () -> head(EmbeddingFormat.INT8, 1)),
    /** A head in int8, for a batch. */
    HEAD_INT8_BATCH("head in int8, 16 rows", () -> head(EmbeddingFormat.INT8, 16)),
    /** A head in bfloat16. */
    HEAD_BFLOAT16("head in bfloat16, 1 row", () -> head(EmbeddingFormat.BFLOAT16, 1)),
    /** A head in bfloat16, for a batch. */
    HEAD_BFLOAT16_BATCH("head in bfloat16, 16 rows", () -> head(EmbeddingFormat.BFLOAT16, 16)),
    /** A head in nf4. */
    HEAD_NF4("head in nf4, 1 row", () -> head(EmbeddingFormat.NF4, 1)),
    /** A head in nf4, for a batch. */
    HEAD_NF4_BATCH("head in nf4, 16 rows", () -> head(EmbeddingFormat.NF4, 16)),
    /** A float product. */
    GEMM("float product, 256 x 256 x 256", Operation::gemm),
    /** A float product with a vector. */
    GEMV("float product, 512 x 512, 1 row", Operation::gemv),
    /** Attention while a text is generated. */
    ATTENTION_ONE("attention with projections, 1 token, 8 heads of 64, 1,024 before it", Operation::attentionOne),
    /** Attention of a text at once. */
    ATTENTION_TEXT("attention, 256 tokens, 4 heads of 64", Operation::attentionText),
    /** Attention in training. */
    ATTENTION_TRAINING("attention, forward and backward, 128 tokens, 4 heads of 64", Operation::attentionTraining),
    /** Positions. */
    ROTARY("rotary embedding, 64 tokens, 8 heads of 64", Operation::rotary),
    /** Probabilities. */
    SOFTMAX("softmax, 64 rows of 512", Operation::softmax),
    /** A loss with its gradient. */
    CROSS_ENTROPY("cross entropy, forward and backward, 64 rows of 512", Operation::crossEntropy),
    /** Sums. */
    SUM("sum, 16 rows of 2,560", Operation::sum),
    /** Root-mean-square norm. */
    RMS_NORM("RMS norm, 16 rows of 2,560", Operation::rmsNorm),
    /** Layer norm. */
    LAYER_NORM("layer norm, 128 rows of 256", Operation::layerNorm),
    /** Layer norm in training. */
    LAYER_NORM_TRAINING("layer norm, forward and backward, 128 rows of 256", Operation::layerNormTraining),
    /** An activation function with an exponential. */
    SILU("SiLU, 32,768 values", () -> activation(ActivationFunction.SILU)),
    /** An activation function with an error function. */
    GELU("GELU, 32,768 values", () -> activation(ActivationFunction.GELU)),
    /** The activation of BitNet. */
    GATED("gated squared ReLU, 32,768 values", Operation::gated),
    /** A residual connection. */
    ADD("sum of two tensors, 32,768 values", Operation::add),
    /** An optimizer. */
    ADAMW("AdamW, 65,536 weights", Operation::adamw),
    /** A ternary convolution. */
    CONVOLUTION("ternary convolution 3 x 3, 64 channels of 16 x 16", Operation::convolution),
    /** A ternary convolution in training. */
    CONVOLUTION_TRAINING("ternary convolution, forward and backward", Operation::convolutionTraining),
    /** A convolution with a kernel for each channel. */
    DEPTHWISE("depthwise ternary convolution", Operation::depthwise),
    /** A float convolution. */
    FLOAT_CONVOLUTION("float convolution", Operation::floatConvolution),
    /** A norm of images in training. */
    BATCH_NORM_TRAINING("batch norm, forward and backward, 4 images", Operation::batchNormTraining),
    /** Max pooling. */
    MAX_POOL("max pooling 3 x 3", Operation::maxPool),
    /** Average pooling. */
    AVERAGE_POOL("average pooling 2 x 2", Operation::averagePool),
    /** Resizing. */
    BILINEAR("bilinear resizing to 32 x 32", Operation::bilinear);

    private static final String NAME = "benchmark";
    private static final float EPS = 1e-5f;

    private final String description;
    private final Supplier<Runnable> operands;

    Operation(String description, Supplier<Runnable> operands) {
        this.description = description;
        this.operands = operands;
    }

    /**
     * What is computed.
     *
     * @return the operation and its size
     */
    public String description() {
        return description;
    }

    /** Makes the operands. */
    Runnable prepare() {
        return operands.get();
    }

    // ---------------------------------------------------------------- operations

    private static Runnable quantize() {
        float[] x = normal(16 * 2560);
        return () -> ActivationQuantizer.quantize(x, 16, 2560, Granularity.PER_CHANNEL, NAME);
    }

    private static Runnable ternarize() {
        float[] w = normal(512 * 512);
        return () -> TernaryQuantizer.quantize(w, 512, 512, Granularity.PER_TENSOR, WeightScale.ABS_MEAN);
    }

    private static Runnable gemm() {
        float[] a = normal(256 * 256);
        float[] c = new float[256 * 256];
        return () -> FloatMath.get().gemm(256, 256, 256, a, 0, a, 0, c, 0, false);
    }

    private static Runnable gemv() {
        float[] w = normal(512 * 512);
        float[] y = new float[512];
        return () -> FloatMath.get().gemmTransposedB(1, 512, 512, w, 0, w, 0, y, 0, false);
    }

    private static Runnable attentionOne() {
        SelfAttention attention = SelfAttention.builder(512, 8).build();
        attention.initialize(1);
        attention.eval();
        KvCache cache = KvCache.builder(1, 8, 64).capacity(1025).build();
        Autograd.noGrad(() -> attention.forward(Tensor.randn(2, 1, 1024, 512), cache, 0));
        cache.advance(1024);
        Tensor x = Tensor.randn(3, 1, 1, 512);
        return () -> attention.forward(x, cache, 0);
    }

    private static Runnable attentionText() {
        Tensor q = Tensor.randn(1, 1, 256, 256);
        return () -> Attention.attend(q, q, q, 4, 4, AttentionMask.CAUSAL);
    }

    private static Runnable attentionTraining() {
        return step(x -> Attention.attend(x, x, x, 4, 4, AttentionMask.CAUSAL), 1, 128, 256);
    }

    private static Runnable rotary() {
        RotaryEmbedding rope = new RotaryEmbedding(64, 10_000f, RotaryEmbedding.Pairing.HALVES, 64);
        Tensor x = Tensor.randn(1, 1, 64, 512);
        return () -> rope.rotate(x);
    }

    private static Runnable softmax() {
        float[] x = normal(64 * 512);
        float[] y = new float[x.length];
        return () -> {
            for (int at = 0; at < x.length; at += 512) {
                FloatMath.get().softmax(x, at, y, at, 512);
            }
        };
    }

    private static Runnable crossEntropy() {
        int[] labels = new Random(1).ints(64, 0, 512).toArray();
        return step(x -> Losses.crossEntropy(x, labels, 0f, -1), 64, 512);
    }

    private static Runnable sum() {
        float[] x = normal(16 * 2560);
        float[] y = new float[16];
        return () -> {
            for (int row = 0; row < 16; row++) {
                y[row] = FloatMath.get().sum(x, row * 2560, 2560);
            }
        };
    }

    private static Runnable rmsNorm() {
        Tensor x = Tensor.randn(1, 16, 2560);
        Tensor w = Tensor.randn(2, 2560);
        return () -> Norms.rmsNorm(x, w, EPS, NAME);
    }

    private static Runnable layerNorm() {
        Tensor x = Tensor.randn(1, 128, 256);
        Tensor w = Tensor.randn(2, 256);
        return () -> Norms.layerNorm(x, w, null, EPS, NAME);
    }

    private static Runnable layerNormTraining() {
        Tensor w = Tensor.randn(2, 256).requiresGrad(true);
        return step(x -> Norms.layerNorm(x, w, null, EPS, NAME), 128, 256);
    }

    private static Runnable gated() {
        Tensor x = Tensor.randn(1, 32, 1024);
        return () -> Pointwise.gated(ActivationFunction.SQUARED_RELU, x, x);
    }

    private static Runnable add() {
        Tensor x = Tensor.randn(1, 32, 1024);
        return () -> x.add(x);
    }

    private static Runnable adamw() {
        Tensor w = Tensor.randn(1, 256, 256).requiresGrad(true);
        System.arraycopy(normal(w.size()), 0, w.gradBuffer(), 0, w.size());
        AdamW optimizer = new AdamW(List.of(w), 1e-3f);
        return optimizer::step;
    }

    private static Runnable convolution() {
        return layer(BitConv2d.builder(64, 64, 3).padding(1).build());
    }

    private static Runnable convolutionTraining() {
        BitConv2d layer = BitConv2d.builder(64, 64, 3).padding(1).build();
        layer.initialize(1);
        return step(pixels -> ChannelsLast.pixels(layer.forward(ChannelsLast.images(pixels))), 1, 16, 16, 64);
    }

    private static Runnable depthwise() {
        return layer(BitConv2d.builder(64, 64, 3).padding(1).groups(64).build());
    }

    private static Runnable floatConvolution() {
        return layer(Conv2d.builder(64, 64, 3).padding(1).build());
    }

    private static Runnable batchNormTraining() {
        Tensor one = Tensor.full(1f, 64);
        Tensor zero = Tensor.zeros(64);
        return step(pixels -> ChannelsLast.pixels(
                ImageNorms.batchNorm(ChannelsLast.images(pixels), one, zero, EPS, NAME).images()), 4, 16, 16, 64);
    }

    private static Runnable maxPool() {
        Tensor x = images();
        return () -> Pooling.max(x, Window.of(3, 3).withStride(2, 2).withPadding(1, 1), NAME);
    }

    private static Runnable averagePool() {
        Tensor x = images();
        return () -> Pooling.mean(x, Window.of(2, 2).withStride(2, 2), NAME);
    }

    private static Runnable bilinear() {
        Tensor x = images();
        return () -> Resampling.bilinear(x, 32, 32, NAME);
    }

    // ---------------------------------------------------------------- operands

    private static float[] normal(int length) {
        return NormalValues.of(new Random(1), length);
    }

    /** {@code [1, 64, 16, 16]}, as a convolution leaves them. */
    private static Tensor images() {
        return ChannelsLast.images(Tensor.randn(1, 1, 16, 16, 64));
    }

    private static Runnable ternary(int rows) {
        BitQuantConfig config = BitQuantConfig.defaults();
        PackedWeights weights = KernelRegistry.kernelFor(config, 2560, 2560).pack(TernaryQuantizer.quantize(
                normal(2560 * 2560), 2560, 2560, Granularity.PER_TENSOR, WeightScale.ABS_MEAN));
        float[] x = normal(rows * 2560);
        float[] y = new float[rows * 2560];
        return () -> TernaryMatmul.multiply(weights, TernaryMatmul.quantize(x, rows, 2560, config, NAME), null, y);
    }

    private static Runnable head(EmbeddingFormat format, int rows) {
        EmbeddingTable table = EmbeddingTable.of(format, normal(4000 * 2560), 4000, 2560);
        float[] x = normal(rows * 2560);
        float[] y = new float[rows * 4000];
        return () -> table.multiply(x, rows, y);
    }

    private static Runnable activation(ActivationFunction f) {
        Tensor x = Tensor.randn(1, 32, 1024);
        return () -> Pointwise.apply(f, x);
    }

    private static Runnable layer(Layer layer) {
        layer.initialize(1);
        layer.eval();
        Tensor x = images();
        return () -> layer.forward(x);
    }

    /** Forward and backward, with the gradient of the input. */
    private static Runnable step(UnaryOperator<Tensor> function, int... shape) {
        Tensor x = Tensor.randn(1, shape).requiresGrad(true);
        int size = function.apply(x).size();
        float[] g = normal(size);
        return () -> {
            function.apply(x).backward(g);
            x.zeroGrad();
        };
    }
}
