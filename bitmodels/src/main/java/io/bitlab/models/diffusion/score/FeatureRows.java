package io.bitlab.models.diffusion.score;

import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;

/** Points, one a row, checked: all values are finite. The array is not copied. */
record FeatureRows(float[] values, int count, int features) {

    /** Of a tensor {@code [n, features]}. */
    static FeatureRows of(String what, Tensor points) {
        if (points.rank() != 2) {
            throw new IllegalArgumentException(what + " have the shape " + Arrays.toString(points.shape())
                    + ", expected [n, features]");
        }
        return new FeatureRows(finite(what, points.data(), points.length(1)), points.length(0), points.length(1));
    }

    static float[] finite(String what, float[] values, int columns) {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new IllegalArgumentException(what + ": value " + i % columns + " of number " + i / columns
                        + " is " + values[i] + ", expected finite values; look at the images and at the weights");
            }
        }
        return values;
    }
}
