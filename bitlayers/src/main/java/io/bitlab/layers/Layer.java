package io.bitlab.layers;

import io.bitlab.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;

/**
 * A part of a network, or a whole one: named parameters, named buffers, named child layers, and a {@link #forward}.
 * PyTorch calls it a module.
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="layer"}
 *
 * <p>A layer is in one of three {@linkplain Mode modes}; {@link #train()}, {@link #eval()} and {@link #deploy()} switch
 * the whole tree below it. The path of a parameter is the names that lead to it, joined by dots, such as
 * {@code body.0.weight}. A layer or parameter that occurs in two places is counted, trained and saved once, under its
 * first path.
 *
 * <p><b>Thread safety:</b> in evaluation and when deployed, {@code forward} of the library's layers changes nothing and
 * may be called from many threads at once. Only one thread at a time may train, switch modes or load.
 */
public abstract non-sealed class Layer extends LayerHooks {

    /** What a layer is ready for. */
    public enum Mode {
        /** Float latent weights; gradients are recorded. */
        TRAIN,
        /** Packed ternary weights; nothing is recorded. {@link Layer#train()} leads back. */
        EVAL,
        /** As EVAL, but without latent weights, so there is no way back. */
        DEPLOYED
    }

    private final LayerNode node = new LayerNode();
    private volatile long weightVersion;

    /** Creates a layer without parameters and children, in training. */
    protected Layer() {
    }

    /**
     * Computes the layer's output.
     *
     * @param x the input; not modified
     * @return the output
     */
    public abstract Tensor forward(Tensor x);

    // ---------------------------------------------------------------- what a subclass declares

    /**
     * Declares a child, whose parameters, mode and state then belong to this layer.
     *
     * @param <L> type of the child
     * @param name a name without dots, unique in this layer
     * @param layer the child
     * @return the child, to be kept in a field
     * @throws IllegalArgumentException if the name is invalid or taken, or the child contains this layer
     */
    protected final <L extends Layer> L child(String name, L layer) {
        node.addChild(this, name, layer);
        return layer;
    }

    /**
     * Declares a parameter. The initialiser draws its values when they are first needed.
     *
     * @param name a name without dots, unique in this layer
     * @param initializer draws the values
     * @param shape its shape
     * @return the parameter, to be kept in a field
     * @throws IllegalArgumentException if the name is invalid or taken
     */
    protected final Parameter parameter(String name, Initializer initializer, int... shape) {
        return parameter(name, new Parameter(this, name, initializer, shape));
    }

    /**
     * Declares a parameter with given initial values.
     *
     * @param name a name without dots, unique in this layer
     * @param values its values; the tensor itself becomes the parameter and requires gradients while training
     * @return the same tensor
     * @throws IllegalArgumentException if the name is invalid or taken
     */
    protected final Tensor parameter(String name, Tensor values) {
        return parameter(name, new Parameter(this, name, values)).tensor();
    }

    /**
     * Declares a parameter of another layer, so that both train the same values (weight tying: Press and Wolf, <i>Using
     * the Output Embedding to Improve Language Models</i>, 2017).
     *
     * @param name a name without dots, unique in this layer
     * @param shared the other layer's parameter
     * @return the same parameter
     * @throws IllegalArgumentException if the name is invalid or taken
     */
    protected final Parameter parameter(String name, Parameter shared) {
        node.addParameter(this, name, shared);
        return shared;
    }

    /**
     * Declares a buffer: state that isn't trained, such as running statistics. Like a parameter it is counted in the
     * memory, saved, loaded and kept in checkpoints; {@link #initialize} restores its initial values. Only training may
     * write to it.
     *
     * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="buffer"}
     *
     * @param name a name without dots, unique in this layer
     * @param initial its initial values; copied
     * @return the live buffer, to be kept in a field; the same tensor for the lifetime of this layer
     * @throws IllegalArgumentException if the name is invalid or taken, or the tensor requires gradients
     */
    protected final Tensor buffer(String name, Tensor initial) {
        return node.addBuffer(this, name, initial);
    }

    // ---------------------------------------------------------------- the tree

    /** {@return the direct children by name, in the order of declaration; unmodifiable} */
    public final SequencedMap<String, Layer> children() {
        return Collections.unmodifiableSequencedMap(node.children());
    }

    /**
     * All layers of this tree: this one under the empty path, then its children's trees in order, each layer once.
     *
     * @return layer by path
     */
    public final SequencedMap<String, Layer> layers() {
        return LayerTree.layers(this);
    }

    /** {@return the path of this layer in the network that declared it first; empty for a root} */
    public final String path() {
        return node.path();
    }

    /** {@return the live parameters of this tree by path, each tensor once} */
    public final SequencedMap<String, Tensor> namedParameters() {
        return LayerTree.namedParameters(this);
    }

    /** {@return the live parameters of this tree, each tensor once, for an optimiser} */
    public final List<Tensor> parameters() {
        return new ArrayList<>(namedParameters().values());
    }

    /** {@return the live buffers of this tree by path: state that isn't trained} */
    public final SequencedMap<String, Tensor> namedBuffers() {
        return LayerTree.namedBuffers(this);
    }

    /**
     * Draws initial values for all parameters, and restarts all buffers and random generators of this tree.
     *
     * <p>Each parameter has its own random stream, derived from its path, so its values depend on the seed and the path
     * alone. A network that is never initialised has the values of seed 0. Parameters declared with given values keep
     * them.
     *
     * @param seed any number
     * @return this layer
     * @throws IllegalStateException if a layer was deployed
     */
    public final Layer initialize(long seed) {
        Initialization.run(this, seed);
        return this;
    }

    /**
     * Positions the random generators of this tree, such as dropout's, at a training step. The same step always draws
     * the same numbers, so that a resumed training continues as if it had not stopped.
     *
     * @param step number of the step in the whole training, from 0
     * @return this layer
     */
    public final Layer beginStep(long step) {
        layers().values().forEach(layer -> layer.onBeginStep(step));
        return this;
    }

    /**
     * Replaces layers in this tree, children before their parents.
     *
     * <p>Replaces the declared children; a field in which a parent keeps its child still holds the old layer.
     * {@link FloatLayer#toTernary} forwards from the old layer to the new one for that reason.
     *
     * @param replacement called once for each path and layer; returns the replacement, or the same layer to keep it
     * @return the replacement of this layer
     */
    public final Layer replaceLayers(BiFunction<String, Layer, Layer> replacement) {
        return LayerTree.replace(this, replacement);
    }

    // ---------------------------------------------------------------- modes

    /** {@return the mode of this layer; TRAIN at first} */
    public final Mode mode() {
        return node.mode();
    }

    /**
     * Switches the tree to training.
     *
     * @return this layer
     * @throws IllegalStateException if a layer in it was deployed; nothing is changed then
     */
    public final Layer train() {
        ModeSwitch.train(this);
        return this;
    }

    /**
     * Switches the tree to evaluation: ternary weights are quantised and packed, gradients are no longer recorded.
     * Deployed layers stay deployed.
     *
     * @return this layer
     * @throws IllegalArgumentException if weights can't be quantised (NaN, infinity); no layer changes its mode then
     */
    public final Layer eval() {
        ModeSwitch.eval(this);
        return this;
    }

    /**
     * Switches the tree to its final form: as {@link #eval()}, and drops the latent weights.
     *
     * @return this layer
     * @throws IllegalArgumentException as {@link #eval()}
     */
    public final Layer deploy() {
        ModeSwitch.deploy(this);
        return this;
    }

    /**
     * Excludes all parameters of this tree from training: in whatever mode, they require no gradients and optimisers
     * skip them, until {@link #unfreeze()}. Gradients still flow through the tree to the layers before it, and training
     * still writes to its buffers.
     *
     * @return this layer
     */
    public final Layer freeze() {
        ModeSwitch.freeze(this, true);
        return this;
    }

    /**
     * Lets all parameters of this tree be trained again, including those frozen through a subtree.
     *
     * @return this layer
     */
    public final Layer unfreeze() {
        ModeSwitch.freeze(this, false);
        return this;
    }

    /**
     * A number that grows whenever this layer's own weights may have changed, after which what was computed from them,
     * such as cached keys and values, is stale: on initialisation, loading, {@link #train()}, or a replaced child. It
     * doesn't count packing, deploying, and values written directly into a tensor.
     *
     * @return the version of the weights of this layer alone
     */
    public final long weightVersion() {
        return weightVersion;
    }

    /**
     * Runs the forward until the JVM has compiled it: until its time stops falling, at most for two seconds. The first
     * real calls are then as fast as later ones.
     *
     * @param example an input of the usual shape; not modified
     * @return this layer
     * @throws IllegalStateException in training, which computes differently: call {@link #eval()} first
     */
    public final Layer warmUp(Tensor example) {
        JitWarmUp.run(this, example);
        return this;
    }

    // ---------------------------------------------------------------- state and sizes

    /** {@return the live state of this tree by path, ternary where layers are deployed; copy what must not change} */
    public final StateDict stateDict() {
        return stateDict(mode());
    }

    /**
     * The state that this tree would have in a mode, without switching to it.
     *
     * @param target DEPLOYED for the state after {@link #deploy()}; otherwise as {@link #stateDict()}
     * @return the state; its tensors may be live, so copy what must not change
     */
    public final StateDict stateDict(Mode target) {
        return StateTransfer.collect(this, target);
    }

    /**
     * Copies a state into this tree. A state with ternary matrices deploys the tree.
     *
     * @param state exactly this tree's names and shapes; one name is enough for tied parameters
     * @return this layer
     * @throws IllegalArgumentException with the lists of missing, unexpected and mismatched names, or the name of a
     *     tied parameter for which the state has two values; nothing is changed then
     */
    public final Layer loadStateDict(StateDict state) {
        StateTransfer.loadAll(this, state);
        return this;
    }

    /**
     * Copies those entries of a state that fit; the rest of this tree keeps its values. A state with ternary matrices
     * deploys the tree.
     *
     * @param state may have more names, fewer names, and other shapes
     * @return what was loaded, and what was not
     * @throws IllegalArgumentException if the state would deploy the tree although a ternary layer finds no weights in
     *     it; nothing is changed then
     */
    public final LoadReport loadMatching(StateDict state) {
        return StateTransfer.loadMatching(this, state);
    }

    /** {@return the number of trained values in this tree, ternary or float; shared ones count once} */
    public final long parameterCount() {
        return LayerTree.parameterCount(this);
    }

    /** {@return the memory of this tree as floats, deployed, and now} */
    public final MemoryFootprint memory() {
        return LayerTree.memory(this);
    }

    // ---------------------------------------------------------------- observers

    /**
     * Shows the output of each layer of this tree to an observer, for statistics of activations or to find where a NaN
     * arises. PyTorch's name for it is a forward hook.
     *
     * <p>All layers of this library report their output; a layer you write does if its forward ends with
     * {@code return observed(y)}. {@link BitLinear#apply} has none. Layers that join the tree later are not observed.
     *
     * @param observer receives a layer's path in this tree and its output, in any thread that computes. It must not
     *     modify the output, nor keep it after the call without copying it
     * @return the registration; close it to stop observing
     */
    public final Observation observe(BiConsumer<String, Tensor> observer) {
        return new Observation(this, observer);
    }

    /**
     * Shows an output to the observers of this layer. Call it last in a {@code forward}.
     *
     * @param output what forward returns
     * @return the same tensor
     */
    protected final Tensor observed(Tensor output) {
        node.observers().forEach(observer -> observer.accept(output));
        return output;
    }

    /** The tree of layers with their parameter counts, one layer a line. */
    @Override
    public final String toString() {
        return LayerTree.print(this);
    }

    // ---------------------------------------------------------------- for the classes of this package

    @Override
    final LayerNode node() {
        return node;
    }

    final synchronized void weightsChanged() {
        weightVersion++;
    }

    /** This layer takes the place of another: its version is none that the other had. */
    final synchronized void succeed(Layer other) {
        weightVersion = Math.max(weightVersion, other.weightVersion + 1);
    }

    /** After initialisation or loading: in evaluation, packs the weights again. */
    final void afterWeightChange() {
        if (mode() == Mode.EVAL) {
            onEval();
        }
        weightsChanged();
    }
}
