package io.bitlab.layers;

/**
 * What a network occupies, in bytes.
 *
 * @param floatBytes all parameters as float32
 * @param ternaryBytes the deployed form: packed weights with padding and scales, biases and the parts that stay float
 * @param residentBytes what is in memory now: latent weights, gradients and packed weights, as far as they exist
 */
public record Memory(long floatBytes, long ternaryBytes, long residentBytes) {

    /** Nothing at all. */
    public static final Memory NONE = new Memory(0, 0, 0);

    /**
     * Adds two parts of a network.
     *
     * @param other the other part
     * @return what both occupy
     */
    public Memory plus(Memory other) {
        return new Memory(floatBytes + other.floatBytes, ternaryBytes + other.ternaryBytes,
                residentBytes + other.residentBytes);
    }

    /** What is left without a part that was counted twice. */
    Memory minus(Memory part) {
        return new Memory(floatBytes - part.floatBytes, ternaryBytes - part.ternaryBytes,
                residentBytes - part.residentBytes);
    }

    /**
     * How much smaller the deployed form is than the float form.
     *
     * @return percent of {@link #floatBytes()}; 0 for a network without parameters
     */
    public double reductionPercent() {
        return floatBytes == 0 ? 0 : 100.0 * (floatBytes - ternaryBytes) / floatBytes;
    }
}
