/**
 * The product of activations and ternary weights, and the choice of the kernel that computes it.
 *
 * {@snippet class="io.bitlab.core.snippets.KernelSnippets" region="overview"}
 *
 * <p>Layers do this by themselves. {@link io.bitlab.core.kernel.TernaryKernel} defines the result to the bit, and says
 * how an application adds a kernel; {@link io.bitlab.core.kernel.KernelRegistry} says how a kernel is chosen and how to
 * force one.
 */
package io.bitlab.core.kernel;
