package io.bitlab.models.diffusion;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.math.Elementary;

/** How often each time between image and noise is trained. */
public enum TimeDistribution {

    /** All times alike. */
    UNIFORM {
        @Override
        float draw(CounterRandom random) {
            return random.nextFloat();
        }
    },

    /**
     * The logistic function of a normal number: more often in the middle, where prediction is hardest (P. Esser et al.,
     * <i>Scaling Rectified Flow Transformers</i>, 2024).
     */
    LOGIT_NORMAL {
        @Override
        float draw(CounterRandom random) {
            return Elementary.sigmoid((float) random.nextGaussian());
        }
    };

    abstract float draw(CounterRandom random);
}
