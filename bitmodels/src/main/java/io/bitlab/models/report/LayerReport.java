package io.bitlab.models.report;

import java.util.Optional;

/**
 * One ternary layer.
 *
 * @param path where it stands in the model
 * @param outFeatures rows of its weights
 * @param inFeatures columns of its weights
 * @param kernel what computes it
 * @param smallestScale of its scales of weights
 * @param meanScale of its scales of weights
 * @param largestScale of its scales of weights
 * @param minusShare share of weights that are -1
 * @param zeroShare share of weights that are 0
 * @param plusShare share of weights that are +1
 * @param latentBytes memory of the weights as float32
 * @param packedBytes memory of the weights as the kernel reads them
 * @param latent the latent weights; empty if they are gone, or were never there
 * @param outputs what the layer answered to some samples
 * @param largestOutput the largest absolute value among them
 * @param meanOutput their mean
 * @param zeroOutputs share of them that is 0
 */
public record LayerReport(String path, int outFeatures, int inFeatures, String kernel, float smallestScale,
        float meanScale, float largestScale, double minusShare, double zeroShare, double plusShare, long latentBytes,
        long packedBytes, Optional<Histogram> latent, Histogram outputs, double largestOutput, double meanOutput,
        double zeroOutputs) {

    /**
     * Packed memory for each weight.
     *
     * @return bits
     */
    public double bitsPerWeight() {
        return 8.0 * packedBytes / ((double) outFeatures * inFeatures);
    }
}
