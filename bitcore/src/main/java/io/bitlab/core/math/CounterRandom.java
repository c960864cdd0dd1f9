package io.bitlab.core.math;

import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.distribution.NormalDistribution;

/**
 * A counter-based random generator: number n of a stream is a function of (seed, stream, n) and of nothing else.
 *
 * <p>So a parameter's initial values depend only on the seed and the parameter's name, a dropout mask only on the seed,
 * the layer and the step, and a resumed training run goes on exactly where it stopped: {@link #position} and
 * {@link #seek} are the whole state. The bits are those of SplitMix64 (Steele, Lea, Flood: <i>Fast Splittable
 * Pseudorandom Number Generators</i>, OOPSLA 2014) started at a key mixed from seed and stream. Not for cryptography.
 *
 * <p><b>Thread safety:</b> none; make one generator for each computation, they cost nothing.
 */
public final class CounterRandom implements RandomGenerator {

    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;
    private static final NormalDistribution STANDARD_NORMAL = new NormalDistribution(null, 0, 1);

    private final long key;
    private long position;

    /**
     * Makes the generator of one stream, at position 0.
     *
     * @param seed the seed of the whole computation
     * @param stream which of its independent streams, see {@link #stream(String)}
     */
    public CounterRandom(long seed, long stream) {
        this.key = mix(mix(seed + GOLDEN_GAMMA) ^ (stream * GOLDEN_GAMMA + 1));
    }

    /**
     * The stream that belongs to a name, such as a parameter's path.
     *
     * @param name any text
     * @return its 64-bit FNV-1a hash
     */
    public static long stream(String name) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        return hash;
    }

    /**
     * How many numbers were drawn.
     *
     * @return index of the next number
     */
    public long position() {
        return position;
    }

    /**
     * Goes to a position of the stream.
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

    /** {@inheritDoc} One number of the stream each, by the high half of a product; the bias is below bound / 2^64. */
    @Override
    public int nextInt(int bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("nextInt: bound " + bound + " is not positive");
        }
        return (int) Math.unsignedMultiplyHigh(nextLong(), bound);
    }

    /** {@inheritDoc} One number of the stream each, through the inverse of the normal distribution function. */
    @Override
    public double nextGaussian() {
        // The middles of 2^52 equal parts of [0, 1]: each is exact, and none rounds to 1, where the inverse is
        // infinite.
        return STANDARD_NORMAL.inverseCumulativeProbability((nextLong() >>> 12) * 0x1p-52 + 0x1p-53);
    }

    /**
     * Shuffles in place (Fisher and Yates).
     *
     * @param values what to shuffle; modified
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
