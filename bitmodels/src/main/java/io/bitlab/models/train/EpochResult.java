package io.bitlab.models.train;

/**
 * The losses and accuracies of an epoch.
 *
 * @param epoch the number of the epoch, from 1
 * @param loss mean training loss over its steps
 * @param accuracy share of training targets (labels, or next tokens) predicted correctly while training, from 0 to 1
 * @param validationAccuracy share of validation targets predicted correctly after the epoch; NaN without validation
 *     data
 * @param validationLoss mean loss of the validation tokens after the epoch, in nats; NaN without validation data, and
 *     for classifiers
 * @param seconds duration of the epoch in seconds
 */
public record EpochResult(int epoch, double loss, double accuracy, double validationAccuracy, double validationLoss,
        double seconds) {

    /**
     * Creates the result of a classifier.
     *
     * @param epoch the number of the epoch, from 1
     * @param loss mean training loss over its steps
     * @param accuracy share of training samples classified correctly while training, from 0 to 1
     * @param validationAccuracy share of validation samples classified correctly after the epoch; NaN without
     *     validation data
     * @param seconds duration of the epoch in seconds of the epoch in seconds
     */
    public EpochResult(int epoch, double loss, double accuracy, double validationAccuracy, double seconds) {
        this(epoch, loss, accuracy, validationAccuracy, Double.NaN, seconds);
    }

    /**
     * Returns the perplexity on the validation data: the number of equally likely tokens that would leave the model as
     * uncertain.
     *
     * @return {@code exp(validationLoss)}; NaN where that is
     */
    public double perplexity() {
        return StrictMath.exp(validationLoss);
    }

    /**
     * Returns the validation loss in bits per token.
     *
     * @return {@code validationLoss / ln 2}; NaN where that is
     */
    public double bitsPerToken() {
        return validationLoss / StrictMath.log(2);
    }
}
