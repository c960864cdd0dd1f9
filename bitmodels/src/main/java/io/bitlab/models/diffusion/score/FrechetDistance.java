package io.bitlab.models.diffusion.score;

import io.bitlab.core.tensor.Tensor;
import org.apache.commons.math3.linear.EigenDecomposition;
import org.apache.commons.math3.linear.MatrixUtils;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * The Fréchet distance between two sets of features, taken for normal distributions: 0 if mean and covariance are the
 * same, larger the more they differ (M. Heusel et al., <i>GANs Trained by a Two Time-Scale Update Rule Converge to a
 * Local Nash Equilibrium</i>, 2017, equation 6; with features of Inception-v3 it is known as FID).
 *
 * {@snippet class="io.bitlab.models.snippets.GeneratorScoreSnippets" region="statistics"}
 *
 * <p>{@code |m1 - m2|² + trace(C1 + C2 - 2 (C1 C2)^(1/2))}, in double. It is a squared distance, and has no unit: only
 * distances of the same features can be compared. It falls with the number of samples, so compare equal numbers, and at
 * least some thousands. What a generator can reach at best is the distance between two sets of real images.
 *
 * <p><b>Thread safety:</b> stateless.
 */
public final class FrechetDistance {

    private FrechetDistance() {
    }

    /**
     * The distance between two sets of features.
     *
     * @param a {@code [n, features]}, at least 2 samples; not modified
     * @param b {@code [m, features]}, at least 2 samples; not modified
     * @return at least 0
     * @throws IllegalArgumentException if there are too few samples, the numbers of features differ, or a value is not
     *     finite
     */
    public static double between(Tensor a, Tensor b) {
        return between(statistics(a), statistics(b));
    }

    private static FeatureStatistics statistics(Tensor features) {
        FeatureRows rows = FeatureRows.of("FrechetDistance: features", features);
        return new FeatureStatistics(rows.features()).add(features);
    }

    /**
     * The distance between two sets of features, of which only the statistics are needed.
     *
     * @param a statistics of at least 2 samples; not modified
     * @param b statistics of at least 2 samples; not modified
     * @return at least 0
     * @throws IllegalArgumentException if there are too few samples, or the numbers of features differ
     */
    public static double between(FeatureStatistics a, FeatureStatistics b) {
        if (a.features() != b.features()) {
            throw new IllegalArgumentException("FrechetDistance: " + a.features() + " features and " + b.features()
                    + "; take both from the same classifier");
        }
        if (a.count() < 2 || b.count() < 2) {
            throw new IllegalArgumentException("FrechetDistance: " + a.count() + " samples and " + b.count()
                    + ", expected at least 2 of each, for a covariance");
        }
        double[] meanA = a.mean();
        double[] meanB = b.mean();
        double distance = 0;
        for (int f = 0; f < meanA.length; f++) {
            distance += (meanA[f] - meanB[f]) * (meanA[f] - meanB[f]);
        }
        RealMatrix covarianceA = MatrixUtils.createRealMatrix(a.covariance());
        RealMatrix covarianceB = MatrixUtils.createRealMatrix(b.covariance());
        distance += covarianceA.getTrace() + covarianceB.getTrace() - 2 * traceOfRoot(covarianceA, covarianceB);
        return Math.max(0, distance); // rounding may lead below
    }

    /**
     * {@code trace((A B)^(1/2))}: the sum of the roots of the eigenvalues of A·B. With {@code A = V D Vᵀ}, the
     * symmetric matrix {@code D^(1/2) Vᵀ B V D^(1/2)} has the same eigenvalues.
     */
    private static double traceOfRoot(RealMatrix a, RealMatrix b) {
        Eigen ofA = Eigen.of(a);
        double[] roots = ofA.values();
        for (int i = 0; i < roots.length; i++) {
            roots[i] = Math.sqrt(Math.max(0, roots[i]));
        }
        RealMatrix product = ofA.vectors().transpose().multiply(b).multiply(ofA.vectors());
        double[][] symmetric = new double[roots.length][roots.length];
        for (int i = 0; i < roots.length; i++) {
            for (int j = 0; j <= i; j++) {
                double mean = (product.getEntry(i, j) + product.getEntry(j, i)) / 2;
                symmetric[i][j] = roots[i] * mean * roots[j];
                symmetric[j][i] = symmetric[i][j];
            }
        }
        double trace = 0;
        for (double eigenvalue : Eigen.of(MatrixUtils.createRealMatrix(symmetric)).values()) {
            trace += Math.sqrt(Math.max(0, eigenvalue));
        }
        return trace;
    }

    /** Eigenvalues, and eigenvectors in columns. */
    private record Eigen(double[] values, RealMatrix vectors) {

        /**
         * Of a symmetric matrix without negative eigenvalues. They are moved away from 0 for the time, as the iteration
         * does not end if many are 0, as with fewer samples than features.
         */
        static Eigen of(RealMatrix matrix) {
            double shift = matrix.getNorm();
            RealMatrix moved = matrix.copy();
            for (int i = 0; i < moved.getRowDimension(); i++) {
                moved.addToEntry(i, i, shift);
            }
            EigenDecomposition found = new EigenDecomposition(moved);
            double[] values = found.getRealEigenvalues();
            for (int i = 0; i < values.length; i++) {
                values[i] -= shift;
            }
            return new Eigen(values, found.getV());
        }
    }
}
