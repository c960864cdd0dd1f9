/**
 * Memory that one computation uses again and again.
 *
 * <p>{@link io.bitlab.core.memory.Workspace} is an arena of arrays. While it is bound, operations take their results
 * and their scratch from it; {@link io.bitlab.core.memory.Workspace#reset()} makes all of them available again.
 * Unbound, the same operations allocate ordinary arrays, so there is one forward for training, evaluation and
 * inference:
 *
 * <pre>{@code
 * Workspace workspace = new Workspace();
 * for (float[] sample : samples) {
 *     float[] y = workspace.call(() -> model.forward(Tensor.of(sample, 1, 256)).toArray()); // what leaves is a copy
 *     workspace.reset();
 * }
 * }</pre>
 */
package io.bitlab.core.memory;
