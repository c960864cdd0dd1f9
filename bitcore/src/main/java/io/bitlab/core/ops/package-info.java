/**
 * Differentiable operations on tensors, each with its gradient.
 *
 * <table>
 * <caption>Where to find what</caption>
 * <tr><td>{@link io.bitlab.core.ops.Arithmetic}, {@link io.bitlab.core.ops.Pointwise},
 * {@link io.bitlab.core.ops.Reductions}, {@link io.bitlab.core.ops.Indexing}, {@link io.bitlab.core.ops.Matmul}</td>
 * <td>what the methods of {@link io.bitlab.core.tensor.Tensor} call</td></tr>
 * <tr><td>{@link io.bitlab.core.ops.LinearOps}</td>
 * <td>the linear layer, in float and ternary, the latter with its straight-through gradient</td></tr>
 * <tr><td>{@link io.bitlab.core.ops.Norms}, {@link io.bitlab.core.ops.DropoutOps}</td>
 * <td>normalisation and dropout</td></tr>
 * <tr><td>{@link io.bitlab.core.ops.Attention}, {@link io.bitlab.core.ops.AttentionMask},
 * {@link io.bitlab.core.ops.RotaryEmbedding}, {@link io.bitlab.core.ops.Sinusoids}</td>
 * <td>transformers</td></tr>
 * <tr><td>{@link io.bitlab.core.ops.Losses}, {@link io.bitlab.core.ops.LinearCrossEntropy}</td>
 * <td>loss functions</td></tr>
 * <tr><td>{@link io.bitlab.core.ops.Window}, {@link io.bitlab.core.ops.Convolutions},
 * {@link io.bitlab.core.ops.Pooling}, {@link io.bitlab.core.ops.ImageNorms},
 * {@link io.bitlab.core.ops.Resampling}</td>
 * <td>images {@code [n, channels, height, width]}: convolution in float and ternary, pooling, batch and group
 * normalisation, other resolutions</td></tr>
 * </table>
 *
 * <p>Layers wrap these operations and own the parameters. To add your own operation, write a static method that
 * computes the result and passes it to {@link io.bitlab.core.tensor.Autograd#result} together with its gradient.
 *
 * <p><b>Thread safety:</b> the operations are stateless. They read their inputs, write only their results, and use the
 * threads of {@link io.bitlab.core.parallel.Parallel#current()}.
 */
package io.bitlab.core.ops;
