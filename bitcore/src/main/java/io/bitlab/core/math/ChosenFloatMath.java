package io.bitlab.core.math;

import io.bitlab.core.platform.VectorPlatform;

/** Holds the one choice of {@link FloatMath#get}, made when it is first needed. */
final class ChosenFloatMath {

    static final FloatMath INSTANCE = choose();

    private ChosenFloatMath() {
    }

    private static FloatMath choose() {
        // Without fused multiply-adds in hardware, both forms would have to round twice, and vectors would gain little.
        return Fma.isHardware()
                ? VectorPlatform.current().counterpartOf(FloatMath.class).orElse(ScalarFloatMath.INSTANCE)
                : ScalarFloatMath.INSTANCE;
    }
}
