package io.bitlab.models.train;

/**
 * How an epoch went.
 *
 * @param epoch which, from 1
 * @param loss mean training loss over its steps
 * @param accuracy share of training targets (labels, or next tokens) found while training, from 0 to 1
 * @param validationAccuracy share of validation targets found after the epoch; NaN without validation data
 * @param validationLoss mean loss of the validation tokens after the epoch, in nats; NaN without validation data, and
 *     for classifiers
 * @param seconds duration
 */
public record EpochResult(int epoch, double loss, double accuracy, double validationAccuracy, double validationLoss,
        double seconds) {

    /**
     * The result of a classifier.
     *
     * @param epoch which, from 1
     * @param loss mean training loss over its steps
     * @param accuracy share of training samples classified rightly while training, from 0 to 1
     * @param validationAccuracy share of validation samples classified rightly after the epoch; NaN without validation
     *     data
     * @param seconds duration
     */
    public EpochResult(int epoch, double loss, double accuracy, double validationAccuracy, double seconds) {
        this(epoch, loss, accuracy, validationAccuracy, Double.NaN, seconds);
    }

    /**
     * The perplexity on the validation data: among how many equally probable tokens the model is as unsure.
     *
     * @return {@code exp(validationLoss)}; NaN where that is
     */
    public double perplexity() {
        return StrictMath.exp(validationLoss);
    }

    /**
     * The validation loss in bits.
     *
     * @return {@code validationLoss / ln 2}; NaN where that is
     */
    public double bitsPerToken() {
        return validationLoss / StrictMath.log(2);
    }
}
