package io.bitlab.models.train;

import io.bitlab.core.math.Bfloat16;
import io.bitlab.core.math.CounterRandom;
import java.io.Serializable;
import java.util.List;

/**
 * The gradient of a shard, or the sum of several. Values are weighted by the share of the step's samples.
 *
 * {@snippet class="io.bitlab.models.snippets.ExchangeSnippets" region="tree"}
 *
 * <p>No record, which Kryo 4, as Spark has it, can't read.
 */
public final class ShardGradient implements Serializable {

    private static final long serialVersionUID = 1;

    /** No shard: adding it changes nothing. */
    static final ShardGradient NONE = new ShardGradient(0, new float[0], new float[0], 0, 0, 0);

    /** The number of shards that had samples. */
    private final int shards;
    /** Of all trained parameters, one after the other; null if rounded. */
    private final float[] gradients;
    /** The gradients as bfloat16; null if they are exact. */
    private final short[] rounded;
    /** Chooses the random numbers of the rounding. */
    private final long seed;
    /** What the shards' forward passes added to all buffers. */
    private final float[] bufferChanges;
    /** The sum of the losses. */
    private final double loss;
    /** The number of targets that the model predicted. */
    private final long correct;
    /** The number of targets. */
    private final long targets;

    /**
     * Creates a sum.
     *
     * @param shards the number of shards that had samples
     * @param gradients of all trained parameters, one after the other; not copied
     * @param bufferChanges the sum of what the shards' forward passes added to all buffers, without weights; not copied
     * @param loss the sum of the losses
     * @param correct the number of targets that the model predicted
     * @param targets the number of targets
     */
    public ShardGradient(int shards, float[] gradients, float[] bufferChanges, double loss, long correct,
            long targets) {
        this(shards, gradients, null, 0, bufferChanges, loss, correct, targets);
    }

    private ShardGradient(int shards, float[] gradients, short[] rounded, long seed, float[] bufferChanges, double loss,
            long correct, long targets) {
        this.shards = shards;
        this.gradients = gradients;
        this.rounded = rounded;
        this.seed = seed;
        this.bufferChanges = bufferChanges;
        this.loss = loss;
        this.correct = correct;
        this.targets = targets;
    }

    /** The same with gradients of {@link GradientPrecision#BFLOAT16}. */
    ShardGradient rounded(long rounding) {
        return new ShardGradient(shards, null, GradientPrecision.rounded(gradients, new CounterRandom(rounding, 0)),
                rounding, bufferChanges, loss, correct, targets);
    }

    /**
     * The number of shards.
     *
     * @return how many had samples
     */
    public int shards() {
        return shards;
    }

    /**
     * The gradients of all trained parameters, one after the other.
     *
     * @return the live values; a new array if they are of {@link GradientPrecision#BFLOAT16}
     */
    public float[] gradients() {
        if (rounded == null) {
            return gradients;
        }
        float[] values = new float[rounded.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = Bfloat16.toFloat(rounded[i]);
        }
        return values;
    }

    /** The number of gradients. */
    int size() {
        return rounded == null ? gradients.length : rounded.length;
    }

    /**
     * What the shards' forward passes added to all buffers.
     *
     * @return the live values
     */
    public float[] bufferChanges() {
        return bufferChanges;
    }

    /**
     * The sum of the losses.
     *
     * @return each weighted by the share of its samples
     */
    public double loss() {
        return loss;
    }

    /**
     * The number of targets that the model predicted.
     *
     * @return from 0 to {@link #targets}
     */
    public long correct() {
        return correct;
    }

    /**
     * The number of targets.
     *
     * @return 0 if there is nothing like an accuracy
     */
    public long targets() {
        return targets;
    }

    /**
     * Adds another one, in which shards follow. Adds to the arrays of this one, and returns it with them: use neither
     * of the two afterwards. The order of additions counts: add neighbours, pairs of neighbours, and so on.
     *
     * @param next of as many shards, which follow this one's
     * @return the sum
     * @throws IllegalArgumentException if it is of another model or precision
     */
    public ShardGradient plus(ShardGradient next) {
        if (shards == 0 || next.shards == 0) {
            return shards == 0 ? next : this;
        }
        if ((rounded == null) != (next.rounded == null)) {
            throw new IllegalArgumentException("ShardGradient.plus: exact and rounded gradients; all workers must "
                    + "compute the same step");
        }
        float[] sum = gradients();
        add(sum, next.gradients());
        add(bufferChanges, next.bufferChanges);
        ShardGradient both = new ShardGradient(shards + next.shards, sum, bufferChanges, loss + next.loss,
                correct + next.correct, targets + next.targets);
        return rounded == null ? both : both.rounded(new CounterRandom(seed, next.seed).nextLong());
    }

    /**
     * Adds neighbouring parts of the tree.
     *
     * @param parts of as many shards each, in their order; used up; a power of two of them
     * @return the sum of the whole tree
     */
    public static ShardGradient sum(List<ShardGradient> parts) {
        if (parts.size() == 1) {
            return parts.getFirst();
        }
        int middle = parts.size() / 2;
        return sum(parts.subList(0, middle)).plus(sum(parts.subList(middle, parts.size())));
    }

    private static void add(float[] sum, float... values) {
        if (sum.length != values.length) {
            throw new IllegalArgumentException("ShardGradient.plus: " + values.length + " values, expected "
                    + sum.length + "; all workers must have the trainer's model");
        }
        for (int i = 0; i < sum.length; i++) {
            sum[i] += values[i];
        }
    }
}
