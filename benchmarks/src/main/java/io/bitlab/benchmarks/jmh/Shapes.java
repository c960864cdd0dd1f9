package io.bitlab.benchmarks.jmh;

import java.util.Arrays;

/** Reads the shapes in the parameters of benchmarks. */
public final class Shapes {

    private Shapes() {
    }

    /** The sizes in {@code "6912x2560"}, or in {@code "64 of 6912x2560"}. */
    public static int[] sizes(String shape) {
        String size = shape.substring(shape.lastIndexOf(' ') + 1);
        return Arrays.stream(size.split("x")).mapToInt(Integer::parseInt).toArray();
    }
}
