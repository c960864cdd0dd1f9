/**
 * Optimisers, which change parameters along their gradients, and schedules of their rates.
 *
 * {@snippet class="io.bitlab.layers.snippets.OptimSnippets" region="step"}
 *
 * <p>{@link io.bitlab.layers.optim.ParameterGroup}s have their own learning rate and weight decay; the usual split is
 * {@link io.bitlab.layers.optim.ParameterGroup#splitByRank}. A {@link io.bitlab.layers.optim.Schedule} changes both
 * rates during training, for instance in BitNet's recipe:
 *
 * {@snippet class="io.bitlab.layers.snippets.OptimSnippets" region="recipe"}
 *
 * <p>A checkpoint needs {@link io.bitlab.layers.optim.Optimizer#state()} besides the parameters; a resumed training
 * then ends with the same bits. To write a new optimiser, extend {@link io.bitlab.layers.optim.Optimizer}.
 */
package io.bitlab.layers.optim;
