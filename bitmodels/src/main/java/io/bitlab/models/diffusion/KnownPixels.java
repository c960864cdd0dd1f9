package io.bitlab.models.diffusion;

/**
 * The part of a picture that is given.
 *
 * @param image the normalised picture, {@code [channels, height, width]}
 * @param unknown which pixels are not given, row by row
 */
record KnownPixels(float[] image, boolean[] unknown) {

    /** Replaces the known pixels by what noise leaves of them. */
    void keep(float[] x, int offset, float[] noise, float alpha, float sigma) {
        for (int i = 0; i < image.length; i++) {
            if (!unknown[i % unknown.length]) {
                x[offset + i] = alpha * image[i] + sigma * noise[offset + i];
            }
        }
    }
}
