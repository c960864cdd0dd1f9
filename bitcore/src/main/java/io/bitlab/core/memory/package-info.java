/**
 * Memory that a computation reuses.
 *
 * <p>{@link io.bitlab.core.memory.Workspace} is a pool of arrays. While one is bound, operations take their results and
 * scratch arrays from it; {@link io.bitlab.core.memory.Workspace#reset()} makes all of them available again. Unbound,
 * the same operations allocate ordinary arrays, so training, evaluation and inference share one forward pass:
 *
 * {@snippet class="io.bitlab.core.snippets.MemorySnippets" region="overview"}
 */
package io.bitlab.core.memory;
