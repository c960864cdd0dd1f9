package io.bitlab.layers.optim;

import io.bitlab.core.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.zip.CRC32C;

/**
 * Changes parameters along their gradients. Belongs to one thread.
 *
 * <p>A subclass has the formula of one step, {@link #update}; groups of parameters, their rates, and what is remembered
 * from step to step are kept here.
 */
public abstract class Optimizer {

    /**
     * The largest magnitude that {@link #step()} takes in a gradient: no float holds the square of a larger one.
     */
    public static final float LARGEST_GRADIENT = 1.8446743e19f;

    private final List<ParameterGroup> groups;
    private final List<Tensor> parameters;
    private final List<String> bufferNames;
    private final float[][][] buffers; // by parameter, by name; null until the parameter's first step
    private final long[] steps;
    private float learningRate;
    private float weightDecay;

    /**
     * An optimiser.
     *
     * @param groups the live tensors to change, each in one group and once
     * @param learningRate size of a step, not negative
     * @param weightDecay pull of the parameters towards 0, not negative
     * @param bufferNames names of the arrays that the formula needs for each parameter, such as a momentum
     * @throws IllegalArgumentException if there are no parameters, or one is there twice, or a rate is out of range
     */
    protected Optimizer(List<ParameterGroup> groups, float learningRate, float weightDecay, String... bufferNames) {
        this.groups = List.copyOf(groups);
        this.parameters = groups.stream().flatMap(group -> group.parameters().stream()).toList();
        this.bufferNames = List.of(bufferNames);
        this.buffers = new float[parameters.size()][][];
        this.steps = new long[parameters.size()];
        if (parameters.isEmpty()) {
            throw new IllegalArgumentException(
                    name() + ": no parameters to optimise; is the model deployed?");
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
     * Changes every parameter that asks for gradients and has one. A frozen parameter stays as it is; weight decay
     * doesn't reach it either.
     *
     * <p>All gradients are looked at before anything is changed: one bad value would spoil its weight and what this
     * optimiser remembers of it for the rest of the training.
     *
     * @throws GradientException if a gradient is NaN, infinite or beyond {@link #LARGEST_GRADIENT}; parameters, memory
     *     and gradients are as they were
     */
    public final void step() {
        GradientCheck.requireUsable(name(), parameters);
        int index = 0;
        for (ParameterGroup group : groups) {
            float rate = learningRate * group.learningRateFactor();
            float decay = weightDecay * group.weightDecayFactor();
            for (Tensor parameter : group.parameters()) {
                if (GradientCheck.isChanged(parameter)) {
                    step(index, parameter, rate, decay);
                }
                index++;
            }
        }
    }

    private void step(int index, Tensor parameter, float rate, float decay) {
        if (buffers[index] == null) {
            buffers[index] = new float[bufferNames.size()][parameter.size()];
        }
        steps[index]++;
        update(parameter.data(), parameter.grad().data(), buffers[index], steps[index], rate, decay);
    }

    /**
     * One step of one parameter.
     *
     * @param p its values; to be modified
     * @param g its gradient; not to be modified
     * @param memory the arrays that the constructor named, in that order, as large as p; zeros before the first step;
     *     to be modified
     * @param step which step of this parameter it is, from 1
     * @param rate its group's learning rate
     * @param decay its group's weight decay
     */
    protected abstract void update(float[] p, float[] g, float[][] memory, long step, float rate, float decay);

    /** Sets all gradients to zero, for the next step. */
    public final void zeroGrad() {
        parameters.forEach(Tensor::zeroGrad);
    }

    // ---------------------------------------------------------------- settings

    /**
     * What is optimised: the parameters of all groups.
     *
     * @return the live tensors, unmodifiable list
     */
    public final List<Tensor> parameters() {
        return parameters;
    }

    /**
     * The groups.
     *
     * @return in the order in which they were given; unmodifiable list
     */
    public final List<ParameterGroup> groups() {
        return groups;
    }

    /**
     * The size of a step.
     *
     * @return the learning rate, before the groups' factors
     */
    public final float learningRate() {
        return learningRate;
    }

    /**
     * Changes the size of a step, as a schedule does.
     *
     * @param newRate not negative
     */
    public final void learningRate(float newRate) {
        learningRate = requireRate("learning rate", newRate);
    }

    /**
     * The pull of the parameters towards 0.
     *
     * @return the weight decay, before the groups' factors
     */
    public final float weightDecay() {
        return weightDecay;
    }

    /**
     * Changes the weight decay, as a schedule does.
     *
     * @param newDecay not negative
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
     * A digest of what the formula computes from some fixed numbers: by it, checkpoints tell settings apart that only
     * the subclass knows. Changes neither parameters nor state.
     *
     * @return eight hexadecimal digits, which depend on the formula and its settings, not on rates, groups and state
     */
    public final String formulaDigest() {
        float[] p = {1f, -2f, 0.5f, 0f, 1f, -1f, 3f, 1e-3f};
        float[] g = {1f, -1f, 1e-3f, 1e-5f, 1e-8f, -3e-8f, 0f, 100f}; // down to where eps counts
        float[][] memory = new float[bufferNames.size()][p.length];
        CRC32C checksum = new CRC32C();
        for (int step = 1; step <= 3; step++) {
            update(p, g, memory, step, 0.1f, 0.1f);
            putAll(checksum, p);
            Arrays.stream(memory).forEach(values -> putAll(checksum, values));
        }
        return HexFormat.of().toHexDigits(checksum.getValue(), 8);
    }

    private static void putAll(CRC32C checksum, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
        bytes.asFloatBuffer().put(values);
        checksum.update(bytes);
    }

    // ---------------------------------------------------------------- state

    /**
     * What this optimiser remembers, to be kept with a checkpoint.
     *
     * @return a copy
     */
    public final OptimizerState state() {
        SequencedMap<String, float[]> copies = new LinkedHashMap<>();
        for (int name = 0; name < bufferNames.size(); name++) {
            for (int i = 0; i < buffers.length; i++) {
                if (buffers[i] != null) {
                    copies.put(key(name, i), buffers[i][name].clone());
                }
            }
        }
        return new OptimizerState(name(), steps, copies);
    }

    /**
     * Goes on from where another optimiser of the same kind and over the same parameters was. Settings are not part of
     * the state: give both the same.
     *
     * @param state what {@link #state()} returned there; copied
     * @throws IllegalArgumentException if it doesn't fit; nothing is changed then
     */
    public final void loadState(OptimizerState state) {
        List<String> misfits = misfits(state);
        if (!misfits.isEmpty()) {
            throw new IllegalArgumentException(
                    name() + ".loadState: the state doesn't fit: " + String.join("; ", misfits)
                            + "; nothing was loaded");
        }
        System.arraycopy(state.steps(), 0, steps, 0, steps.length);
        for (int i = 0; i < buffers.length; i++) {
            buffers[i] = steps[i] == 0 ? null : new float[bufferNames.size()][];
            for (int name = 0; steps[i] != 0 && name < bufferNames.size(); name++) {
                buffers[i][name] = state.buffers().get(key(name, i)).clone();
            }
        }
    }

    private List<String> misfits(OptimizerState state) {
        if (!state.optimizer().equals(name())) {
            return List.of("it belongs to " + state.optimizer());
        }
        long[] counts = state.steps();
        if (counts.length != parameters.size()) {
            return List.of("it has " + counts.length + " parameters, expected " + parameters.size());
        }
        List<String> misfits = new ArrayList<>();
        int expected = 0;
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] < 0) {
                misfits.add("parameter " + i + " has seen " + counts[i] + " steps");
            }
            for (int name = 0; counts[i] > 0 && name < bufferNames.size(); name++) {
                float[] values = state.buffers().get(key(name, i));
                int size = parameters.get(i).size();
                if (values == null || values.length != size) {
                    misfits.add(key(name, i) + " has " + (values == null ? "no" : values.length) + " values, expected "
                            + size);
                }
                expected++;
            }
        }
        if (misfits.isEmpty() && state.buffers().size() != expected) {
            misfits.add("it has " + state.buffers().size() + " arrays, expected " + expected + " of " + bufferNames);
        }
        return misfits;
    }

