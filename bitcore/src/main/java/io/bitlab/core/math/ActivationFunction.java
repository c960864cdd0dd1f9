package io.bitlab.core.math;

/**
 * Activation functions with their derivatives, for scalars. {@link FloatMath#apply} applies them to arrays and returns
 * exactly the bits of the scalar methods here; {@link Elementary} states their accuracy.
 *
 * {@snippet class="io.bitlab.core.snippets.MathSnippets" region="activation"}
 */
public enum ActivationFunction {

    /** e to the power of x. */
    EXP(0.5) {
        @Override
        public float apply(float x) {
            return Elementary.exp(x);
        }

        @Override
        public float derivative(float x, float y) {
            return y;
        }
    },

    /** The hyperbolic tangent; derivative {@code 1 - y²}. */
    TANH(0.8) {
        @Override
        public float apply(float x) {
            return Elementary.tanh(x);
        }

        @Override
        public float derivative(float x, float y) {
            return 1f - y * y;
        }
    },

    /** The logistic function {@code 1 / (1 + exp(-x))}; derivative {@code y·(1 - y)}. */
    SIGMOID(0.8) {
        @Override
        public float apply(float x) {
            return Elementary.sigmoid(x);
        }

        @Override
        public float derivative(float x, float y) {
            return y * (1f - y);
        }
    },

    /**
     * {@code x·s} with {@code s = sigmoid(x)} (Elfwing, Uchibe and Doya, 2018); derivative {@code s·(1 + x·(1 - s))}.
     */
    SILU(0.8) {
        @Override
        public float apply(float x) {
            return x * Elementary.sigmoid(x);
        }

        @Override
        public float derivative(float x, float y) {
            float s = Elementary.sigmoid(x);
            return s * (1f + x * (1f - s));
        }
    },

    /**
     * {@code x·Φ(x)} (Hendrycks and Gimpel, 2016), {@code Φ(x) = (1 + erf(x / √2)) / 2}; derivative
     * {@code Φ(x) + x·φ(x)}.
     */
    GELU(1.2) {
        @Override
        public float apply(float x) {
            return x * normalDistribution(x);
        }

        @Override
        public float derivative(float x, float y) {
            return normalDistribution(x) + x * INVERSE_ROOT_TWO_PI * Elementary.exp(-0.5f * x * x);
        }
    },

    /** {@code 0.5·x·(1 + tanh(u))}, {@code u = √(2/π)·(x + 0.044715·x³)}: GPT-2's approximation of {@link #GELU}. */
    GELU_TANH(1) {
        @Override
        public float apply(float x) {
            return 0.5f * x * (1f + innerTanh(x));
        }

        @Override
        public float derivative(float x, float y) {
            float t = innerTanh(x);
            float inner = ROOT_TWO_OVER_PI * (1f + 3f * GELU_CUBIC * x * x);
            return 0.5f * (1f + t + x * (1f - t * t) * inner);
        }
    },

    /** {@code max(x, 0)}, NaN for NaN; derivative 1 where x is positive, else 0. */
    RELU(0.1) {
        @Override
        public float apply(float x) {
            return Math.max(x, 0f);
        }

        @Override
        public float derivative(float x, float y) {
            return x > 0f ? 1f : 0f;
        }
    },

    /** {@code max(x, 0)²} (So et al., <i>Primer</i>, 2021), NaN for NaN; derivative {@code 2·max(x, 0)}. */
    SQUARED_RELU(0.1) {
        @Override
        public float apply(float x) {
            return Math.max(x, 0f) * Math.max(x, 0f);
        }

        @Override
        public float derivative(float x, float y) {
            return 2f * Math.max(x, 0f);
        }
    };

    /** {@code √(1/2)}. */
    public static final float ROOT_HALF = 0.70710678f;
    /** {@code 1 / √(2π)}. */
    public static final float INVERSE_ROOT_TWO_PI = 0.39894228f;
    /** {@code √(2/π)}. */
    public static final float ROOT_TWO_OVER_PI = 0.79788456f;
    /** The cubic term's factor in {@link #GELU_TANH}. */
    public static final float GELU_CUBIC = 0.044715f;

    private final double nanos;

    ActivationFunction(double nanos) {
        this.nanos = nanos;
    }

    /**
     * The function.
     *
     * @param x any float
     * @return {@code f(x)}
     */
    public abstract float apply(float x);

    /**
     * The derivative.
     *
     * @param x any float
     * @param y {@code f(x)}, which many derivatives can use
     * @return {@code f'(x)}
     */
    public abstract float derivative(float x, float y);

    /**
     * Rough cost of one element on one thread, from which callers decide whether to use several threads.
     *
     * @return nanoseconds
     */
    public double nanos() {
        return nanos;
    }

    private static float normalDistribution(float x) {
        return 0.5f * (1f + Elementary.erf(x * ROOT_HALF));
    }

    private static float innerTanh(float x) {
        return Elementary.tanh(ROOT_TWO_OVER_PI * (x + GELU_CUBIC * x * x * x));
    }
}
