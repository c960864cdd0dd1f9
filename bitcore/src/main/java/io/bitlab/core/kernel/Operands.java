package io.bitlab.core.kernel;

/** The checks in front of every kernel. */
final class Operands {

    private Operands() {
    }

    /**
     * Checks the operands of {@link TernaryKernel#multiply}.
     *
     * @throws IllegalArgumentException if another kernel packed or prepared an operand, an array has the wrong length,
     *     or the range of output features is outside the output or not aligned
     */
    static void check(TernaryKernel kernel, PackedWeights weights, PreparedActivations activations, float[] bias,
            float[] y, int fromOut, int toOut) {
        if (weights.kernel() != kernel) {
            throw new IllegalArgumentException("Kernel '" + kernel.name() + "': the weights were packed by kernel '"
                    + weights.kernel().name() + "'; multiply with that, or pack(weights.unpack()) with this one");
        }
        if (activations.kernel() != kernel) {
            throw new IllegalArgumentException("Kernel '" + kernel.name() + "': the activations were prepared by "
                    + "kernel '" + activations.kernel().name() + "'; prepare them with this one");
        }
        int out = weights.outFeatures();
        int alignment = kernel.rowAlignment();
        String problem = null;
        if (activations.columns() != weights.inFeatures()) {
            problem = "activations have " + activations.columns() + " columns, expected " + weights.inFeatures();
        } else if (bias != null && bias.length != out) {
            problem = "bias has " + bias.length + " values, expected " + out + " or no bias";
        } else if (y.length != (long) activations.rows() * out) {
            problem = "the output array has " + y.length + " values, expected " + activations.rows() + " rows x "
                    + out + " = " + (long) activations.rows() * out;
        } else if (fromOut < 0 || fromOut > toOut || toOut > out) {
            problem = "output features " + fromOut + " to " + toOut + " are not a part of 0 to " + out;
        } else if (fromOut % alignment != 0 || (toOut % alignment != 0 && toOut != out)) {
            problem = "output features " + fromOut + " to " + toOut + " do not begin and end at multiples of "
                    + alignment;
        }
        if (problem != null) {
            throw new IllegalArgumentException(
                    "Kernel '" + kernel.name() + "' (" + weights.inFeatures() + " -> " + out + "): " + problem);
        }
    }
}
