package io.bitlab.models.train;

import io.bitlab.core.math.Bfloat16;
import io.bitlab.core.math.CounterRandom;

/**
 * How exactly a {@link GradientExchange} sends gradients. Part of what is computed: every exchange of a precision gives
 * the same bits.
 *
 * {@snippet class="io.bitlab.models.snippets.ExchangeSnippets" region="precision"}
 */
public enum GradientPrecision {

    /** As they were computed: 4 bytes each. */
    FLOAT32,

    /**
     * Half the bytes. The gradients of each shard, and each sum of the tree, are rounded to bfloat16, up or down at
     * random, so that the expected value is the exact one (stochastic rounding; Gupta et al., <i>Deep Learning with
     * Limited Numerical Precision</i>, ICML 2015). The random numbers depend on the step and the place in the tree
     * only. Error feedback, which adds what was lost to the next gradient, would lose that with an executor, and with
     * it the same bits.
     */
    BFLOAT16;

    /** Rounds to one of the two nearest bfloat16. Infinity and NaN stay what they are. */
    static short[] rounded(float[] values, CounterRandom random) {
        short[] rounded = new short[values.length];
        long drawn = 0;
        for (int i = 0; i < values.length; i++) {
            drawn = i % 4 == 0 ? random.nextLong() : drawn >>> 16;
            rounded[i] = Float.isFinite(values[i])
                    ? (short) (Float.floatToRawIntBits(values[i]) + (drawn & 0xFFFF) >>> 16)
                    : Bfloat16.fromFloat(values[i]);
        }
        return rounded;
    }
}
