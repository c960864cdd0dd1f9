package io.bitlab.models.diffusion;

import io.bitlab.core.ops.AttentionMask;
import io.bitlab.core.ops.Modulation;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import io.bitlab.layers.attention.FeedForward;
import io.bitlab.layers.attention.SelfAttention;
import io.bitlab.models.transformer.HiddenAct;

/**
 * A block of a diffusion transformer with "adaLN-zero" (W. Peebles and S. Xie, <i>Scalable Diffusion Models with
 * Transformers</i>, 2022): the condition scales, shifts and gates what goes into and comes out of attention and
 * feed-forward layer; at first the gates are 0, so that the block passes on its input. What reads the condition is
 * ternary too (X. Lu et al., <i>TerDiT</i>, 2024): as floats it would be three quarters of the model's file.
 */
final class DiTBlock extends Layer {

    /** Keeps the divisors of norms away from 0. */
    static final float EPS = 1e-6f;

    private static final double DEVIATION = 0.02;

    /** Scale, shift and gate of two branches. */
    private static final int MODULATIONS = 6;

    private final int features;
    private final int conditionFeatures;
    private final Layer modulation;
    private final SelfAttention attention;
    private final FeedForward feedForward;

    /**
     * Creates a block.
     *
     * @param c sizes and choices
     */
    DiTBlock(BitDiTConfig c) {
        features = c.hiddenSize();
        conditionFeatures = c.conditionSize();
        Initializer in = Initializer.normal(DEVIATION);
        modulation = child("modulation", modulation(c));
        attention = child("attn", SelfAttention.builder(features, c.numAttentionHeads()).withoutRope().subNorm(EPS)
                .quantConfig(c.quantConfig()).initializers(in, in).build());
        feedForward = child("mlp", FeedForward.builder(features, c.intermediateSize())
                .activation(HiddenAct.RELU2.function(), false).subNorm(EPS).quantConfig(c.quantConfig())
                .initializers(in, in).build());
    }

    private static Layer modulation(BitDiTConfig c) {
        int in = c.conditionSize();
        int out = MODULATIONS * c.hiddenSize();
        return c.quantConfig() == null ? new Linear(in, out, true, Initializer.ZEROS)
                : BitLinear.builder(in, out).quantConfig(c.quantConfig()).initializer(Initializer.ZEROS).build();
    }

    /**
     * The block under a condition.
     *
     * @param x {@code [n, patches, features]}; not modified
     * @param condition {@code [n, condition features]}; not modified
     * @return of x's shape
     */
    Tensor forward(Tensor x, Tensor condition) {
        return Autograd.recycling(() -> modulated(x, condition));
    }

    private Tensor modulated(Tensor x, Tensor condition) {
        Tensor m = modulation.forward(condition);
        Tensor attended = attention.forward(
                Modulation.modulatedNorm(x, part(m, 0), part(m, 1), EPS, "DiTBlock"), AttentionMask.FULL);
        Tensor h = Modulation.addGated(x, part(m, 2), attended, "DiTBlock");
        Tensor fed = feedForward.forward(Modulation.modulatedNorm(h, part(m, 3), part(m, 4), EPS, "DiTBlock"));
        return observed(Modulation.addGated(h, part(m, 5), fed, "DiTBlock"));
    }

    private Tensor part(Tensor modulations, int index) {
        return modulations.slice(1, index * features, (index + 1) * features);
    }

    /** The block without a condition. */
    @Override
    public Tensor forward(Tensor x) {
        return forward(x, Tensor.zeros(x.length(0), conditionFeatures));
    }
}
