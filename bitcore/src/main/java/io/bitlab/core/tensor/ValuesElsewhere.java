package io.bitlab.core.tensor;

/** The values of a tensor that has no array of them yet. */
interface ValuesElsewhere {

    /** The values, row-major: always the same array, filled at the first call. */
    float[] values();
}
