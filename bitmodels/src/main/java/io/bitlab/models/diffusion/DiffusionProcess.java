package io.bitlab.models.diffusion;

/**
 * How images turn into noise, and what a network predicts to turn noise into images. At time {@code t}, from 0 (the
 * image {@code x0}) to 1 (standard normal noise), the network sees {@code x = alpha(t) x0 + sigma(t) noise}.
 *
 * {@snippet class="io.bitlab.models.snippets.DiffusionSnippets" region="process"}
 */
public enum DiffusionProcess {

    /**
     * Straight lines: {@code alpha = 1 - t}, {@code sigma = t}; predicts their direction, {@code noise - x0} (X. Liu et
     * al., <i>Rectified Flow</i>, 2022).
     */
    RECTIFIED_FLOW {
        @Override
        public double alpha(double t) {
            return 1 - t;
        }

        @Override
        public double sigma(double t) {
            return t;
        }

        @Override
        double imageShare(double t) {
            return -1;
        }

        @Override
        double noiseShare(double t) {
            return 1;
        }
    },

    /**
     * The cosine schedule (A. Nichol and P. Dhariwal, <i>Improved DDPM</i>, 2021), a quarter of a circle; predicts the
     * speed on it, {@code v = alpha noise - sigma x0} (T. Salimans and J. Ho, <i>Progressive Distillation</i>, 2022).
     */
    COSINE_V {
        @Override
        double imageShare(double t) {
            return -sigma(t);
        }

        @Override
        double noiseShare(double t) {
            return alpha(t);
        }
    },

    /** The cosine schedule; predicts the noise (J. Ho et al., <i>DDPM</i>, 2020). */
    COSINE_EPSILON {
        @Override
        double imageShare(double t) {
            return 0;
        }

        @Override
        double noiseShare(double t) {
            return 1;
        }
    };

    /** Keeps the first steps away from the image large enough to learn from. */
    private static final double OFFSET = 0.008;

    /** Keeps a hundredth of the image at time 1, so that a prediction of the noise says something about it. */
    private static final double SMALLEST_ALPHA = 0.01;

    /**
     * The share of the image.
     *
     * @param t time, from 0 to 1
     * @return from 1 to 0; the cosine schedule ends at 0.01
     */
    public double alpha(double t) {
        double quarter = Math.PI / 2 / (1 + OFFSET);
        return Math.max(SMALLEST_ALPHA, Math.min(1,
                StrictMath.cos((t + OFFSET) * quarter) / StrictMath.cos(OFFSET * quarter)));
    }

    /**
     * The deviation of the noise.
     *
     * @param t time, from 0 to 1
     * @return from 0 to 1
     */
    public double sigma(double t) {
        double alpha = alpha(t);
        return Math.sqrt(1 - alpha * alpha);
    }

    /** The network predicts {@code imageShare * x0 + noiseShare * noise}. */
    abstract double imageShare(double t);

    abstract double noiseShare(double t);

    /** What {@code x = alpha x0 + sigma noise} and the prediction have in common; not 0. */
    private double determinant(double t) {
        return alpha(t) * noiseShare(t) - sigma(t) * imageShare(t);
    }

    /** {@code x0 = (noiseShare x - sigma prediction) / determinant}: the factor of x. */
    double imageFromState(double t) {
        return noiseShare(t) / determinant(t);
    }

    /** The factor of the prediction in {@code x0}. */
    double imageFromPrediction(double t) {
        return -sigma(t) / determinant(t);
    }

    /** The method that the process is usually sampled with. */
    DiffusionSampler defaultSampler() {
        return this == RECTIFIED_FLOW ? DiffusionSampler.EULER : DiffusionSampler.DDIM;
    }
}
