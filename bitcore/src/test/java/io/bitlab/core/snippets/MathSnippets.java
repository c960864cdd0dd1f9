package io.bitlab.core.snippets;

import io.bitlab.core.math.ActivationFunction;
import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.math.FloatMath;

/** Code that the Javadoc of {@code io.bitlab.core.math} shows. */
final class MathSnippets {

    private MathSnippets() {
    }

    static float[] gemm(float[] a, float[] b) {
        // @start region="gemm"
        float[] c = new float[2 * 3];
        FloatMath.get().gemm(2, 3, 4, a, 0, b, 0, c, 0, false); // C[2, 3] = A[2, 4] · B[4, 3]
        // @end
        return c;
    }

    static float[] activation(float[] x) {
        // @start region="activation"
        float y = ActivationFunction.SILU.apply(x[0]);
        float slope = ActivationFunction.SILU.derivative(x[0], y);
        float[] all = new float[x.length];
        FloatMath.get().apply(ActivationFunction.SILU, x, 0, all, 0, x.length); // all[0] == y
        // @end
        all[0] += slope;
        return all;
    }

    static double random() {
        // @start region="random"
        CounterRandom random = new CounterRandom(42, CounterRandom.stream("dropout"));
        float first = random.nextFloat();
        long position = random.position(); // 1: store it to continue later
        double second = random.nextGaussian();
        random.seek(position);
        double again = random.nextGaussian(); // equals second
        // @end
        return first + second + again;
    }
}
