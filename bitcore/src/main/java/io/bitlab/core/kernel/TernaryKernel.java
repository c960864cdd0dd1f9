package io.bitlab.core.kernel;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.Optional;

/**
 * A way to multiply activations with ternary weights.
 *
 * <p>{@link KernelRegistry} chooses one when a layer is frozen. The weights are packed once; each input is prepared
 * once, even if several layers read it; then the product is computed, by several threads if it is large:
 *
 * <pre>{@code
 * PackedWeights w = kernel.pack(matrix);                              // once
 * PreparedActivations x = kernel.prepare(activations);                // once an input
 * kernel.multiply(w, x, bias, y, 0, w.outFeatures());                 // y[row * out + o]
 * }</pre>
 *
 * <p>What a kernel computes is defined to the bit by {@link ScalarKernel}: every kernel returns the same floats, for
 * every shape, batch and division of the work.
 *
 * <p>An application can add a kernel of its own: a public class with a public constructor without parameters, named in
 * {@code META-INF/services/io.bitlab.core.kernel.TernaryKernel}. It is found through the class loader that has this
 * library: kernels belong to the process, so they can't depend on the thread that happens to be the first to ask.
 *
 * <p><b>Thread safety:</b> a kernel has no state that changes; all methods may be called from any thread at any time.
 */
public interface TernaryKernel {
    /**
     * The name under which {@link KernelRegistry} knows the kernel.
     *
     * @return a short lower-case name, the same for every instance of the class
     */
    String name();

    /**
     * Whether the kernel computes with SIMD vectors.
     *
     * @return true if it does
     */
    boolean isVectorized();

    /**
     * Which of several kernels is used that could all be: the one with the highest priority.
     *
     * @return any number; that of {@link ScalarKernel} is 0
     */
    int priority();

    /**
     * Why this kernel can't or shouldn't run here.
     *
     * @param config what is to be multiplied
     * @param out output features, at least 1
     * @param in input features, at least 1
     * @return a sentence with the remedy, such as <i>needs the Vector API: pass '--add-modules jdk.incubator.vector' to
     *     java</i>; empty if it accepts
     */
    Optional<String> refusal(BitQuantConfig config, int out, int in);

    /**
     * Brings weights into this kernel's layout.
     *
     * @param weights any matrix of a shape that {@link #refusal} accepts, whatever its scales
     * @return the packed weights
     */
    PackedWeights pack(TernaryMatrix weights);

    /**
     * Brings activations into the form that this kernel reads.
     *
     * @param activations of the dtype that {@link #refusal} accepted; not modified, but possibly kept: they must not
     *     change while the result is in use
     * @return the prepared activations; their arrays come from the bound {@link io.bitlab.core.memory.Workspace}, if
     *     there is one
     * @throws IllegalArgumentException if the kernel does not read activations of this dtype
     */
    PreparedActivations prepare(Activations activations);

    /**
     * What the bounds of a part of the output given to {@link #multiply} must be multiples of.
     *
     * @return at least 1; 1 if any bounds will do
     */
    default int rowAlignment() {
        return 1;
    }

    /**
     * What a multiplication costs one thread, roughly: it decides whether work is worth sharing among threads.
     *
     * @return nanoseconds for each weight and row of activations; 1 unless a kernel knows better
     */
    default double nanosPerWeight() {
        return 1;
    }

    /**
     * Computes the output features from {@code fromOut} (inclusive) to {@code toOut} (exclusive) for all rows, in the
     * calling thread. Several threads may compute different parts of the same {@code y}.
     *
     * @param weights packed by this kernel; not modified
     * @param activations prepared by this kernel, with {@code weights.inFeatures()} columns; not modified
     * @param bias {@code weights.outFeatures()} values, or null for none; not modified
     * @param y {@code [activations.rows(), weights.outFeatures()]}, row-major; modified in columns {@code fromOut} to
     *     {@code toOut - 1}, each of which is overwritten
     * @param fromOut first output feature, a multiple of {@link #rowAlignment}
     * @param toOut the output feature after the last, a multiple of {@link #rowAlignment} or {@code
     *     weights.outFeatures()}
     * @throws IllegalArgumentException if operands don't fit together or belong to another kernel
     */
    void multiply(
            PackedWeights weights, PreparedActivations activations, float[] bias, float[] y, int fromOut, int toOut);

    /**
     * Checks the operands of {@link #multiply}; every kernel begins with it.
     *
     * @param weights as in {@link #multiply}
     * @param activations as in {@link #multiply}
     * @param bias as in {@link #multiply}
     * @param y as in {@link #multiply}
     * @param fromOut as in {@link #multiply}
     * @param toOut as in {@link #multiply}
     * @throws IllegalArgumentException if a length does not fit, or the bounds are outside the output or not aligned
     */
    static void checkOperands(
            PackedWeights weights, PreparedActivations activations, float[] bias, float[] y, int fromOut, int toOut) {
        int out = weights.outFeatures();
        int alignment = weights.kernel().rowAlignment();
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
            throw new IllegalArgumentException("Kernel '" + weights.kernel().name() + "' ("
                    + weights.inFeatures() + " -> " + out + "): " + problem);
        }
    }
}