    private String key(int name, int parameter) {
        return bufferNames.get(name) + "." + parameter;
    }

    // ---------------------------------------------------------------- building

    /**
     * Collects what every optimiser needs.
     *
     * @param <B> type of the builder itself
     */
    public abstract static class Builder<B extends Builder<B>> {
        final List<ParameterGroup> groups = new ArrayList<>();
        float learningRate = 1e-3f; // PyTorch's default, right for Adam on small networks
        float weightDecay;

        Builder(float weightDecay) {
            this.weightDecay = weightDecay;
        }

        abstract B self();

        /**
         * Adds a group of parameters.
         *
         * @param group the parameters and how they are treated
         * @return this builder
         */
        public final B group(ParameterGroup group) {
            groups.add(group);
            return self();
        }

        /**
         * Adds groups of parameters.
         *
         * @param more such as {@link ParameterGroup#splitByRank}
         * @return this builder
         */
        public final B groups(List<ParameterGroup> more) {
            groups.addAll(more);
            return self();
        }

        /**
         * Adds parameters that are treated as the optimiser's own settings say.
         *
         * @param parameters the live tensors
         * @return this builder
         */
        public final B parameters(List<Tensor> parameters) {
            return group(ParameterGroup.of(parameters));
        }

        /**
         * Sets the size of a step.
         *
         * @param value not negative; 0.001 unless set
         * @return this builder
         */
        public final B learningRate(float value) {
            learningRate = value;
            return self();
        }

        /**
         * Sets the pull of the parameters towards 0.
         *
         * @param value not negative
         * @return this builder
         */
        public final B weightDecay(float value) {
            weightDecay = value;
            return self();
        }
    }
}
