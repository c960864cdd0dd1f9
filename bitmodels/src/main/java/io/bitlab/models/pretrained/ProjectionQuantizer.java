package io.bitlab.models.pretrained;

import io.bitlab.core.Granularity;
import io.bitlab.core.WeightScale;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.quant.TernaryQuantizer;
import io.bitlab.models.internal.RoundingError;

/** Rounds float projections to ternary matrices and measures the mean error. For one thread. */
final class ProjectionQuantizer {

    private final boolean latent;
    private int rounded;
    private double magnitudes;
    private double errors;

    /**
     * Creates a quantizer.
     *
     * @param latent whether the floats are the latent weights of a ternary model, which are always rounded as that
     *     model does in each forward pass
     */
    ProjectionQuantizer(boolean latent) {
        this.latent = latent;
    }

    /**
     * Rounds a matrix with one absmean scale. Floats that are already ternary, that is 0 and one magnitude with either
     * sign, are kept exactly; absmean would give them too small a scale.
     *
     * @param w finite weights, row-major; not modified
     */
    TernaryMatrix quantize(float[] w, int out, int in) {
        float magnitude = latent ? Float.NaN : commonMagnitude(w);
        if (magnitude > 0) {
            byte[] trits = new byte[w.length];
            for (int i = 0; i < w.length; i++) {
                trits[i] = (byte) Math.signum(w[i]);
            }
            return TernaryMatrix.of(trits, out, in, new float[] {magnitude});
        }
        TernaryMatrix matrix = TernaryQuantizer.quantize(w, out, in, Granularity.PER_TENSOR, WeightScale.ABS_MEAN);
        measure(w, matrix);
        return matrix;
    }

    /** The magnitude of all weights that are not 0, or NaN if they have several. */
    private static float commonMagnitude(float[] w) {
        float common = 0f;
        for (float weight : w) {
            float magnitude = Math.abs(weight);
            if (magnitude != 0f && magnitude != common) {
                if (common != 0f) {
                    return Float.NaN;
                }
                common = magnitude;
            }
        }
        return common;
    }

    private void measure(float[] w, TernaryMatrix matrix) {
        float scale = matrix.scale(0, 0);
        byte[] row = new byte[matrix.inFeatures()];
        for (int r = 0; r < matrix.outFeatures(); r++) {
            matrix.unpackRow(r, row, 0);
            for (int c = 0; c < row.length; c++) {
                float weight = w[r * row.length + c];
                magnitudes += Math.abs(weight);
                errors += RoundingError.absolute(weight, row[c] * scale);
            }
        }
        rounded++;
    }

    /** The number of matrices that were rounded. */
    int rounded() {
        return rounded;
    }

    /** The mean error of a weight, relative to the mean magnitude. */
    double relativeError() {
        return magnitudes == 0 ? 0 : errors / magnitudes;
    }
}
