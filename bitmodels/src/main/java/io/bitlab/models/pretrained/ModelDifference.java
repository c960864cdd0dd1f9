package io.bitlab.models.pretrained;

import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.layers.Layer.Mode;
import io.bitlab.layers.StateDict;
import io.bitlab.models.internal.RoundingError;
import io.bitlab.models.transformer.BitTransformer;

/**
 * The differences between the ternary weights of two transformers, for instance before and after an export.
 *
 * {@snippet class="io.bitlab.models.snippets.ModelsSnippets" region="difference"}
 *
 * <p>Query and key rows whose order differs only because the rotary embedding pairs features differently count as
 * equal.
 *
 * @param tensors number of tensors compared
 * @param trits number of weights with a different trit
 * @param scaleError the largest relative error of a scale
 * @param floatError the largest error of another value, relative to the largest value of its row
 */
public record ModelDifference(int tensors, long trits, double scaleError, double floatError) {

    /**
     * Compares two models.
     *
     * @param expected the original, in any mode; not modified
     * @param actual the same model in another form; not modified
     * @return the differences
     * @throws IllegalArgumentException if their tensors have different names or shapes; the message names the first
     */
    public static ModelDifference between(BitTransformer expected, BitTransformer actual) {
        StateDict left = expected.stateDict(Mode.DEPLOYED);
        StateDict right = actual.stateDict(Mode.DEPLOYED);
        if (!left.names().equals(right.names())) {
            throw new IllegalArgumentException("ModelDifference: the models have different tensors: " + left.names()
                    + " and " + right.names());
        }
        long trits = 0;
        double scaleError = 0;
        double floatError = 0;
        for (String name : left.names()) {
            if (left.isTernary(name)) {
                TernaryMatrix a = left.ternary(name);
                TernaryMatrix b = RotaryPermutation.apply(name, right.ternary(name), actual.config(),
                        expected.config().ropePairing());
                requireShape(name, a.outFeatures() == b.outFeatures() && a.inFeatures() == b.inFeatures());
                trits += trits(a, b);
                scaleError = Math.max(scaleError, scaleError(a, b));
            } else {
                floatError = Math.max(floatError,
                        floatError(name, FloatRows.of(left, name), FloatRows.of(right, name)));
            }
        }
        return new ModelDifference(left.names().size(), trits, scaleError, floatError);
    }

    /**
     * Whether the models are equal.
     *
     * @return true if all values are
     */
    public boolean isNone() {
        return trits == 0 && scaleError == 0 && floatError == 0;
    }

    private static void requireShape(String name, boolean equal) {
        if (!equal) {
            throw new IllegalArgumentException(
                    "ModelDifference: '" + name + "' has different shapes in the two models");
        }
    }

    private static long trits(TernaryMatrix a, TernaryMatrix b) {
        byte[] left = new byte[a.inFeatures()];
        byte[] right = new byte[a.inFeatures()];
        long different = 0;
        for (int r = 0; r < a.outFeatures(); r++) {
            a.unpackRow(r, left, 0);
            b.unpackRow(r, right, 0);
            for (int c = 0; c < left.length; c++) {
                different += left[c] == right[c] ? 0 : 1;
            }
        }
        return different;
    }

    /** Only of weights that are not 0: the scale of the others has no effect. */
    private static double scaleError(TernaryMatrix a, TernaryMatrix b) {
        byte[] trits = new byte[a.inFeatures()];
        double largest = 0;
        for (int r = 0; r < a.outFeatures(); r++) {
            a.unpackRow(r, trits, 0);
            for (int c = 0; c < trits.length; c++) {
                if (trits[c] != 0) {
                    largest = Math.max(largest, RoundingError.relative(a.scale(r, c / a.blockColumns()),
                            b.scale(r, c / b.blockColumns())));
                }
            }
        }
        return largest;
    }

    private static double floatError(String name, FloatRows a, FloatRows b) {
        requireShape(name, a.rows() == b.rows() && a.columns() == b.columns());
        float[] left = new float[a.columns()];
        float[] right = new float[a.columns()];
        double largest = 0;
        for (int r = 0; r < a.rows(); r++) {
            a.row(r, left);
            b.row(r, right);
            largest = Math.max(largest, RoundingError.ofRow(left, right));
        }
        return largest;
    }
}
