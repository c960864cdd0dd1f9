package io.bitlab.models.report;

import java.util.Optional;

/**
 * Statistics of one ternary layer in a {@link ModelReport}.
 *
 * @param path the layer's path in the model
 * @param outFeatures output features, the rows of the weight
 * @param inFeatures input features, the columns of the weight
 * @param kernel name of the kernel that computes the layer
 * @param smallestScale the smallest weight scale
 * @param meanScale the mean weight scale
 * @param largestScale the largest weight scale
 * @param minusShare fraction of weights that are -1
 * @param zeroShare fraction of weights that are 0
 * @param plusShare fraction of weights that are +1
 * @param latentBytes bytes of the weights as float32
 * @param packedBytes bytes of the weights as the kernel packs them
 * @param latent histogram of the latent weights; empty for a deployed layer, which has none
 * @param outputs histogram of the layer's outputs for some samples
 * @param largestOutput largest absolute output
 * @param meanOutput mean output
 * @param zeroOutputs fraction of outputs that are 0
 */
public record LayerReport(String path, int outFeatures, int inFeatures, String kernel, float smallestScale,
        float meanScale, float largestScale, double minusShare, double zeroShare, double plusShare, long latentBytes,
        long packedBytes, Optional<Histogram> latent, Histogram outputs, double largestOutput, double meanOutput,
        double zeroOutputs) {

    /**
     * The packed memory per weight.
     *
     * @return bits per weight
     */
    public double bitsPerWeight() {
        return 8.0 * packedBytes / ((double) outFeatures * inFeatures);
    }
}
