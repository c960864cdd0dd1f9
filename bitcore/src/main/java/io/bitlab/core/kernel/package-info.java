/**
 * Multiplying with ternary weights, and the choice of the kernel that does it.
 *
 * <pre>{@code
 * TernaryKernel kernel = KernelRegistry.kernelFor(config, 2560, 2560);
 * KernelRegistry.explain(config, 2560, 2560).forEach(System.out::println);   // which kernel, and why not the others
 *
 * PackedWeights w = kernel.pack(ternaryMatrix);
 * PreparedActivations x = kernel.prepare(ActivationQuantizer.quantize(input, rows, 2560, granularity, "my layer"));
 * kernel.multiply(w, x, null, y, 0, 2560);
 * }</pre>
 *
 * <p>Layers do this by themselves. {@link io.bitlab.core.kernel.ScalarKernel} says what is computed, to the bit;
 * {@link io.bitlab.core.kernel.KernelRegistry} says how one is chosen and how to force one.
 */
package io.bitlab.core.kernel;
