/**
 * Dense float32 tensors with automatic differentiation.
 *
 * <p>Operations on {@link io.bitlab.core.tensor.Tensor}s look like arithmetic, and
 * {@link io.bitlab.core.tensor.Tensor#backward()} fills in the gradients of all leaves that ask for them:
 *
 * <pre>{@code
 * Tensor w = Tensor.randn(1L, 3, 2).requiresGrad(true);
 * Tensor x = Tensor.of(new float[] {1, 2, 3}, 1, 3);
 * Tensor loss = x.matmul(w).tanh().sum();
 * loss.backward();
 * float[] dw = w.grad().toArray();
 * }</pre>
 *
 * <p>The operations themselves live in {@code io.bitlab.core.ops}. An operation of one's own needs one call:
 * {@link io.bitlab.core.tensor.Autograd#result}.
 */
package io.bitlab.core.tensor;
