package io.bitlab.models.train;

/**
 * How an epoch went.
 *
 * @param epoch which, from 1
 * @param loss mean training loss over its batches
 * @param accuracy share of training samples classified rightly while training, from 0 to 1
 * @param validationAccuracy share of validation samples classified rightly after the epoch; NaN without validation data
 * @param seconds duration
 */
public record EpochResult(int epoch, double loss, double accuracy, double validationAccuracy, double seconds) {
}
