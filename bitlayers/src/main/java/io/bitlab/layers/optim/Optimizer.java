package io.bitlab.layers.optim;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Changes parameters along their gradients. A subclass has the formula of one step, {@link #update}; this class keeps
 * the groups of parameters, their rates, and the buffers of the formula. A new optimiser is such a subclass:
 *
 * {@snippet class="io.bitlab.layers.snippets.OptimSnippets" region="optimizer"}
 *
 * <p><b>Thread safety:</b> use by one thread at a time.
 */
public abstract class Optimizer {

    /** The largest magnitude of a gradient that {@link #step()} accepts: the square of a larger one overflows. */
    public static final float LARGEST_GRADIENT = 1.8446743e19f;

    private final List<ParameterGroup> groups;
    private final List<Tensor> parameters;
    private final OptimizerBuffers buffers;
    private float learningRate;
    private float weightDecay;

    /**
     * Creates an optimiser.
     *
     * @param groups the live tensors to change, each in one group and only once
     * @param learningRate size of a step, not negative
     * @param weightDecay strength of the pull towards 0, not negative
     * @param bufferNames names of the arrays that the formula needs for each parameter, such as a momentum
     * @throws IllegalArgumentException if there are no parameters, one occurs twice, or a rate is out of range
     */
    protected Optimizer(List<ParameterGroup> groups, float learningRate, float weightDecay, String... bufferNames) {
        this.groups = List.copyOf(groups);
        this.parameters = groups.stream().flatMap(group -> group.parameters().stream()).toList();
        this.buffers = new OptimizerBuffers(parameters, bufferNames);
        if (parameters.isEmpty()) {
            throw new IllegalArgumentException(name() + ": no parameters to optimise; is the model deployed?");
        }
        requireDistinct();
        learningRate(learningRate);
        weightDecay(weightDecay);
    }

    private void requireDistinct() {
        Map<Tensor, Integer> groupOf = new IdentityHashMap<>();
        for (int group = 0; group < groups.size(); group++) {
            for (Tensor parameter : groups.get(group).parameters()) {
                Integer earlier = groupOf.put(parameter, group);
                if (earlier != null) {
                    throw new IllegalArgumentException(name() + ": a parameter of shape "
                            + Arrays.toString(parameter.shape()) + " is in group " + earlier + " and again in group "
                            + group + "; it would be changed twice a step");
                }
            }
        }
    }

    private String name() {
        return getClass().getSimpleName();
    }

    // ---------------------------------------------------------------- stepping

    /**
     * Changes every parameter that requires gradients and has one. Frozen parameters stay as they are, without weight
     * decay.
     *
     * <p>All gradients are checked before anything is changed, because a single bad value would spoil its weight and
     * buffers for the rest of the training.
     *
     * @throws GradientException if a gradient is NaN, infinite or beyond {@link #LARGEST_GRADIENT}; parameters, buffers
     *     and gradients are unchanged then
     */
    public final void step() {
        FiniteGradients.requireUsable(name(), parameters);
        int index = 0;
        for (ParameterGroup group : groups) {
            float rate = learningRate * group.learningRateFactor();
            float decay = weightDecay * group.weightDecayFactor();
            for (Tensor parameter : group.parameters()) {
                if (FiniteGradients.isChanged(parameter)) {
                    step(index, parameter, rate, decay);
                }
                index++;
            }
        }
    }

    private void step(int index, Tensor parameter, float rate, float decay) {
        update(parameter.data(), parameter.grad().data(), buffers.of(index), buffers.nextStep(index), rate, decay);
    }

    /**
     * Computes one step of one parameter.
     *
     * @param p modified: the values
     * @param g not modified: the gradient
     * @param memory modified: the arrays that the constructor named, in that order, as long as p; zeros before the
     *     first step
     * @param step number of the step of this parameter, from 1
     * @param rate its group's learning rate
     * @param decay its group's weight decay
     */
    protected abstract void update(float[] p, float[] g, float[][] memory, long step, float rate, float decay);

    /** Sets all gradients to zero, for the next step. */
    public final void zeroGrad() {
        long size = parameters.stream().mapToLong(Tensor::size).sum();
        Parallel.current().forRange(parameters.size(), 1, size / 4,
                (from, to) -> parameters.subList(from, to).forEach(Tensor::zeroGrad));
    }

    // ---------------------------------------------------------------- settings

    /**
     * The parameters of all groups.
     *
     * @return the live tensors, unmodifiable list
     */
    public final List<Tensor> parameters() {
        return parameters;
    }

    /**
     * The groups of parameters.
     *
     * @return in the order in which they were given; unmodifiable list
     */
    public final List<ParameterGroup> groups() {
        return groups;
    }

    /**
     * The learning rate.
     *
     * @return the size of a step, before the groups' factors
     */
    public final float learningRate() {
        return learningRate;
    }

    /**
     * Sets the learning rate, for instance by a {@link Schedule}.
     *
     * @param newRate not negative
     * @throws IllegalArgumentException if it is negative, NaN or infinite
     */
    public final void learningRate(float newRate) {
        learningRate = requireRate("learning rate", newRate);
    }

    /**
     * The weight decay.
     *
     * @return the strength of the pull towards 0, before the groups' factors
     */
    public final float weightDecay() {
        return weightDecay;
    }

    /**
     * Sets the weight decay, for instance by a {@link Schedule}.
     *
     * @param newDecay not negative
     * @throws IllegalArgumentException if it is negative, NaN or infinite
     */
    public final void weightDecay(float newDecay) {
        weightDecay = requireRate("weight decay", newDecay);
    }

    private float requireRate(String field, float value) {
        if (!(value >= 0f && value < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(name() + ": " + field + " " + value + " is not a number of 0 or more");
        }
        return value;
    }

    /**
     * The formula and its settings without the rates, such as {@code AdamW(betas 0.9 and 0.999, eps 1.0E-8)}; the name
     * alone unless a subclass says more.
     */
    @Override
    public String toString() {
        return name();
    }

    /**
     * A digest of what the formula computes from fixed numbers. Checkpoints use it to detect a change of settings that
     * only the subclass knows. Changes neither parameters nor state.
     *
     * @return eight hexadecimal digits, which depend on the formula and its settings, not on rates, groups and state
     */
    public final String formulaDigest() {
        return FormulaDigest.of(this, buffers.zeros(8));
    }

    // ---------------------------------------------------------------- state

    /**
     * The step counts and buffers, to be saved with a checkpoint.
     *
     * @return a copy
     */
    public final OptimizerState state() {
        return buffers.state(name());
    }

    /**
     * Continues from the state of another optimiser of the same class and over the same parameters. The state doesn't
     * contain settings: both need the same.
     *
     * @param state the other optimiser's {@link #state()}; copied
     * @throws IllegalArgumentException if it doesn't fit; nothing is changed then
     */
    public final void loadState(OptimizerState state) {
        buffers.load(name(), state);
    }
}
