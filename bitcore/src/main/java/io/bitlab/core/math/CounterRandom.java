package io.bitlab.core.math;

import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.distribution.NormalDistribution;

/**
 * A counter-based random number generator: number n of a stream depends on nothing but seed, stream and n.
 *
 * {@snippet class="io.bitlab.core.snippets.MathSnippets" region="random"}
 *
 * <p>The initial values of a parameter therefore depend only on the seed and the parameter's name, and a dropout mask
 * only on the seed, the layer and the step. {@link #position} is the whole state, and {@link #seek} restores it, so a
 * resumed training run continues exactly where it stopped. The bits are those of SplitMix64 (Steele, Lea, Flood:
 * <i>Fast Splittable Pseudorandom Number Generators</i>, OOPSLA 2014), started at a key mixed from seed and stream. Not
 * for cryptography.
 *
 * <p><b>Thread safety:</b> none. Create one generator for each computation; they are small.
 */
public final class CounterRandom implements RandomGenerator {

    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;
    private static final NormalDistribution STANDARD_NORMAL = new NormalDistribution(null, 0, 1);

    private final long key;
    private long position;

    /**
     * Creates the generator of one stream, at position 0.
     *
     * @param seed the seed of the whole computation
     * @param stream number of one of its independent streams, see {@link #stream(String)}
     */
    public CounterRandom(long seed, long stream) {
        this.key = mix(mix(seed + GOLDEN_GAMMA) ^ (stream * GOLDEN_GAMMA + 1));
    }

    /**
     * The number of the stream for a name, such as a parameter's path.
     *
     * @param name any text
     * @return the 64-bit FNV-1a hash of the name in UTF-8
     */
    public static long stream(String name) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return hash;
    }

    /**
     * The position in the stream: how many numbers have been drawn.
     *
     * @return index of the next number
     */
    public long position() {
        return position;
    }

    /**
     * Moves to a position in the stream.
     *
     * @param newPosition index of the next number to draw
     */
    public void seek(long newPosition) {
        position = newPosition;
    }

    @Override
    public long nextLong() {
        return mix(key + GOLDEN_GAMMA * ++position);
    }

    /** {@inheritDoc} Uniform over the 2^24 multiples of 2^-24 in [0, 1). */
    @Override
    public float nextFloat() {
        return (nextLong() >>> 40) * 0x1p-24f;
    }

    /** {@inheritDoc} Uniform over the 2^53 multiples of 2^-53 in [0, 1). */
    @Override
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1p-53;
    }

    /** {@inheritDoc} Draws one number and takes the high half of a product; the bias is below bound / 2^64. */
    @Override
    public int nextInt(int bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("nextInt: bound " + bound + " is not positive");
        }
        return (int) Math.unsignedMultiplyHigh(nextLong(), bound);
    }

    /** {@inheritDoc} Draws one number of the stream and inverts the normal distribution function. */
    @Override
    public double nextGaussian() {
        // The midpoints of 2^52 equal parts of [0, 1]: all are exact, and none rounds to 0 or 1, where the inverse is
        // infinite.
        return STANDARD_NORMAL.inverseCumulativeProbability((nextLong() >>> 12) * 0x1p-52 + 0x1p-53);
    }

    /**
     * Shuffles an array in place (Fisher and Yates).
     *
     * @param values the array; modified
     */
    public void shuffle(int[] values) {
        for (int i = values.length - 1; i > 0; i--) {
            int j = nextInt(i + 1);
            int swap = values[i];
            values[i] = values[j];
            values[j] = swap;
        }
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
