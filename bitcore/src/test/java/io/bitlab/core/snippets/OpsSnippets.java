package io.bitlab.core.snippets;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.math.ActivationFunction;
import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.ops.Attention;
import io.bitlab.core.ops.AttentionMask;
import io.bitlab.core.ops.ConvolutionWeightCache;
import io.bitlab.core.ops.Convolutions;
import io.bitlab.core.ops.DropoutOps;
import io.bitlab.core.ops.ImageNorms;
import io.bitlab.core.ops.LinearCrossEntropy;
import io.bitlab.core.ops.LinearOps;
import io.bitlab.core.ops.Losses;
import io.bitlab.core.ops.Modulation;
import io.bitlab.core.ops.Norms;
import io.bitlab.core.ops.Pointwise;
import io.bitlab.core.ops.Pooling;
import io.bitlab.core.ops.QuantizedWeightCache;
import io.bitlab.core.ops.Resampling;
import io.bitlab.core.ops.RotaryEmbedding;
import io.bitlab.core.ops.Sinusoids;
import io.bitlab.core.ops.TernaryConvolution;
import io.bitlab.core.ops.Window;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Tensor;

/** Code that the Javadoc of {@code io.bitlab.core.ops} shows. */
final class OpsSnippets {

    private OpsSnippets() {
    }

    static Tensor linear() {
        // @start region="linear"
        Tensor x = Tensor.randn(1L, 32, 512);
        Tensor weight = Tensor.randn(2L, 256, 512).requiresGrad(true); // latent weights, which the optimiser updates
        Tensor y = LinearOps.bitLinear(x, weight, null, BitQuantConfig.defaults(), 1f, "projection"); // [32, 256]
        y.sum().backward(); // weight.grad() passes through the rounding
        // @end
        return y;
    }

    static Tensor cache(Tensor weight, Tensor first, Tensor second) {
        // @start region="cache"
        QuantizedWeightCache cache = new QuantizedWeightCache(BitQuantConfig.defaults());
        Tensor y = LinearOps.bitLinear(first, weight, null, cache, 1f, "projection");
        Tensor z = LinearOps.bitLinear(second, weight, null, cache, 1f, "projection"); // doesn't quantise again
        // @end
        return y.add(z);
    }

    static Tensor dropout(Tensor x) {
        // @start region="dropout"
        CounterRandom random = new CounterRandom(42, CounterRandom.stream("dropout"));
        Tensor y = DropoutOps.dropout(x, 0.1f, random); // 10 % zeros, the others divided by 0.9
        // @end
        return y;
    }

    static Tensor norms(Tensor x) {
        // @start region="norms"
        Tensor weight = Tensor.full(1f, 512);
        Tensor y = Norms.rmsNorm(x, weight, 1e-5f, "norm"); // [..., 512], as x
        // @end
        return y;
    }

    static Tensor broadcast() {
        // @start region="broadcast"
        Tensor matrix = Tensor.randn(1L, 3, 4);
        Tensor row = Tensor.of(new float[] {1, 2, 3, 4}, 4);
        Tensor sum = matrix.add(row); // [3, 4]: adds the row to each row of the matrix
        // @end
        return sum;
    }

    static Tensor indexing(Tensor x) {
        // @start region="indexing"
        Tensor rows = x.gather(0, 2, 0, 2); // rows 2, 0 and 2
        Tensor half = x.slice(-1, 0, x.length(-1) / 2); // the first half of the columns
        Tensor both = Tensor.concat(0, rows, x.gather(0, 1));
        // @end
        return both.add(half.sum());
    }

    static Tensor matmul() {
        // @start region="matmul"
        Tensor a = Tensor.randn(1L, 8, 1, 2, 3);
        Tensor b = Tensor.randn(2L, 5, 3, 4);
        Tensor c = a.matmul(b); // [8, 5, 2, 4]
        // @end
        return c;
    }

    static Tensor pointwise(Tensor gate, Tensor up) {
        // @start region="pointwise"
        Tensor y = Pointwise.silu(gate);
        Tensor swiGlu = Pointwise.gated(ActivationFunction.SILU, gate, up); // silu(gate) * up
        // @end
        return y.add(swiGlu);
    }

    static Tensor reductions() {
        // @start region="reductions"
        Tensor logits = Tensor.randn(1L, 32, 10);
        Tensor probabilities = logits.softmax(-1); // [32, 10], each row sums to 1
        Tensor perClass = probabilities.mean(0); // [10]
        // @end
        return perClass;
    }

    static Tensor losses(Tensor logits) {
        // @start region="losses"
        int[] labels = {3, 1, -100}; // -100: ignored
        Tensor loss = Losses.crossEntropy(logits, labels, 0.1f, -100);
        // @end
        return loss;
    }

    static double linearCrossEntropy(Tensor hidden, Tensor embedding, int[] nextTokens) {
        // @start region="linearCrossEntropy"
        LinearCrossEntropy.Result result = LinearCrossEntropy.of(hidden, embedding, nextTokens, "lm_head");
        result.loss().backward();
        double accuracy = (double) result.correct() / result.counted();
        // @end
        return accuracy;
    }

