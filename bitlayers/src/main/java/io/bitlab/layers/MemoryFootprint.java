package io.bitlab.layers;

/**
 * The memory of a network's parameters and buffers, in bytes. Returned by {@link Layer#memory}.
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="memory"}
 *
 * @param floatBytes all parameters and buffers as float32
 * @param ternaryBytes the deployed network: packed weights with padding and scales, biases, buffers, and the float
 *     layers
 * @param residentBytes in memory now: latent weights, gradients and packed weights, where they exist
 */
public record MemoryFootprint(long floatBytes, long ternaryBytes, long residentBytes) {

    /** No memory. */
    public static final MemoryFootprint NONE = new MemoryFootprint(0, 0, 0);

    /** The memory of a float parameter and its gradient. */
    static MemoryFootprint of(Parameter parameter) {
        long bytes = (long) parameter.size() * Float.BYTES;
        return new MemoryFootprint(bytes, bytes, bytes + parameter.gradientBytes());
    }

    /**
     * The memory of two parts of a network.
     *
     * @param other the other part
     * @return the sum
     */
    public MemoryFootprint plus(MemoryFootprint other) {
        return new MemoryFootprint(floatBytes + other.floatBytes, ternaryBytes + other.ternaryBytes,
                residentBytes + other.residentBytes);
    }

    /** The memory without a part that was counted twice. */
    MemoryFootprint minus(MemoryFootprint part) {
        return new MemoryFootprint(floatBytes - part.floatBytes, ternaryBytes - part.ternaryBytes,
                residentBytes - part.residentBytes);
    }

    /**
     * The memory that deployment saves.
     *
     * @return percent of {@link #floatBytes()}; 0 for a network without parameters
     */
    public double reductionPercent() {
        return floatBytes == 0 ? 0 : 100.0 * (floatBytes - ternaryBytes) / floatBytes;
    }
}
