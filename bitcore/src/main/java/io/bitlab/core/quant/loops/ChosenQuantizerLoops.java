package io.bitlab.core.quant.loops;

import io.bitlab.core.platform.VectorPlatform;

/** Holds the one choice of {@link QuantizerLoops#get}, made at its first call. */
final class ChosenQuantizerLoops {

    static final QuantizerLoops INSTANCE =
            VectorPlatform.current().counterpartOf(QuantizerLoops.class).orElseGet(QuantizerLoops.Scalar::new);

    private ChosenQuantizerLoops() {
    }
}
