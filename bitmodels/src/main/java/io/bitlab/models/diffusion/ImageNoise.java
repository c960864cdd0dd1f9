package io.bitlab.models.diffusion;

import io.bitlab.core.math.CounterRandom;

/** The noise of one picture: that of a seed, or between those of two. Standard normal, one number after the other. */
final class ImageNoise {

    /** Between the first numbers of two pictures; {@link #MOST} pictures fill half of the stream. */
    private static final int PLACES = 40;

    /** How many pictures of a seed have a place of their own. */
    static final int MOST = 1 << 63 - PLACES;

    private final CounterRandom from;
    private final CounterRandom to; // or null
    private final float shareOfFrom;
    private final float shareOfTo;

    private ImageNoise(CounterRandom from, CounterRandom to, float shareOfFrom, float shareOfTo) {
        this.from = from;
        this.to = to;
        this.shareOfFrom = shareOfFrom;
        this.shareOfTo = shareOfTo;
    }

    /** That of a seed's picture; depends on the two alone. */
    static ImageNoise of(long seed, int picture) {
        return new ImageNoise(random(seed, picture), null, 1f, 0f);
    }

    /** On the great circle from the first picture of one seed (step 0) to that of another (the last step). */
    static ImageNoise between(long from, long to, int step, int steps) {
        double angle = step * (Math.PI / 2) / (steps - 1);
        return new ImageNoise(random(from, 0), random(to, 0),
                step == steps - 1 ? 0f : (float) StrictMath.cos(angle), (float) StrictMath.sin(angle));
    }

    private static CounterRandom random(long seed, int picture) {
        CounterRandom random = new CounterRandom(seed, CounterRandom.stream("image"));
        random.seek((long) picture << PLACES);
        return random;
    }

    /** Draws the next numbers. */
    void fill(float[] values, int offset, int count) {
        for (int k = offset; k < offset + count; k++) {
            float value = (float) from.nextGaussian();
            values[k] = to == null ? value : shareOfFrom * value + shareOfTo * (float) to.nextGaussian();
        }
    }
}
