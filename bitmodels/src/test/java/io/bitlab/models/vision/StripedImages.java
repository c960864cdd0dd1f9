package io.bitlab.models.vision;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.train.SampleSource;

/** Noisy grey images of 8 x 8 pixels with horizontal, vertical or diagonal stripes of any phase: classes 0, 1, 2. */
final class StripedImages implements SampleSource {

    static final ImageInput INPUT = ImageInput.grey(8, 8);
    static final ClassNames NAMES = ClassNames.of("horizontal", "vertical", "diagonal");
    private static final int SIDE = 8;
    private static final int PIXELS = SIDE * SIDE;

    private final float[] pixels;
    private final int shift;

    /** Images whose labels are all wrong by {@code shift} classes. */
    StripedImages(int size, long seed, int shift) {
        this.shift = shift;
        pixels = new float[size * PIXELS];
        CounterRandom random = new CounterRandom(seed, 3);
        for (int i = 0; i < size; i++) {
            int phase = random.nextInt(4);
            for (int p = 0; p < PIXELS; p++) {
                int along = new int[] {p / SIDE, p % SIDE, p / SIDE + p % SIDE}[i % 3];
                pixels[i * PIXELS + p] =
                        ((along + phase) % 4 < 2 ? 0.5f : -0.5f) + 0.4f * (float) random.nextGaussian();
            }
        }
    }

    @Override
    public int size() {
        return pixels.length / PIXELS;
    }

    @Override
    public int[] sampleShape() {
        return INPUT.shape();
    }

    @Override
    public int classes() {
        return NAMES.size();
    }

    @Override
    public int label(int index) {
        return (index + shift) % 3;
    }

    @Override
    public Tensor batch(int... indices) {
        float[] batch = new float[indices.length * PIXELS];
        for (int i = 0; i < indices.length; i++) {
            System.arraycopy(pixels, indices[i] * PIXELS, batch, i * PIXELS, PIXELS);
        }
        return Tensor.of(batch, indices.length, 1, SIDE, SIDE);
    }

    @Override
    public String checksum() {
        return "stripes " + size() + " " + shift;
    }
}
