package io.bitlab.core.math;

import io.bitlab.core.platform.VectorPlatform;

/** Holds the implementation that {@link FloatMath#get} returns, chosen at its first call. */
final class FloatMathHolder {

    static final FloatMath INSTANCE = choose();

    private FloatMathHolder() {
    }

    private static FloatMath choose() {
        // Without hardware FMA, scalar and vector code would both have to round twice, and vectors would gain little.
        return Fma.isHardware()
                ? VectorPlatform.current().counterpartOf(FloatMath.class).orElse(ScalarFloatMath.INSTANCE)
                : ScalarFloatMath.INSTANCE;
    }
}
