package io.bitlab.models.diffusion;

import io.bitlab.core.ops.AttentionMask;
import io.bitlab.core.tensor.ChannelsLast;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Conv2d;
import io.bitlab.layers.Initializer;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import io.bitlab.layers.RMSNorm;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.attention.SelfAttention;

/**
 * A residual block whose first convolution gets the condition added to each pixel; on small images, all pixels then
 * attend to each other.
 */
final class UNetBlock extends Layer {

    private static final Initializer NORMAL = Initializer.normal(0.02);

    private final int out;
    private final int conditionFeatures;
    private final Sequential first;
    private final Linear projection;
    private final Sequential second;
    private final Layer shortcut; // or null for the identity
    private final RMSNorm attentionNorm; // or null without attention
    private final SelfAttention attention;

    /**
     * Creates a block.
     *
     * @param c sizes and choices
     * @param in channels of the input
     * @param out channels of the output
     * @param attends whether pixels attend to each other
     */
    UNetBlock(BitUNetConfig c, int in, int out, boolean attends) {
        this.out = out;
        this.conditionFeatures = c.conditionFeatures();
        first = child("first", new Sequential(c.convolution(in, out, 1), c.norm().layer(out)));
        projection = child("projection", new Linear(conditionFeatures, out, true, NORMAL));
        second = child("second", new Sequential(c.convolution(out, out, 1), c.norm().layer(out)));
        shortcut = in == out ? null : child("shortcut", Conv2d.builder(in, out, 1).build());
        attentionNorm = attends ? child("attn_norm", new RMSNorm(out, DiTBlock.EPS)) : null;
        attention = attends
                ? child("attn", SelfAttention.builder(out, c.numAttentionHeads()).withoutRope().subNorm(DiTBlock.EPS)
                        .quantConfig(c.linearQuantConfig()).initializers(NORMAL, NORMAL).build())
                : null;
    }

    /**
     * The block under a condition.
     *
     * @param x {@code [n, in, height, width]}; not modified
     * @param condition {@code [n, features]}; not modified
     * @return {@code [n, out, height, width]}
     */
    Tensor forward(Tensor x, Tensor condition) {
        int n = x.length(0);
        Tensor y = ChannelsLast.pixels(first.forward(x))
                .add(projection.forward(condition).reshape(n, 1, 1, out)).relu();
        y = second.forward(ChannelsLast.images(y)).add(shortcut == null ? x : shortcut.forward(x)).relu();
        if (attention != null) {
            Tensor pixels = ChannelsLast.pixels(y);
            Tensor tokens = pixels.reshape(n, x.length(2) * x.length(3), out);
            tokens = tokens.add(attention.forward(attentionNorm.forward(tokens), AttentionMask.FULL));
            y = ChannelsLast.images(tokens.reshape(pixels.shape()));
        }
        return observed(y);
    }

    /** The block without a condition. */
    @Override
    public Tensor forward(Tensor x) {
        return forward(x, Tensor.zeros(x.length(0), conditionFeatures));
    }
}
