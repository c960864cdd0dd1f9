package io.bitlab.models.diffusion.score;

import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import java.util.Locale;

/**
 * Which share of the generated images looks real, and which share of the real ones the generator could have made (T.
 * Kynkäänniemi et al., <i>Improved Precision and Recall Metric for Assessing Generative Models</i>, 2019). A
 * generator that makes one perfect image over and over has precision without recall; noise has neither.
 *
 * {@snippet class="io.bitlab.models.snippets.GeneratorScoreSnippets" region="precisionRecall"}
 *
 * <p>A set of features stands for the union of balls: one around each, as large as the distance to its k-th nearest
 * neighbour in the set, of which it is not one itself. Precision is the share of the generated features that lie in a
 * ball of a real one, recall the share of the real that lie in a ball of a generated one; the border belongs to the
 * ball. Both depend on the numbers of samples, so compare equal numbers.
 *
 * @param precision from 0 to 1
 * @param recall from 0 to 1
 * @param k the neighbour that sets the size of a ball
 */
public record PrecisionRecall(double precision, double recall, int k) {

    /** The usual neighbour, {@value}. */
    public static final int DEFAULT_K = 3;

    /**
     * Compares two sets of features, with {@link #DEFAULT_K}.
     *
     * @param real {@code [n, features]}; not modified
     * @param generated {@code [m, features]} of the same classifier; not modified
     * @return both shares
     * @throws IllegalArgumentException as {@link #of(Tensor, Tensor, int)}
     */
    public static PrecisionRecall of(Tensor real, Tensor generated) {
        return of(real, generated, DEFAULT_K);
    }

    /**
     * Compares two sets of features. Takes time in proportion to {@code (n + m)²}; memory beside the features only for
     * a few numbers a sample.
     *
     * @param real {@code [n, features]}; not modified
     * @param generated {@code [m, features]} of the same classifier; not modified
     * @param k at least 1, less than both numbers of samples
     * @return both shares
     * @throws IllegalArgumentException if the numbers of features differ, k is out of range, or a value is not finite
     */
    public static PrecisionRecall of(Tensor real, Tensor generated, int k) {
        FeatureRows reals = FeatureRows.of("PrecisionRecall: real features", real);
        FeatureRows made = FeatureRows.of("PrecisionRecall: generated features", generated);
        if (reals.features() != made.features()) {
            throw new IllegalArgumentException("PrecisionRecall: " + reals.features() + " real features and "
                    + made.features() + " generated; take both from the same classifier");
        }
        if (k < 1 || k >= reals.count() || k >= made.count()) {
            throw new IllegalArgumentException("PrecisionRecall: neighbour " + k + " of " + reals.count()
                    + " real samples and " + made.count() + " generated; expected k from 1, and more samples than k");
        }
        return new PrecisionRecall(share(made, reals, k), share(reals, made, k), k);
    }

    /** The share of points that lie in a ball of the others. */
    private static double share(FeatureRows points, FeatureRows others, int k) {
        double[] radii = squaredRadii(others, k);
        boolean[] inside = new boolean[points.count()];
        SquaredDistances.visit(points, others, (point, first, distances, count) -> {
            boolean found = inside[point];
            for (int o = 0; o < count && !found; o++) {
                found = distances[o] <= radii[first + o];
            }
            inside[point] = found;
        });
        int sum = 0;
        for (boolean one : inside) {
            sum += one ? 1 : 0;
        }
        return sum / (double) inside.length;
    }

    /** Of each point, the squared distance to its k-th nearest neighbour. */
    private static double[] squaredRadii(FeatureRows points, int k) {
        double[] nearest = new double[Math.multiplyExact(points.count(), k)]; // of each point the k smallest, ascending
        Arrays.fill(nearest, Double.POSITIVE_INFINITY);
        SquaredDistances.visit(points, points, (point, first, distances, count) -> {
            for (int o = 0; o < count; o++) {
                if (first + o != point) {
                    insert(nearest, point * k, k, distances[o]);
                }
            }
        });
        double[] radii = new double[points.count()];
        for (int p = 0; p < radii.length; p++) {
            radii[p] = nearest[p * k + k - 1];
        }
        return radii;
    }

    private static void insert(double[] sorted, int from, int k, double value) {
        int at = from + k - 1;
        if (value >= sorted[at]) {
            return;
        }
        for (; at > from && sorted[at - 1] > value; at--) {
            sorted[at] = sorted[at - 1];
        }
        sorted[at] = value;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "PrecisionRecall(precision %.3f, recall %.3f, k %d)", precision, recall, k);
    }
}
