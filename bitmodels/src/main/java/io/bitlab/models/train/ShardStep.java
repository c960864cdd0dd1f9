package io.bitlab.models.train;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Objects;

/**
 * A step of a training that is computed in shards: all that its gradients depend on, but for the weights.
 *
 * {@snippet class="io.bitlab.models.snippets.ExchangeSnippets" region="step"}
 *
 * @param epoch the epoch, from 1
 * @param number the step in the whole training, from 0
 * @param shards the number of shards, a power of two
 * @param samples the indices of the samples, in order; not copied, so don't change them
 * @param quantStrength λ of all ternary layers; NaN if they keep theirs
 * @param precision of the gradients
 */
public record ShardStep(int epoch, long number, int shards, int[] samples, float quantStrength,
        GradientPrecision precision) implements Serializable {

    /** The largest number of shards. */
    public static final int MOST_SHARDS = 1 << 10;

    /**
     * Checks the number of shards.
     *
     * @throws IllegalArgumentException if it is no power of two from 1 to {@value #MOST_SHARDS}
     */
    public ShardStep {
        requireShards("ShardStep", shards);
        Objects.requireNonNull(precision, "ShardStep: the precision is null");
    }

    /**
     * Creates a step with exact gradients.
     *
     * @param epoch the epoch, from 1
     * @param number the step in the whole training, from 0
     * @param shards the number of shards, a power of two
     * @param samples the indices of the samples, in order; not copied, so don't change them
     * @param quantStrength λ of all ternary layers; NaN if they keep theirs
     */
    public ShardStep(int epoch, long number, int shards, int[] samples, float quantStrength) {
        this(epoch, number, shards, samples, quantStrength, GradientPrecision.FLOAT32);
    }

    static void requireShards(String operation, int shards) {
        if (shards < 1 || shards > MOST_SHARDS || Integer.bitCount(shards) != 1) {
            throw new IllegalArgumentException(operation + ": " + shards + " shards, expected a power of two from 1 to "
                    + MOST_SHARDS);
        }
    }

    /**
     * The samples of a shard. Their numbers differ by at most one.
     *
     * @param shard from 0 to {@code shards() - 1}
     * @return their indices; empty if there are fewer samples than shards
     */
    public int[] samplesOf(int shard) {
        return Arrays.copyOfRange(samples, bound(shard), bound(shard + 1));
    }

    private int bound(int shard) {
        return (int) ((long) samples.length * shard / shards);
    }

    /** Chooses the random numbers of a shard: different for each shard of each step. */
    long seed(int shard) {
        return number * shards + shard;
    }

    /** The number of shards that have samples. */
    int filledShards() {
        return Math.min(shards, samples.length);
    }
}
