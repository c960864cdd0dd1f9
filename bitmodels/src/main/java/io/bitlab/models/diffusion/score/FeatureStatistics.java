package io.bitlab.models.diffusion.score;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Tensor;

/**
 * Mean and covariance of features, collected batch by batch, so that memory doesn't grow with the number of samples.
 *
 * {@snippet class="io.bitlab.models.snippets.GeneratorScoreSnippets" region="statistics"}
 *
 * <p>In double, with the updates of B. P. Welford, <i>Note on a Method for Calculating Corrected Sums of Squares and
 * Products</i>, 1962, one sample after the other: the sizes of the batches and the number of threads change no bit.
 *
 * <p><b>Thread safety:</b> not thread-safe.
 */
public final class FeatureStatistics {

    /** Samples whose differences from the mean are held at a time. */
    private static final int STEP = 256;

    private final int features;
    private final double[] mean;
    /** Sums of products of differences from the mean: the lower triangle, by rows. */
    private final double[][] scatter;
    private long count;

    /**
     * Creates statistics of no samples.
     *
     * @param features the number of features, at least 1
     * @throws IllegalArgumentException if it is less than 1
     */
    public FeatureStatistics(int features) {
        if (features < 1) {
            throw new IllegalArgumentException("FeatureStatistics: " + features + " features, expected at least 1");
        }
        this.features = features;
        this.mean = new double[features];
        this.scatter = new double[features][];
        for (int i = 0; i < features; i++) {
            scatter[i] = new double[i + 1];
        }
    }

    /**
     * Adds samples.
     *
     * @param batch {@code [n, features]}; not modified
     * @return this object
     * @throws IllegalArgumentException if it has another shape, or a value is not finite; nothing was added then
     */
    public FeatureStatistics add(Tensor batch) {
        FeatureRows rows = FeatureRows.of("FeatureStatistics.add: features", batch);
        if (rows.features() != features) {
            throw new IllegalArgumentException("FeatureStatistics.add: " + rows.features()
                    + " features of each sample, expected " + features);
        }
        for (int from = 0; from < rows.count(); from += STEP) {
            add(rows.values(), from, Math.min(STEP, rows.count() - from));
        }
        return this;
    }

    private void add(float[] values, int from, int rows) {
        double[] differences = new double[rows * features];
        double[] shares = new double[rows];
        for (int r = 0; r < rows; r++) {
            shares[r] = count / (double) (count + 1);
            count++;
            for (int f = 0; f < features; f++) {
                double difference = values[(from + r) * features + f] - mean[f];
                differences[r * features + f] = difference;
                mean[f] += difference / count;
            }
        }
        Parallel.current().forRange(features, 1, (long) rows * features * features / 2, (begin, end) -> {
            for (int i = begin; i < end; i++) {
                for (int r = 0; r < rows; r++) {
                    addProducts(scatter[i], shares[r] * differences[r * features + i], differences, r * features);
                }
            }
        });
    }

    private static void addProducts(double[] sums, double factor, double[] differences, int offset) {
        for (int j = 0; j < sums.length; j++) {
            sums[j] += factor * differences[offset + j];
        }
    }

    /**
     * The number of features.
     *
     * @return at least 1
     */
    public int features() {
        return features;
    }

    /**
     * The number of samples so far.
     *
     * @return from 0
     */
    public long count() {
        return count;
    }

    /**
     * The mean of each feature.
     *
     * @return a copy
     * @throws IllegalStateException if there are no samples
     */
    public double[] mean() {
        requireSamples("mean", 1);
        return mean.clone();
    }

    /**
     * The covariances of the features, without bias: sums are divided by the number of samples less 1.
     *
     * @return {@code [features][features]}, symmetric; a copy
     * @throws IllegalStateException if there are fewer than 2 samples
     */
    public double[][] covariance() {
        requireSamples("covariance", 2);
        double[][] covariance = new double[features][features];
        for (int i = 0; i < features; i++) {
            for (int j = 0; j <= i; j++) {
                covariance[i][j] = scatter[i][j] / (count - 1);
                covariance[j][i] = covariance[i][j];
            }
        }
        return covariance;
    }

    private void requireSamples(String what, int least) {
        if (count < least) {
            throw new IllegalStateException("FeatureStatistics." + what + ": " + count + " samples, expected at least "
                    + least + "; add() more first");
        }
    }

    @Override
    public String toString() {
        return "FeatureStatistics(" + count + " samples of " + features + " features)";
    }
}
