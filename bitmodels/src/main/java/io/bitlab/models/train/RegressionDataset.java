package io.bitlab.models.train;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.internal.Checksum;
import java.util.stream.IntStream;

/**
 * Samples of features, each with a number to predict, in memory.
 *
 * {@snippet class="io.bitlab.models.snippets.RegressionSnippets" region="dataset"}
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class RegressionDataset {

    private final float[] features;
    private final double[] targets;
    private final int featureCount;

    private RegressionDataset(float[] features, double[] targets) {
        this.features = features;
        this.targets = targets;
        this.featureCount = features.length / targets.length;
    }

    /**
     * Creates a data set from arrays.
     *
     * @param features {@code [samples, featureCount]}, row-major, finite; copied
     * @param targets the number to predict of each sample, finite, in any unit; copied
     * @return the data set
     * @throws IllegalArgumentException if there are no samples, the features don't divide evenly among them, or a
     *     number is NaN or infinite
     */
    public static RegressionDataset of(float[] features, double[] targets) {
        if (targets.length == 0 || features.length == 0 || features.length % targets.length != 0) {
            throw new IllegalArgumentException("RegressionDataset: " + features.length + " features for "
                    + targets.length + " samples; expected at least one sample and the same number of features for "
                    + "each");
        }
        RegressionDataset data = new RegressionDataset(features.clone(), targets.clone());
        for (int i = 0; i < features.length; i++) {
            if (!Float.isFinite(features[i])) {
                throw new IllegalArgumentException("RegressionDataset: feature " + i % data.featureCount
                        + " of sample " + i / data.featureCount + " is " + features[i] + ", expected a finite number");
            }
        }
        for (int i = 0; i < targets.length; i++) {
            if (!Double.isFinite(targets[i])) {
                throw new IllegalArgumentException("RegressionDataset: the target of sample " + i + " is " + targets[i]
                        + ", expected a finite number");
            }
        }
        return data;
    }

    /**
     * The number of samples.
     *
     * @return at least 1
     */
    public int size() {
        return targets.length;
    }

    /**
     * The number of features of each sample.
     *
     * @return at least 1
     */
    public int featureCount() {
        return featureCount;
    }

    /**
     * The features of samples.
     *
     * @param indices the samples, at least one, in this order
     * @return a new tensor {@code [indices, featureCount]}
     * @throws IndexOutOfBoundsException if there is no such sample
     */
    public Tensor batch(int... indices) {
        float[] rows = new float[Math.multiplyExact(indices.length, featureCount)];
        for (int i = 0; i < indices.length; i++) {
            requireSample(indices[i]);
            System.arraycopy(features, indices[i] * featureCount, rows, i * featureCount, featureCount);
        }
        return Tensor.of(rows, indices.length, featureCount);
    }

    /**
     * The number to predict of a sample.
     *
     * @param index the sample, from 0
     * @return its target
     * @throws IndexOutOfBoundsException if there is no such sample
     */
    public double target(int index) {
        requireSample(index);
        return targets[index];
    }

    /**
     * All numbers to predict.
     *
     * @return one for each sample, a new array
     */
    public double[] targets() {
        return targets.clone();
    }

    private void requireSample(int index) {
        if (index < 0 || index >= targets.length) {
            throw new IndexOutOfBoundsException("RegressionDataset: there is no sample " + index + " among 0 to "
                    + (targets.length - 1));
        }
    }

    /**
     * What identifies the content, see {@link SampleSource#checksum}.
     *
     * @return a checksum of all features and targets
     */
    public String checksum() {
        Checksum checksum = new Checksum().floats(features);
        int[] bits = IntStream.range(0, 2 * targets.length)
                .map(i -> (int) (Double.doubleToLongBits(targets[i / 2]) >>> 32 * (i % 2))).toArray();
        return checksum.ints(bits).toString();
    }
}
