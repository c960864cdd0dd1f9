package io.bitlab.core;

import io.bitlab.core.internal.JsonNames;

/**
 * How the scale of a ternary weight follows from the magnitudes of the float weights that share it.
 *
 * <p>A weight becomes 0 when its magnitude is at most half the scale, so a larger scale means more zeros.
 */
public enum WeightScale {
    /** The mean magnitude (BitNet b1.58, arXiv:2402.17764, equation 3). */
    ABS_MEAN("absmean"),
    /** The median magnitude, robust against outliers; for an even count, the mean of the two middle values. */
    ABS_MEDIAN("absmedian"),
    /** The largest magnitude: only weights beyond half of it stay nonzero. */
    ABS_MAX("absmax");

    private final String jsonName;

    WeightScale(String jsonName) {
        this.jsonName = jsonName;
    }

    /**
     * The name in configuration files.
     *
     * @return {@code "absmean"}, {@code "absmedian"} or {@code "absmax"}
     */
    public String jsonName() {
        return jsonName;
    }

    /**
     * The constant with a name from a configuration file.
     *
     * @param name {@code "absmean"}, {@code "absmedian"} or {@code "absmax"}
     * @return the constant of that name
     * @throws IllegalArgumentException if there is none; the message lists the allowed names
     */
    public static WeightScale fromJson(String name) {
        return JsonNames.parse(values(), WeightScale::jsonName, "WeightScale", name);
    }
}
