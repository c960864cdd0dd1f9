package io.bitlab.models.pretrained;

import io.bitlab.core.Granularity;
import io.bitlab.core.WeightScale;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.quant.TernaryQuantizer;

/** Makes ternary matrices of float projections, and measures what that costs. For one thread. */
final class ProjectionQuantizer {

    private final boolean latent;
    private int rounded;
    private double sizes;
    private double errors;

    /**
     * A ternariser.
     *
     * @param latent whether the floats are the latent weights of a ternary model: then they are rounded as that model
     *     does in each forward, whatever they are
     */
    ProjectionQuantizer(boolean latent) {
        this.latent = latent;
    }

    /**
     * Rounds a matrix with one absmean scale. Floats that are ternary already, 0 and one value with either sign, stay
     * as they are: of these, absmean would make the scale too small.
     *
     * @param w finite weights, row-major; not modified
     */
    TernaryMatrix quantize(float[] w, int out, int in) {
        float size = latent ? Float.NaN : commonSize(w);
        if (size > 0) {
            byte[] trits = new byte[w.length];
            for (int i = 0; i < w.length; i++) {
                trits[i] = (byte) Math.signum(w[i]);
            }
            return TernaryMatrix.of(trits, out, in, new float[] {size});
        }
        TernaryMatrix matrix = TernaryQuantizer.quantize(w, out, in, Granularity.PER_TENSOR, WeightScale.ABS_MEAN);
        measure(w, matrix);
        return matrix;
    }

    /** The size of all weights that are not 0, or NaN if they have several. */
    private static float commonSize(float[] w) {
        float common = 0f;
        for (float weight : w) {
            float size = Math.abs(weight);
            if (size != 0f && size != common) {
                if (common != 0f) {
                    return Float.NaN;
                }
                common = size;
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
                sizes += Math.abs(weight);
                errors += Math.abs(weight - row[c] * scale);
            }
        }
        rounded++;
    }

    /** How many matrices were rounded. */
    int rounded() {
        return rounded;
    }

    /** The mean error of a weight, in relation to the mean weight. */
    double relativeError() {
        return sizes == 0 ? 0 : errors / sizes;
    }
}
