package io.bitlab.models.train;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.Tensor;

/**
 * A random change of a whole batch that mixes its samples, and with them their labels: mixup and CutMix. The
 * {@link Objective} takes both labels of a mixed sample.
 *
 * {@snippet class="io.bitlab.models.snippets.TaskSnippets" region="mixup"}
 *
 * <p>The random numbers depend on the seed of the trainer, the epoch and the first sample of the batch. Unlike an
 * {@link Augmentation}, the change depends on the batch size, because samples of one batch are mixed.
 */
@FunctionalInterface
public interface BatchAugmentation {

    /**
     * Mixes the samples of a batch.
     *
     * @param batch {@code [n, ...]}, after the {@link Augmentation} of each sample; modified
     * @param random the random numbers of this batch in this epoch
     * @return what was mixed; null if the batch was left as it was
     */
    Mix apply(Tensor batch, CounterRandom random);

    /**
     * How samples were mixed: sample i counts as its own label with {@code share}, and as the label of its partner with
     * the rest.
     *
     * @param partners the partner of each sample, as index in the batch
     * @param share share of each sample's own label, from 0 to 1
     */
    record Mix(int[] partners, float share) {

        /**
         * Checks the share.
         *
         * @throws IllegalArgumentException if it is outside 0 to 1
         */
        public Mix {
            if (!(share >= 0f && share <= 1f)) {
                throw new IllegalArgumentException("BatchAugmentation.Mix: share " + share + " is not in [0, 1]");
            }
        }
    }

    /**
     * Blends each sample with another: {@code share·x + (1 - share)·partner} (Zhang et al., <i>mixup: Beyond
     * Empirical Risk Minimization</i>, 2018). One share for the batch, drawn from Beta(alpha, alpha).
     *
     * @param alpha how strongly samples are mixed, from 0.1 to 4; 0.2 is usual
     * @return the change, for samples of any shape
     * @throws IllegalArgumentException if alpha is outside its range
     */
    static BatchAugmentation mixup(double alpha) {
        SampleMixing.requireAlpha("mixup", alpha);
        return (batch, random) -> SampleMixing.mixup(batch, alpha, random);
    }

    /**
     * Replaces a box of each image by that of another (Yun et al., <i>CutMix</i>, 2019). The label's share is that of
     * the pixels left. One box for the batch: its area is drawn from Beta(alpha, alpha), its centre is uniform.
     *
     * @param alpha from 0.1 to 4; 1, which makes all areas equally likely, is usual
     * @return the change, for samples {@code [..., height, width]}
     * @throws IllegalArgumentException if alpha is outside its range
     */
    static BatchAugmentation cutmix(double alpha) {
        SampleMixing.requireAlpha("cutmix", alpha);
        return (batch, random) -> SampleMixing.cutmix(batch, alpha, random);
    }

    /**
     * Returns a choice between this change and another, drawn for each batch.
     *
     * @param other the other change
     * @return either, with equal probability
     */
    default BatchAugmentation or(BatchAugmentation other) {
        return (batch, random) -> (random.nextFloat() < 0.5f ? this : other).apply(batch, random);
    }
}
