/**
 * Dense float32 tensors with automatic differentiation.
 *
 * <p>Operations on {@link io.bitlab.core.tensor.Tensor}s read like arithmetic, and
 * {@link io.bitlab.core.tensor.Tensor#backward()} computes the gradients of all leaves that require one:
 *
 * {@snippet class="io.bitlab.core.snippets.TensorSnippets" region="backward"}
 *
 * <p>The operations themselves are in {@code io.bitlab.core.ops}. To add your own differentiable operation, compute its
 * result and call {@link io.bitlab.core.tensor.Autograd#result}:
 *
 * {@snippet class="io.bitlab.core.snippets.TensorSnippets" region="operation"}
 */
package io.bitlab.core.tensor;
