/**
 * What changes parameters along their gradients, and how fast.
 *
 * <pre>{@code
 * AdamW optimizer = new AdamW(model.parameters(), 1e-3f);
 * Tensor loss = new CrossEntropy().forward(model.forward(x), labels);
 * loss.backward();
 * GradientClipping.byNorm(optimizer.parameters(), 1f);
 * optimizer.step();
 * optimizer.zeroGrad();
 * }</pre>
 *
 * <p>{@link io.bitlab.layers.optim.ParameterGroup}s differ in learning rate and weight decay; the usual split is
 * {@link io.bitlab.layers.optim.ParameterGroup#splitByRank}. A {@link io.bitlab.layers.optim.Schedule} changes both
 * rates over the training, as BitNet's recipe does:
 *
 * <pre>{@code
 * AdamW optimizer = AdamW.builder().groups(ParameterGroup.splitByRank(model)).betas(0.9f, 0.95f).build();
 * Schedule rate = Schedule.twoStage().withWarmUp(375);
 * Schedule decay = Schedule.firstHalf().withWarmUp(375);
 * // before each step:
 * optimizer.learningRate(1.5e-3f * rate.factor(step, steps));
 * optimizer.weightDecay(0.1f * decay.factor(step, steps));
 * }</pre>
 *
 * <p>{@link io.bitlab.layers.optim.Optimizer#state()} is what a checkpoint keeps beside the parameters, so that a
 * resumed training ends with the same bits. An optimiser of one's own is a subclass with the formula of one step.
 */
package io.bitlab.layers.optim;
