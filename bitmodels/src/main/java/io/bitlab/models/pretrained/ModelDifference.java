package io.bitlab.models.pretrained;

import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.layers.Layer.Mode;
import io.bitlab.layers.StateDict;
import io.bitlab.models.transformer.BitTransformer;

/**
 * How the ternary forms of two transformers differ, tensor by tensor. Rows that stand in another order for another
 * pairing of the rotary embedding are no difference.
 *
 * @param tensors how many were compared
 * @param trits weights that are another one of -1, 0 and 1
 * @param scaleError the largest relative error of a scale
 * @param floatError the largest error of another value, relative to the largest of its row
 */
public record ModelDifference(int tensors, long trits, double scaleError, double floatError) {

    /**
     * Compares two models.
     *
     * @param expected the model; not modified
     * @param actual the same model in another form; not modified
     * @return what differs
     * @throws IllegalArgumentException if they have other tensors or shapes; the message names the first
     */
    public static ModelDifference between(BitTransformer expected, BitTransformer actual) {
        StateDict right = expected.stateDict(Mode.DEPLOYED);
        StateDict other = actual.stateDict(Mode.DEPLOYED);
        if (!right.names().equals(other.names())) {
            throw new IllegalArgumentException("ModelDifference: the models have other tensors: " + right.names()
                    + " and " + other.names());
        }
        long trits = 0;
        double scaleError = 0;
        double floatError = 0;
        for (String name : right.names()) {
            if (right.isTernary(name)) {
                TernaryMatrix a = right.ternary(name);
                TernaryMatrix b = RotaryRows.ordered(name, other.ternary(name), actual.config(),
                        expected.config().ropePairing());
                requireShape(name, a.outFeatures() == b.outFeatures() && a.inFeatures() == b.inFeatures());
                trits += trits(a, b);
                scaleError = Math.max(scaleError, scaleError(a, b));
            } else {
                floatError = Math.max(floatError,
                        floatError(name, FloatRows.of(right, name), FloatRows.of(other, name)));
            }
        }
        return new ModelDifference(right.names().size(), trits, scaleError, floatError);
    }

    /**
     * Whether there is no difference at all.
     *
     * @return true if all values are equal
     */
    public boolean isNone() {
        return trits == 0 && scaleError == 0 && floatError == 0;
    }

    private static void requireShape(String name, boolean equal) {
        if (!equal) {
            throw new IllegalArgumentException("ModelDifference: '" + name + "' has another shape");
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

    /** Of the weights that are not 0: what scale the others have means nothing. */
    private static double scaleError(TernaryMatrix a, TernaryMatrix b) {
        byte[] trits = new byte[a.inFeatures()];
        double largest = 0;
        for (int r = 0; r < a.outFeatures(); r++) {
            a.unpackRow(r, trits, 0);
            for (int c = 0; c < trits.length; c++) {
                if (trits[c] != 0) {
                    float scale = a.scale(r, c / a.blockColumns());
                    float other = b.scale(r, c / b.blockColumns());
                    if (scale != other) {
                        largest = Math.max(largest, Math.abs((double) scale - other) / Math.abs(scale));
                    }
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
            largest = Math.max(largest, FloatErrors.relative(left, right));
        }
        return largest;
    }
}
