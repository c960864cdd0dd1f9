package io.bitlab.layers;

import io.bitlab.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * A part of a network: named parameters, named child layers, and a forward.
 *
 * <p>A layer is in one of three {@linkplain Mode modes}. {@link #train()}, {@link #eval()} and {@link #deploy()} switch
 * the whole tree below it. A parameter's path is the names on the way to it, joined by dots, such as
 * {@code body.0.weight}; what two places share, a layer or a parameter, is counted, trained and saved once, under the
 * first path.
 *
 * <p><b>Thread safety:</b> in evaluation and when deployed, {@code forward} of the library's layers changes nothing and
 * may be called from many threads at once. Training, switching modes and loading belong to one thread.
 */
public abstract class Layer {

    /** What a layer is ready for. */
    public enum Mode {
        /** Float latent weights, gradients are recorded. */
        TRAIN,
        /** Ternary weights are packed, nothing is recorded; {@link Layer#train()} leads back. */
        EVAL,
        /** As EVAL, and the latent weights are gone for good. */
        DEPLOYED
    }

    private final SequencedMap<String, Layer> children = new LinkedHashMap<>();
    private final SequencedMap<String, Parameter> parameters = new LinkedHashMap<>();
    private Layer parent;
    private String name = "";
    private final List<Consumer<Tensor>> observers = new CopyOnWriteArrayList<>();
    private volatile Mode mode = Mode.TRAIN;
    private volatile long weightChanges;

    /** Makes a layer without parameters and children, in training. */
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
     * Declares a child, so that its parameters, mode and state belong to this layer.
     *
     * @param <L> type of the child
     * @param childName a name without dots, unique in this layer
     * @param layer the child
     * @return the child, to be kept in a field
     */
    protected final <L extends Layer> L child(String childName, L layer) {
        requireNewName(childName);
        if (layer.layers().values().stream().anyMatch(below -> below == this)) {
            throw new IllegalArgumentException("Layer.child: '" + childName + "' would contain itself");
        }
        children.put(childName, layer);
        layer.adoptedBy(this, childName);
        return layer;
    }

    final void adoptedBy(Layer newParent, String childName) {
        if (parent == null) {
            parent = newParent;
            name = childName;
        }
    }

    /**
     * Declares a parameter whose first values an initialiser draws, when they are first needed.
     *
     * @param parameterName a name without dots, unique in this layer
     * @param initializer draws the values
     * @param shape its shape
     * @return the parameter, to be kept in a field
     */
    protected final Parameter parameter(String parameterName, Initializer initializer, int... shape) {
        return declare(parameterName, new Parameter(this, parameterName, initializer, shape));
    }

    /**
     * Declares a parameter with given first values.
     *
     * @param parameterName a name without dots, unique in this layer
     * @param values its values; the tensor itself becomes the parameter and asks for gradients while training
     * @return the same tensor
     */
    protected final Tensor parameter(String parameterName, Tensor values) {
        return declare(parameterName, new Parameter(this, parameterName, values)).tensor();
    }

    /**
     * Declares a parameter of another layer, so that both learn it together (weight tying: Press and Wolf, <i>Using the
     * Output Embedding to Improve Language Models</i>, 2017).
     *
     * @param parameterName a name without dots, unique in this layer
     * @param shared the other layer's parameter
     * @return the same parameter
     */
    protected final Parameter parameter(String parameterName, Parameter shared) {
        return declare(parameterName, shared);
    }

    private Parameter declare(String parameterName, Parameter parameter) {
        requireNewName(parameterName);
        parameters.put(parameterName, parameter);
        return parameter;
    }

    private void requireNewName(String newName) {
        if (newName.isEmpty() || newName.contains(".")) {
            throw new IllegalArgumentException(
                    "Layer: '" + newName + "' can't be a name: it must not be empty and must "
                            + "not contain a dot");
        }
        if (children.containsKey(newName) || parameters.containsKey(newName)) {
            throw new IllegalArgumentException("Layer: the name '" + newName + "' is taken in " + describe());
        }
    }

    final SequencedMap<String, Parameter> ownParameters() {
        return parameters;
    }

    /** Forgets a parameter: it is no longer trained, saved or counted. */
    final void dropParameter(String parameterName) {
        parameters.remove(parameterName);
    }

    // ---------------------------------------------------------------- hooks for subclasses

    /** Prepares for evaluation: called when the mode becomes EVAL, and again when parameters were loaded in EVAL. */
    protected void onEval() {
    }

    /** Drops what only training needs: called after {@link #onEval()} when the mode becomes DEPLOYED. */
    protected void onDeploy() {
    }

    /** Prepares for training: called when the mode becomes TRAIN. */
    protected void onTrain() {
    }

    /**
     * Moves on to the random numbers of a step, see {@link #beginStep}.
     *
     * @param step number of the step, from 0
     */
    protected void onBeginStep(long step) {
    }

    /**
     * Takes a new seed for what this layer itself draws at random in training.
     *
     * @param seed the seed of the whole network
     * @param path this layer's path in it
     */
    protected void onInitialize(long seed, String path) {
    }

    /**
     * Adds this layer's own state, without its children's.
     *
     * @param prefix what its names begin with: the path and a dot, or nothing
     * @param form TRAIN or EVAL for the latent weights as far as they exist, DEPLOYED for ternary weights
     * @param state what to add to
     */
    protected void saveState(String prefix, Mode form, StateDict state) {
        parameters.forEach((parameterName, parameter) -> state.put(prefix + parameterName, parameter.tensor()));
    }

    /**
     * Names and shapes of the state that this layer loads.
     *
     * @return shape by name, without prefix
     */
    protected SequencedMap<String, int[]> stateShapes() {
        SequencedMap<String, int[]> shapes = new LinkedHashMap<>();
        parameters.forEach((parameterName, parameter) -> shapes.put(parameterName, parameter.shape()));
        return shapes;
    }

    /**
     * Refuses a state that this layer can't take although names and shapes fit; called for all layers before any is
     * loaded. A layer that can take ternary matrices overrides this.
     *
     * @param prefix what its names begin with
     * @param state what would be loaded
     * @throws IllegalArgumentException if this layer can't take it
     */
    protected void checkState(String prefix, StateDict state) {
        for (String parameterName : parameters.keySet()) {
            if (state.isTernary(prefix + parameterName) || state.isTable(prefix + parameterName)) {
                throw new IllegalArgumentException("loadStateDict: the state has "
                        + (state.isTable(prefix + parameterName) ? "a table" : "ternary weights") + " for '" + prefix
                        + parameterName + "', but " + describe() + " is a float layer; nothing was loaded");
            }
        }
    }

    /**
     * Takes this layer's own state. Names and shapes were checked before.
     *
     * @param prefix what its names begin with
     * @param state where to take it from
     */
    protected void loadState(String prefix, StateDict state) {
        parameters.forEach((parameterName, parameter) -> parameter.load(state.tensor(prefix + parameterName)));
    }

    /**
     * What this layer itself occupies, without its children.
     *
     * @return the sizes
     */
    protected Memory ownMemory() {
        long floats = 0;
        long gradients = 0;
        for (Parameter parameter : parameters.values()) {
            floats += (long) parameter.size() * Float.BYTES;
            gradients += parameter.gradientBytes();
        }
        return new Memory(floats, floats, floats + gradients);
    }

    /** What a parameter of this layer takes that it need not, as it is another layer's too. */
    Memory savedByTying(Parameter tied) {
        long bytes = (long) tied.size() * Float.BYTES;
        return new Memory(bytes, bytes, bytes + tied.gradientBytes());
    }

    /**
     * The number of values that this layer itself has learnt, without its children's.
     *
     * @return the sum of the parameters' sizes
     */
    protected long ownParameterCount() {
        return parameters.values().stream().mapToLong(Parameter::size).sum();
    }

    /**
     * This layer in a few words, for messages and {@link #toString()}.
     *
     * @return for instance {@code BitLinear(784 -> 256)}
     */
    protected String describe() {
        return getClass().getSimpleName();
    }

    // ---------------------------------------------------------------- the tree

    /**
     * The direct children.
     *
     * @return child by name, in the order of declaration; unmodifiable
     */
    public final SequencedMap<String, Layer> children() {
        return Collections.unmodifiableSequencedMap(children);
    }

    /**
     * All layers of this tree: this one under the empty path, then its children's trees in order, each layer once.
     *
     * @return layer by path
     */
    public final SequencedMap<String, Layer> layers() {
        SequencedMap<String, Layer> all = new LinkedHashMap<>();
        collect("", all, Collections.newSetFromMap(new IdentityHashMap<>()));
        return all;
    }

    private void collect(String path, SequencedMap<String, Layer> all, Set<Layer> seen) {
        if (seen.add(this)) {
            all.put(path, this);
            children.forEach((childName, layer) -> layer.collect(join(path, childName), all, seen));
        }
    }

    static String join(String path, String lastName) {
        return path.isEmpty() ? lastName : path + "." + lastName;
    }

    /**
     * Where this layer stands in the network that it was first declared in.
     *
     * @return the path from the network's root; empty for a root
     */
    public final String path() {
        return parent == null ? "" : join(parent.path(), name);
    }

    /** This layer with its place, for messages. */
    final String described() {
        return path().isEmpty() ? describe() : describe() + " '" + path() + "'";
    }

    /**
     * All parameters of this tree by path, each tensor once.
     *
     * @return the live tensors
     */
    public final SequencedMap<String, Tensor> namedParameters() {
        SequencedMap<String, Tensor> named = new LinkedHashMap<>();
        Set<Tensor> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        layers().forEach((path, layer) -> layer.parameters.forEach((parameterName, parameter) -> {
            if (seen.add(parameter.tensor())) {
                named.put(join(path, parameterName), parameter.tensor());
            }
        }));
        return named;
    }

    /**
     * All parameters of this tree, for an optimiser.
     *
     * @return the live tensors, each once
     */
    public final List<Tensor> parameters() {
        return new ArrayList<>(namedParameters().values());
    }

    /**
     * Draws the first values of all parameters anew, and restarts everything random in this tree.
     *
     * <p>Each parameter has its own stream of random numbers, found by its path, so its values depend on the seed and
     * the path alone. A network that was never initialised has the values of seed 0. Parameters that were declared with
     * given values keep them.
     *
     * @param seed any number
     * @return this layer
     */
    public final Layer initialize(long seed) {
        requireNotDeployed("initialize");
        Set<String> tied = Tie.firstPaths(this).keySet();
        layers().forEach((path, layer) -> {
            layer.parameters.forEach((parameterName, parameter) -> {
                String place = join(path, parameterName);
                if (!tied.contains(place)) {
                    parameter.draw(seed, place);
                }
            });
            layer.onInitialize(seed, path);
            layer.refresh();
            layer.weightsChanged();
        });
        return this;
    }

    /**
     * Gives what layers draw at random in training to a step: the same step draws the same numbers, whatever was drawn
     * before. So a resumed training goes on as if it had not stopped.
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
     * <p>The layers' own record of their children changes; a field in which a parent keeps its child does not.
     * {@link Linear} solves this for its conversion, see {@link Linear#toBitLinear}.
     *
     * @param replacement from a layer's path and the layer to what stands in its place: the layer itself to keep it;
     *     called once for each layer
     * @return what stands in this layer's place
     */
    public final Layer replaceLayers(BiFunction<String, Layer, Layer> replacement) {
        return replaceLayers("", replacement, new IdentityHashMap<>());
    }

    private Layer replaceLayers(String path, BiFunction<String, Layer, Layer> replacement, Map<Layer, Layer> done) {
        Layer known = done.get(this);
        if (known != null) {
            return known;
        }
        children.replaceAll((childName, layer) -> {
            Layer replaced = layer.replaceLayers(join(path, childName), replacement, done);
            replaced.adoptedBy(this, childName);
            if (replaced != layer) {
                weightsChanged();
            }
            return replaced;
        });
        Layer result = replacement.apply(path, this);
        done.put(this, result);
        return result;
    }

    // ---------------------------------------------------------------- modes

    /**
     * What this layer is ready for.
     *
     * @return its mode; TRAIN at first
     */
    public final Mode mode() {
        return mode;
    }

    /**
     * Switches the tree to training.
     *
     * @return this layer
     * @throws IllegalStateException if a layer in it was deployed; nothing is changed then
     */
    public final Layer train() {
        requireNotDeployed("train");
        layers().values().forEach(Layer::enterTraining);
        return this;
    }

    private void enterTraining() {
        weightsChanged(); // by the first step
        enter(Mode.TRAIN);
        onTrain();
    }

    private void requireNotDeployed(String operation) {
        layers().forEach((path, layer) -> {
            if (layer.mode == Mode.DEPLOYED) {
                throw new IllegalStateException(
                        operation + "(): " + layer.described() + " was deployed, its latent weights "
                                + "are gone; load the model from a file that was saved before deploy()");
            }
        });
    }

    /**
     * Switches the tree to evaluation: ternary weights are quantised and packed, gradients are no longer recorded.
     * Deployed layers stay deployed.
     *
     * @return this layer
     * @throws IllegalArgumentException if weights can't be quantised (NaN, infinity); no layer changes its mode then
     */
    public final Layer eval() {
        List<Layer> switched = new ArrayList<>();
        try {
            for (Layer layer : layers().values()) {
                if (layer.mode == Mode.TRAIN) {
                    switched.add(layer);
                    layer.onEval();
                    layer.enter(Mode.EVAL);
                }
            }
            return this;
        } catch (RuntimeException e) {
            switched.forEach(Layer::enterTraining);
            throw e;
        }
    }

    /**
     * Switches the tree to its final form: as {@link #eval()}, and the latent weights are dropped.
     *
     * @return this layer
     */
    public final Layer deploy() {
        eval();
        layers().values().forEach(layer -> {
            layer.onDeploy();
            layer.enter(Mode.DEPLOYED);
        });
        return this;
    }

    private void enter(Mode next) {
        mode = next;
        parameters.values().forEach(parameter -> parameter.recordGradients(next == Mode.TRAIN));
    }

    /**
     * Keeps all parameters of this tree from being trained: they ask for no gradients, in whatever mode, and optimisers
     * leave them as they are, until {@link #unfreeze()}. Gradients still flow through the tree to what comes before it.
     *
     * @return this layer
     */
    public final Layer freeze() {
        freeze(true);
        return this;
    }

    /**
     * Lets all parameters of this tree be trained again, also those that were frozen in parts of it.
     *
     * @return this layer
     */
    public final Layer unfreeze() {
        freeze(false);
        return this;
    }

    private void freeze(boolean freeze) {
        layers().values().forEach(layer -> layer.parameters.values().forEach(parameter -> parameter.freeze(freeze)));
    }

    /**
     * Counts what may have changed this layer's weights, without its children's: it was initialised, loaded, switched
     * to training, or a child was replaced. Whoever keeps something computed with the weights, such as the keys and
     * values of a conversation, sees by it that they may have changed. Packing and deploying don't count, and values
     * written into a tensor by hand go unnoticed.
     *
     * @return a number that only grows
     */
    public final long weightChanges() {
        return weightChanges;
    }

    private synchronized void weightsChanged() {
        weightChanges++;
    }

    private void refresh() {
        if (mode == Mode.EVAL) {
            onEval();
        }
    }

    /**
     * Runs the forward until the JVM has compiled it: until its time stops falling, and at most for two seconds. The
     * first real calls are then as fast as the later ones.
     *
     * @param example an input of the usual shape; not modified
     * @return this layer
     * @throws IllegalStateException in training, where the forward is another one: call {@link #eval()} first
     */
    public final Layer warmUp(Tensor example) {
        if (mode == Mode.TRAIN) {
            throw new IllegalStateException("warmUp(): " + described() + " is in training; call eval() first");
        }
        WarmUp.run(() -> forward(example));
        return this;
    }

    // ---------------------------------------------------------------- state

    /**
     * Everything that this tree has learnt, by path: float tensors, and ternary matrices where layers are deployed.
     *
     * @return the live state; copy what must not change
     */
    public final StateDict stateDict() {
        return stateDict(mode);
    }

    /**
     * What this tree has learnt, in the form of a mode, without switching to it.
     *
     * @param form DEPLOYED for the state that {@link #deploy()} would leave; otherwise as {@link #stateDict()}
     * @return the state; as far as its tensors are the live ones, copy what must not change
     */
    public final StateDict stateDict(Mode form) {
        StateDict state = new StateDict();
        layers().forEach((path, layer) -> layer.saveState(prefix(path), form, state));
        return state.dropRepeats();
    }

    private static String prefix(String path) {
        return path.isEmpty() ? "" : path + ".";
    }

    /**
     * Takes over a state, by copying it. A state with ternary matrices deploys the tree.
     *
     * @param state must have exactly this tree's names and shapes; of tied parameters one name is enough
     * @return this layer
     * @throws IllegalArgumentException that lists what is missing, unexpected or of another shape, or names a tied
     * parameter for which the state has two values; nothing is changed
     * then
     */
    public final Layer loadStateDict(StateDict state) {
        StateDict whole = state.withTied(Tie.firstPaths(this));
        LoadReport report = whole.compare(expectedState());
        if (!report.isComplete()) {
            throw new IllegalArgumentException("loadStateDict: the state doesn't fit " + describe() + ": " + report
                    + "; nothing was loaded. loadMatching takes what fits");
        }
        load(whole);
        return this;
    }

    /**
     * Takes over what fits of a state, by copying it, and leaves the rest of this tree as it is.
     *
     * @param state may have more names, fewer names, and other shapes
     * @return what was loaded, and what was not
     */
    public final LoadReport loadMatching(StateDict state) {
        SequencedMap<String, String> ties = Tie.firstPaths(this);
        StateDict whole = state.withTied(ties);
        LoadReport report = whole.compare(expectedState());
        load(whole.completed(report.loaded(), stateDict().withTied(ties)));
        return report;
    }

    private SequencedMap<String, int[]> expectedState() {
        SequencedMap<String, int[]> expected = new LinkedHashMap<>();
        layers().forEach((path, layer) -> layer.stateShapes()
                .forEach((key, shape) -> expected.put(prefix(path) + key, shape)));
        return expected;
    }

    private void load(StateDict state) {
        layers().forEach((path, layer) -> layer.checkState(prefix(path), state));
        layers().forEach((path, layer) -> {
            layer.loadState(prefix(path), state);
            layer.refresh();
            layer.weightsChanged();
        });
        if (state.isDeployed()) {
            deploy();
        }
    }

    // ---------------------------------------------------------------- reports

    /**
     * The number of learnt values in this tree, ternary or float; shared ones count once.
     *
     * @return the count
     */
    public final long parameterCount() {
        return layers().values().stream().mapToLong(Layer::ownParameterCount).sum()
                - Tie.in(this).stream().mapToLong(Tie::parameterCount).sum();
    }

    /**
     * What this tree occupies as floats, deployed, and now.
     *
     * @return the sizes
     */
    public final Memory memory() {
        Memory all = layers().values().stream().map(Layer::ownMemory).reduce(Memory.NONE, Memory::plus);
        return Tie.in(this).stream().map(Tie::memory).reduce(all, Memory::minus);
    }

    // ---------------------------------------------------------------- observers

    /**
     * Lets somebody look at what the layers of this tree compute: statistics of activations, where a NaN arises.
     *
     * <p>Nothing can be placed around a {@code forward} that Java code calls, so layers tell by themselves: those of
     * this library do, wherever their {@code forward} is called from; a layer of one's own does if it ends with
     * {@code return observed(y)}. {@link BitLinear#apply} has no tensor to show. Layers that join the tree later aren't
     * observed.
     *
     * @param observer gets a layer's path in this tree and its output; called in the thread that computes, so it must
     *     be safe for as many threads as use the network. It must not modify the output, nor keep it beyond the call
     *     without copying it
     * @return what ends it: close it when done
     */
    public final Observation observe(BiConsumer<String, Tensor> observer) {
        return new Observation(this, observer);
    }

    /**
     * Shows the output of this layer to those who observe it; the last thing that a {@code forward} does.
     *
     * @param output what forward returns
     * @return the same
     */
    protected final Tensor observed(Tensor output) {
        if (!observers.isEmpty()) {
            observers.forEach(observer -> observer.accept(output));
        }
        return output;
    }

    final void addObserver(Consumer<Tensor> observer) {
        observers.add(observer);
    }

    final void removeObserver(Consumer<Tensor> observer) {
        observers.remove(observer);
    }

    // ---------------------------------------------------------------- printing

    /** The tree of layers with their parameter counts, one layer a line. */
    @Override
    public final String toString() {
        StringBuilder text = new StringBuilder();
        appendTree(text, "", "");
        return text.toString();
    }

    private void appendTree(StringBuilder text, String label, String indent) {
        text.append(label).append(describe());
        if (parameterCount() > 0) {
            text.append(String.format(Locale.ROOT, "  %,d parameters", parameterCount()));
        }
        int left = children.size();
        for (Map.Entry<String, Layer> child : children.entrySet()) {
            boolean last = --left == 0;
            text.append('\n').append(indent).append(last ? "└─ " : "├─ ");
            child.getValue().appendTree(text, child.getKey() + ": ", indent + (last ? "   " : "│  "));
        }
    }
}
