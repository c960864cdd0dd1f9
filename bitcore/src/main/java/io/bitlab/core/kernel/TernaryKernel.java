package io.bitlab.core.kernel;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.PatchGrid;
import io.bitlab.core.quant.TernaryMatrix;
import java.util.Optional;

/**
 * An implementation of the product of activations {@code [rows, in]} and ternary weights {@code [out, in]}, transposed:
 * {@code [rows, out]}.
 *
 * <p>{@link KernelRegistry} chooses a kernel when a layer packs its weights. Weights are packed once; each input is
 * prepared once, even if several layers read it; then the product is computed, by several threads if it is large:
 *
 * {@snippet class="io.bitlab.core.snippets.KernelSnippets" region="multiply"}
 *
 * <h2>What a kernel computes</h2>
 *
 * <p>Every kernel returns the same floats, to the bit, for every shape, batch and division of the work. With {@code w}
 * the trits of an output feature and {@code a} a row of activations, every operation below rounds to float32 and none
 * is fused:
 *
 * <pre>
 * int8:     sum     = w[0]*a[0] + w[1]*a[1] + ...                       exact, in 32-bit integers
 *           y       = ((float) sum * weightScale) * activationScale + bias
 *
 * float32:  sum     = (0 + (w[0]*a[0] + w[1]*a[1])) + (w[2]*a[2] + w[3]*a[3]) + ...
 *           y       = sum * weightScale + bias
 * </pre>
 *
 * <p>Columns are taken in pairs, in ascending order; a last odd column is paired with weight 0 and activation 0.
 * (Pairs, because a lookup kernel finds the sum of a pair in a table.) If the weights have a scale for each block of
 * columns, there is one sum for each block, whose pairs begin at the block's first column, and the products {@code sum
 * * blockScale} are added in ascending order, beginning with the first product itself rather than with 0; the total
 * takes the place of {@code sum * weightScale}. No bias means a bias of +0.
 *
 * <h2>Adding a kernel</h2>
 *
 * <p>An application adds a kernel as a public class with a public constructor without parameters, named in {@code
 * META-INF/services/io.bitlab.core.kernel.TernaryKernel}. The registry looks for it through the class loader of this
 * library: kernels belong to the process, so they can't depend on the thread that asks first. A kernel implements
 * {@link #pack}, {@link #prepare} and {@link #compute}; callers use {@link #multiply}, which checks the operands first.
 *
 * <p><b>Thread safety:</b> a kernel has no mutable state; all methods may be called from any thread at any time.
 */
public interface TernaryKernel {
    /**
     * The name under which {@link KernelRegistry} knows the kernel.
     *
     * @return a short, lower-case name, the same for every instance of the class
     */
    String name();

    /**
     * Whether the kernel computes with SIMD vectors.
     *
     * @return true if it does
     */
    boolean isVectorized();

    /**
     * The rank of this kernel: of all kernels that accept a layer, the one with the highest priority runs it.
     *
     * @return any number; the reference kernel {@code scalar} has 0
     */
    int priority();

    /**
     * The rank of this kernel for convolutions, whose activations are many patches and whose weights are few.
     *
     * @param out output channels, at least 1
     * @param in values of a patch, at least 1
     * @return any number, in place of {@link #priority}, which it is by default
     */
    default int patchPriority(int out, int in) {
        return priority();
    }

    /**
     * Whether {@link #prepare} accepts {@link io.bitlab.core.quant.QuantizedPatches} of a grid. For kernels that don't,
     * {@link TernaryMatmul} copies patches to rows, some at a time.
     *
     * @param grid the patches
     * @return false by default
     */
    default boolean readsPatches(PatchGrid grid) {
        return false;
    }

    /**
     * Why this kernel can't or shouldn't run a layer in this JVM.
     *
     * @param config how the layer quantises
     * @param out output features, at least 1
     * @param in input features, at least 1
     * @return a sentence that ends with the remedy, such as <i>needs the Vector API: pass '--add-modules
     *     jdk.incubator.vector' to java</i>; empty if the kernel accepts
     */
    Optional<String> refusal(BitQuantConfig config, int out, int in);

    /**
     * Copies weights into this kernel's layout.
     *
     * @param weights any matrix of a shape that {@link #refusal} accepts, with any scales
     * @return the packed weights, whose {@link PackedWeights#kernel} is this kernel
     */
    PackedWeights pack(TernaryMatrix weights);

    /**
     * Converts activations to the form that this kernel reads.
     *
     * @param activations of the dtype that {@link #refusal} accepted; not modified, but possibly kept: they must not
     *     change while the result is in use
     * @return the prepared activations, whose {@link PreparedActivations#kernel} is this kernel; their arrays come from
     *     the bound {@link io.bitlab.core.memory.Workspace}, if there is one
     * @throws IllegalArgumentException if the kernel does not read activations of this dtype
     */
    PreparedActivations prepare(Activations activations);

    /**
     * The number of output features that a division of the work must keep together.
     *
     * @return at least 1; {@link #multiply} accepts ranges of output features that begin and end at multiples of this
     */
    default int rowAlignment() {
        return 1;
    }

    /**
     * The approximate cost on one thread, which decides whether work is worth sharing among threads.
     *
     * @return nanoseconds for each weight and row of activations; 1 by default
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
     * @param y {@code [activations.rows(), weights.outFeatures()]}, row-major; columns {@code fromOut} to {@code toOut
     *     - 1} are overwritten, the others are not modified
     * @param fromOut first output feature, a multiple of {@link #rowAlignment}
     * @param toOut the output feature after the last, a multiple of {@link #rowAlignment} or {@code
     *     weights.outFeatures()}
     * @throws IllegalArgumentException if another kernel packed or prepared an operand, an array has the wrong length,
     *     or the range of output features is outside the output or not aligned
     */
    default void multiply(
            PackedWeights weights, PreparedActivations activations, float[] bias, float[] y, int fromOut, int toOut) {
        Operands.check(this, weights, activations, bias, y, fromOut, toOut);
        compute(weights, activations, bias, y, fromOut, toOut);
    }

    /**
     * The computation behind {@link #multiply}, which has checked the operands: this kernel packed the weights and
     * prepared the activations, lengths fit, and the range is aligned and inside the output. For implementers; callers
     * use {@link #multiply}.
     *
     * @param weights the result of a call of {@link #pack}; not modified
     * @param activations the result of a call of {@link #prepare}; not modified
     * @param bias as in {@link #multiply}
     * @param y as in {@link #multiply}
     * @param fromOut as in {@link #multiply}
     * @param toOut as in {@link #multiply}
     */
    void compute(
            PackedWeights weights, PreparedActivations activations, float[] bias, float[] y, int fromOut, int toOut);
}
