package io.bitlab.models.train;

import io.bitlab.core.tensor.Tensor;

/**
 * Labelled samples of one shape, of which only the batches in use need to be in memory: what {@link Trainer#fit} and
 * {@link Evaluation} read. A {@link Dataset} holds all of its samples; a source of images may decode them when they are
 * asked for.
 *
 * {@snippet class="io.bitlab.models.snippets.TaskSnippets" region="sampleSource"}
 *
 * <p><b>Thread safety:</b> the trainer calls {@link #batch} in another thread while it trains; implementations must
 * allow any number of threads to read.
 */
public interface SampleSource {

    /**
     * The number of samples.
     *
     * @return at least 1, always the same
     */
    int size();

    /**
     * The shape of each sample.
     *
     * @return such as {@code [features]} or {@code [channels, height, width]}; the caller may change the array
     */
    int[] sampleShape();

    /**
     * The number of classes.
     *
     * @return larger than all labels
     */
    int classes();

    /**
     * The label of a sample.
     *
     * @param index the sample, from 0
     * @return its class, from 0
     * @throws IndexOutOfBoundsException if there is no such sample
     */
    int label(int index);

    /**
     * The labels of samples.
     *
     * @param indices the samples, in this order
     * @return their classes, a new array
     * @throws IndexOutOfBoundsException if there is no such sample
     */
    default int[] labels(int... indices) {
        int[] labels = new int[indices.length];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = label(indices[i]);
        }
        return labels;
    }

    /**
     * The values of samples; the same at each call. May be slow, such as decoding images: the trainer prepares a batch
     * while the model trains on the one before.
     *
     * @param indices the samples, at least one, in this order
     * @return a new tensor {@code [indices, ...sampleShape]}, which the caller may change
     * @throws IndexOutOfBoundsException if there is no such sample
     * @throws java.io.UncheckedIOException if a sample can't be read
     */
    Tensor batch(int... indices);

    /**
     * What identifies the content, to refuse a checkpoint of other data: a checksum of all values and labels or, where
     * reading them all is too slow, of what stands for them, such as the names, sizes and labels of files.
     *
     * @return a short text; the same in each run
     */
    String checksum();
}
