/**
 * The differentiable operations on tensors, each gradient beside its forward.
 *
 * <p>{@link io.bitlab.core.ops.Arithmetic}, {@link io.bitlab.core.ops.Pointwise},
 * {@link io.bitlab.core.ops.Reductions}, {@link io.bitlab.core.ops.Indexing} and {@link io.bitlab.core.ops.Matmul} are
 * what the methods of {@code Tensor} call. {@link io.bitlab.core.ops.LinearOps} has the operations that layers are made of,
 * among them {@link io.bitlab.core.ops.LinearOps#bitLinear}, the ternary linear layer with its straight-through gradient;
 * {@link io.bitlab.core.ops.Norms} normalises, {@link io.bitlab.core.ops.Losses} has what training makes small.
 * Images are {@code [n, channels, height, width]}: {@link io.bitlab.core.ops.Patches} turns a convolution into a linear
 * operation, {@link io.bitlab.core.ops.Pooling} makes images smaller and larger.
 *
 * <p>An operation of one's own is a static method that computes its result and calls
 * {@link io.bitlab.core.tensor.Autograd#result} with what to do when the gradient arrives.
 */
package io.bitlab.core.ops;