    static Tensor attention(Tensor q, Tensor k, Tensor v) {
        // @start region="attention"
        // q [batch, length, 8 * d]; k and v [batch, length, 2 * d]
        Tensor y = Attention.attend(q, k, v, 8, 2, AttentionMask.CAUSAL); // [batch, length, 8 * d]
        // @end
        return y;
    }

    static AttentionMask mask() {
        // @start region="mask"
        AttentionMask window = AttentionMask.causal(4096); // sliding window, as in Mistral
        AttentionMask padded = AttentionMask.FULL.withLengths(17, 32, 8); // a batch of three padded sequences
        // @end
        return padded.causal() ? padded : window;
    }

    static Tensor rotary(Tensor q) {
        // @start region="rotary"
        RotaryEmbedding rope = new RotaryEmbedding(64, 10_000f, RotaryEmbedding.Pairing.HALVES, 2048);
        Tensor rotated = rope.rotate(q); // [batch, length, heads * 64], as q
        // @end
        return rotated;
    }

    static Window window() {
        // @start region="window"
        Window window = Window.of(3, 3).withStride(2, 2).withPadding(1, 1);
        int height = window.outputHeight(28, "conv"); // 14
        // @end
        return height == 14 ? window : Window.of(1, 1);
    }

    static Tensor convolution(Tensor weight) {
        // @start region="convolution"
        Tensor images = Tensor.randn(1L, 8, 3, 28, 28);
        Window window = Window.of(3, 3).withPadding(1, 1);
        Tensor floats = Convolutions.conv2d(images, weight, null, window, 1, "conv"); // weight [16, 3, 3, 3]
        ConvolutionWeightCache cache = new ConvolutionWeightCache(
                BitQuantConfig.defaults().withActivationGranularity(Granularity.PER_SAMPLE));
        Tensor result = Convolutions.bitConv2d(images, weight, null, window, 1, cache, 1f, "conv"); // [8, 16, 28, 28]
        // @end
        return result.sub(floats);
    }

    static Tensor ternaryConvolution(Tensor images, TernaryMatrix weights) {
        // @start region="ternaryConvolution"
        TernaryConvolution packed = new TernaryConvolution(weights, 3, Window.of(3, 3), 1, // weights [16, 3 * 3 * 3]
                BitQuantConfig.defaults().withActivationGranularity(Granularity.PER_SAMPLE));
        Tensor result = packed.apply(images, null, "conv", () -> "my layer"); // [n, 16, height - 2, width - 2]
        // @end
        return result;
    }

    static Tensor imageNorms() {
        Tensor weight = Tensor.full(1f, 16);
        Tensor bias = Tensor.zeros(16);
        // @start region="imageNorms"
        Tensor images = Tensor.randn(1L, 8, 16, 28, 28);
        Tensor grouped = ImageNorms.groupNorm(images, 4, weight, bias, 1e-5f, "norm"); // groups of 4 channels
        ImageNorms.Normalized batch = ImageNorms.batchNorm(images, weight, bias, 1e-5f, "norm");
        // @end
        return grouped.add(batch.images());
    }

    static Tensor pooling() {
        // @start region="pooling"
        Tensor images = Tensor.randn(1L, 8, 16, 28, 28);
        Tensor halves = Pooling.max(images, Window.of(2, 2).withStride(2, 2), "pool"); // [8, 16, 14, 14]
        Tensor again = Pooling.upsample(halves, 2, "upsample"); // [8, 16, 28, 28]
        // @end
        return again;
    }

    static Tensor resampling() {
        // @start region="resampling"
        Tensor images = Tensor.randn(1L, 8, 16, 28, 28);
        Tensor larger = Resampling.bilinear(images, 42, 42, "resize"); // [8, 16, 42, 42]
        Tensor deeper = Resampling.unshuffle(larger, 2, "unshuffle"); // [8, 64, 21, 21]
        Tensor same = Resampling.shuffle(deeper, 2, "shuffle"); // [8, 16, 42, 42]
        // @end
        return same;
    }

    static Tensor sinusoids() {
        // @start region="sinusoids"
        Tensor times = Tensor.of(new float[] {0f, 0.25f, 999f}, 3);
        Tensor features = Sinusoids.embed(times, 64, Sinusoids.Arrangement.COSINES_FIRST, "time"); // [3, 64]
        // @end
        return features;
    }

    static Tensor modulation(Tensor x, Tensor branch, Tensor scale, Tensor shift, Tensor gate) {
        // @start region="modulation"
        Tensor normed = Modulation.modulatedNorm(x, scale, shift, 1e-6f, "block"); // [samples, positions, features]
        Tensor y = Modulation.addGated(x, gate, branch, "block"); // x + gate * branch
        // @end
        return normed.add(y);
    }
}
