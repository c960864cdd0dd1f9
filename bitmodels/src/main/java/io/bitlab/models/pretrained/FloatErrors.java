package io.bitlab.models.pretrained;

/** How far floats are from others. */
public final class FloatErrors {

    private FloatErrors() {
    }

    /**
     * The largest error in a row.
     *
     * @param expected the values; not modified
     * @param actual as many others; not modified
     * @return in relation to the largest expected value; 0 if all are equal
     */
    public static double relative(float[] expected, float[] actual) {
        double largest = 0;
        double error = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            error = Math.max(error, Math.abs((double) expected[i] - actual[i]));
        }
        return error == 0 ? 0 : error / largest;
    }
}
