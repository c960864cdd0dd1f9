package io.bitlab.models.train;

/**
 * The losses and scores of an epoch.
 *
 * @param epoch the number of the epoch, from 1
 * @param loss mean training loss over its steps
 * @param accuracy share of training targets (labels, or next tokens) predicted correctly while training, from 0 to 1;
 *     NaN if the task has nothing like that
 * @param validation score on the validation data after the epoch; {@link Task.Score#NONE} without such data
 * @param averaged score of the averaged weights on the validation data; {@link Task.Score#NONE} without a
 *     {@link WeightAverage}
 * @param seconds duration of the epoch in seconds
 */
public record EpochResult(int epoch, double loss, double accuracy, Task.Score validation, Task.Score averaged,
        double seconds) {

    /**
     * Creates the result of a training without averaged weights.
     *
     * @param epoch the number of the epoch, from 1
     * @param loss mean training loss over its steps
     * @param accuracy share of training targets predicted correctly while training, from 0 to 1; NaN if unknown
     * @param validation score on the validation data after the epoch; {@link Task.Score#NONE} without such data
     * @param seconds duration of the epoch in seconds
     */
    public EpochResult(int epoch, double loss, double accuracy, Task.Score validation, double seconds) {
        this(epoch, loss, accuracy, validation, Task.Score.NONE, seconds);
    }

    /**
     * Creates the result of a classifier.
     *
     * @param epoch the number of the epoch, from 1
     * @param loss mean training loss over its steps
     * @param accuracy share of training samples classified correctly while training, from 0 to 1
     * @param validationAccuracy share of validation samples classified correctly after the epoch; NaN without
     *     validation data
     * @param seconds duration of the epoch in seconds
     */
    public EpochResult(int epoch, double loss, double accuracy, double validationAccuracy, double seconds) {
        this(epoch, loss, accuracy, validationAccuracy, Double.NaN, seconds);
    }

    /**
     * Creates the result of a classifier or a language model.
     *
     * @param epoch the number of the epoch, from 1
     * @param loss mean training loss over its steps
     * @param accuracy share of training targets predicted correctly while training, from 0 to 1
     * @param validationAccuracy share of validation targets predicted correctly after the epoch; NaN without validation
     *     data
     * @param validationLoss mean loss of the validation tokens after the epoch, in nats; NaN without validation data,
     *     and for classifiers
     * @param seconds duration of the epoch in seconds
     */
    public EpochResult(int epoch, double loss, double accuracy, double validationAccuracy, double validationLoss,
            double seconds) {
        this(epoch, loss, accuracy, score(validationAccuracy, validationLoss), seconds);
    }

    /** The score of a classifier or a language model, from the two numbers that the file of a checkpoint has. */
    static Task.Score score(double accuracy, double loss) {
        if (!Double.isNaN(loss)) {
            return Task.Score.ofTokens(accuracy, loss);
        }
        return Double.isNaN(accuracy) ? Task.Score.NONE : Task.Score.accuracy(accuracy);
    }

    EpochResult withValidation(Task.Score score) {
        return new EpochResult(epoch, loss, accuracy, score, averaged, seconds);
    }

    EpochResult withAveraged(Task.Score score) {
        return new EpochResult(epoch, loss, accuracy, validation, score, seconds);
    }

    /**
     * Returns the share of validation targets predicted correctly after the epoch.
     *
     * @return from 0 to 1; NaN without validation data, or if the task measures no accuracy
     */
    public double validationAccuracy() {
        return validation.number(Task.Score.ACCURACY);
    }

    /**
     * Returns the mean loss of the validation data after the epoch: for a language model, of the tokens in nats.
     *
     * @return the loss; NaN without validation data, for classifiers, and if the task measures no loss
     */
    public double validationLoss() {
        return validation.number(Task.Score.LOSS);
    }

    /**
     * Returns the perplexity on the validation data: the number of equally likely tokens that would leave the model as
     * uncertain.
     *
     * @return {@code exp(validationLoss)}; NaN where that is
     */
    public double perplexity() {
        return StrictMath.exp(validationLoss());
    }

    /**
     * Returns the validation loss in bits per token.
     *
     * @return {@code validationLoss / ln 2}; NaN where that is
     */
    public double bitsPerToken() {
        return validationLoss() / StrictMath.log(2);
    }
}
