package io.bitlab.models.train;

import java.util.Objects;

/**
 * Computes the gradients of a step in parts, possibly on other machines: data-parallel training.
 *
 * {@snippet class="io.bitlab.models.snippets.ExchangeSnippets" region="exchange"}
 *
 * <p>The samples of each step are cut into a fixed number of shards, in their order. The gradient of a shard depends on
 * the weights, the step and its samples only; {@link ShardGradient#plus} adds shards in one fixed binary tree. So the
 * number of shards determines the result of a training, and who computes them does not: not one bit.
 *
 * <p>What depends on a whole batch is taken from each shard: the statistics of {@code BatchNorm2d} (the running ones
 * move by the mean of the shards' changes), losses that compare samples, and the partners of a
 * {@link BatchAugmentation}. Each shard draws its own random numbers, for dropout among others. A loss is the mean over
 * the samples: shards are weighted by their numbers of samples.
 *
 * <p><b>Thread safety:</b> one training uses an exchange at a time.
 */
public interface GradientExchange {

    /**
     * The number of shards of each step.
     *
     * @return a power of two, always the same
     */
    int shards();

    /**
     * How exactly gradients are sent.
     *
     * @return always the same; {@link GradientPrecision#FLOAT32} unless overridden
     */
    default GradientPrecision precision() {
        return GradientPrecision.FLOAT32;
    }

    /**
     * Computes the sum of all shards of a step.
     *
     * @param step the samples, and what else the gradients depend on
     * @param trainer computes with the trainer's model, whose {@link ShardWorker#state state} every other worker must
     *     have
     * @return what {@code trainer.compute(step, 0, shards())} returns, to the bit
     */
    ShardGradient sum(ShardStep step, ShardWorker trainer);

    /**
     * Computes all shards with the trainer's model, one after the other: the definition of every other exchange, and
     * the memory of a shard instead of that of a batch.
     *
     * @param shards a power of two from 1 to {@value ShardStep#MOST_SHARDS}
     * @return the exchange of one JVM
     * @throws IllegalArgumentException if there can't be as many shards
     */
    static GradientExchange inOneJvm(int shards) {
        return inOneJvm(shards, GradientPrecision.FLOAT32);
    }

    /**
     * Computes all shards with the trainer's model, one after the other, with rounded gradients.
     *
     * @param shards a power of two from 1 to {@value ShardStep#MOST_SHARDS}
     * @param precision of the gradients
     * @return the exchange of one JVM
     * @throws IllegalArgumentException if there can't be as many shards
     */
    static GradientExchange inOneJvm(int shards, GradientPrecision precision) {
        ShardStep.requireShards("GradientExchange.inOneJvm", shards);
        Objects.requireNonNull(precision, "GradientExchange.inOneJvm: the precision is null");
        return new GradientExchange() {
            @Override
            public int shards() {
                return shards;
            }

            @Override
            public GradientPrecision precision() {
                return precision;
            }

            @Override
            public ShardGradient sum(ShardStep step, ShardWorker trainer) {
                return trainer.compute(step, 0, shards);
            }
        };
    }
}
