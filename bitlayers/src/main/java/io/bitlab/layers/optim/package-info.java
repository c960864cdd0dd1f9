/**
 * What changes parameters along their gradients.
 *
 * <pre>{@code
 * AdamW optimizer = new AdamW(model.parameters(), 1e-3f);
 * Tensor loss = new CrossEntropy().forward(model.forward(x), labels);
 * loss.backward();
 * optimizer.step();
 * optimizer.zeroGrad();
 * }</pre>
 */
package io.bitlab.layers.optim;
