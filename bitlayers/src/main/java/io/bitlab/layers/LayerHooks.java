package io.bitlab.layers;

import io.bitlab.layers.Layer.Mode;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * The methods that subclasses of {@link Layer} override where parameters, buffers and children don't say everything:
 * what a change of mode does, what the state holds, how large it is, how the layer is described.
 */
abstract sealed class LayerHooks permits Layer {

    /** The declarations of this layer. */
    abstract LayerNode node();

    /** Prepares for evaluation. Called when the mode becomes EVAL, and after parameters were loaded in EVAL. */
    protected void onEval() {
    }

    /** Drops what only training needs. Called after {@link #onEval()} when the mode becomes DEPLOYED. */
    protected void onDeploy() {
    }

    /** Prepares for training. Called when the mode becomes TRAIN. */
    protected void onTrain() {
    }

    /**
     * Positions this layer's random generator at a training step, see {@link Layer#beginStep}.
     *
     * @param step number of the step, from 0
     */
    protected void onBeginStep(long step) {
    }

    /**
     * Seeds what this layer itself draws at random in training.
     *
     * @param seed the seed of the whole network
     * @param path this layer's path in it
     */
    protected void onInitialize(long seed, String path) {
    }

    /**
     * Adds what this layer itself has learnt, without its children's state and without buffers.
     *
     * @param prefix prepended to each name: the path and a dot, or nothing
     * @param target TRAIN or EVAL for the latent weights where they still exist, DEPLOYED for ternary weights
     * @param state modified: the state to add to
     */
    protected void saveState(String prefix, Mode target, StateDict state) {
        node().parameters().forEach((name, parameter) -> state.put(prefix + name, parameter.tensor()));
    }

    /**
     * Names and shapes of the state that this layer loads, without buffers.
     *
     * @return shape by name, without prefix
     */
    protected SequencedMap<String, int[]> stateShapes() {
        SequencedMap<String, int[]> shapes = new LinkedHashMap<>();
        node().parameters().forEach((name, parameter) -> shapes.put(name, parameter.shape()));
        return shapes;
    }

    /**
     * Refuses a state whose names and shapes fit but which this layer still can't load. Called for all layers before
     * any of them loads. Layers that accept ternary matrices or embedding tables override it.
     *
     * @param prefix prepended to each name
     * @param state what would be loaded
     * @throws IllegalArgumentException if this layer can't load it
     */
    protected void checkState(String prefix, StateDict state) {
        for (String name : node().parameters().keySet()) {
            boolean table = state.isEmbeddingTable(prefix + name);
            if (table || state.isTernary(prefix + name)) {
                throw new IllegalArgumentException("loadStateDict: the state has "
                        + (table ? "an embedding table" : "ternary weights") + " for '" + prefix + name
                        + "', but " + describe() + " is a float layer; nothing was loaded");
            }
        }
    }

    /** Adds to a state what older files lack, before it is compared with this layer's names. */
    void completeState(String prefix, StateDict state) {
    }

    /**
     * Loads what {@link #saveState} adds; buffers are already loaded. Names and shapes were checked before.
     *
     * @param prefix prepended to each name
     * @param state the state to copy from
     */
    protected void loadState(String prefix, StateDict state) {
        node().parameters().forEach((name, parameter) -> parameter.load(state.tensor(prefix + name)));
    }

    /**
     * The memory of this layer alone, without its children and buffers.
     *
     * @return the sizes in bytes
     */
    protected MemoryFootprint ownMemory() {
        return node().parameters().values().stream().map(MemoryFootprint::of).reduce(MemoryFootprint.NONE,
                MemoryFootprint::plus);
    }

    /** What this layer's memory contains of a parameter that an earlier layer already counts. */
    MemoryFootprint savedByTying(Parameter tied) {
        return MemoryFootprint.of(tied);
    }

    /**
     * The number of trained values of this layer alone, without its children's.
     *
     * @return the sum of the parameters' sizes
     */
    protected long ownParameterCount() {
        return node().parameters().values().stream().mapToLong(Parameter::size).sum();
    }

    /**
     * A short description of this layer, for messages and {@link #toString()}.
     *
     * @return for instance {@code BitLinear(784 -> 256)}
     */
    protected String describe() {
        return getClass().getSimpleName();
    }

    /** The description followed by the path in quotes, for messages. */
    final String describeWithPath() {
        String path = node().path();
        return path.isEmpty() ? describe() : describe() + " '" + path + "'";
    }
}
