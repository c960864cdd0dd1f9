package io.bitlab.layers;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.embedding.EmbeddingTable;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.ops.LinearCrossEntropy;
import io.bitlab.core.ops.LinearOps;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import java.util.SequencedMap;

/**
 * Maps each id, such as a token, to a learnt vector: ids {@code [...]} to {@code [..., features]}, {@code y[i] =
 * W[id[i]]} with W of shape {@code [numEmbeddings, features]}.
 *
 * {@snippet class="io.bitlab.layers.snippets.EmbeddingSnippets" region="embedding"}
 *
 * <p>The same W can be the output head of a language model (weight tying: Press and Wolf, 2017), see {@link #logits}
 * and {@link #loss}. W never becomes ternary, but evaluation can keep it in fewer bits, see {@link EmbeddingFormat};
 * deployment then drops the floats. The head reads all of W for each token, so in a small model with a large vocabulary
 * the format decides what a token costs.
 *
 * <p>The gradient of a row of W is the sum over the positions of its id, ascending.
 */
public final class Embedding extends Layer {

    private final int numEmbeddings;
    private final int features;
    private final EmbeddingFormat format;
    private Parameter weight; // null once only the table is left
    private volatile EmbeddingTable table; // in evaluation, unless the format is FLOAT32

    /**
     * Makes an embedding of standard normal values, as PyTorch does.
     *
     * @param numEmbeddings number of ids, which start at 0
     * @param features features of each id
     */
    public Embedding(int numEmbeddings, int features) {
        this(numEmbeddings, features, Initializer.normal(1));
    }

    /**
     * Makes an embedding that evaluation keeps as float32.
     *
     * @param numEmbeddings number of ids, which start at 0
     * @param features features of each id
     * @param initializer draws {@code [numEmbeddings, features]}; language models usually take a normal distribution
     *     with a standard deviation of 0.02
     */
    public Embedding(int numEmbeddings, int features, Initializer initializer) {
        this(numEmbeddings, features, initializer, EmbeddingFormat.FLOAT32);
    }

    /**
     * Makes an embedding.
     *
     * @param numEmbeddings number of ids, which start at 0
     * @param features features of each id
     * @param initializer draws {@code [numEmbeddings, features]}
     * @param format how evaluation keeps the values
     * @throws IllegalArgumentException if a size is less than 1, or the format is FLOAT16
     */
    public Embedding(int numEmbeddings, int features, Initializer initializer, EmbeddingFormat format) {
        if (numEmbeddings < 1 || features < 1) {
            throw new IllegalArgumentException("Embedding(" + numEmbeddings + " x " + features
                    + "): at least 1 id and 1 feature are needed");
        }
        this.numEmbeddings = numEmbeddings;
        this.features = features;
        this.format = format.requireInMemory("Embedding");
        this.weight = parameter("weight", initializer, numEmbeddings, features);
    }

    /**
     * Looks up the vectors of ids.
     *
     * @param ids the ids, row-major; not modified
     * @param shape shape of the ids; without it, one axis
     * @return {@code [shape..., features]}
     * @throws IllegalArgumentException if there are no ids, their number does not match the shape, or one is not from 0
     *     to {@code numEmbeddings - 1}
     */
    public Tensor forward(int[] ids, int... shape) {
        int[] axes = shape.length == 0 ? new int[] {ids.length} : shape;
        if (ids.length == 0 || Shape.product(axes, 0, axes.length) != ids.length) {
            throw new IllegalArgumentException(describeWithPath() + ": " + ids.length + " ids for shape "
                    + Arrays.toString(axes));
        }
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= numEmbeddings) {
                throw noSuchId(Integer.toString(ids[i]), i);
            }
        }
        int[] result = Arrays.copyOf(axes, axes.length + 1);
        result[axes.length] = features;
        EmbeddingTable current = table;
        if (current == null) {
            return observed(weight.tensor().gather(0, ids).reshape(result));
        }
        float[] rows = Workspace.floats(Math.multiplyExact(ids.length, features));
        for (int i = 0; i < ids.length; i++) {
            current.row(ids[i], rows, i * features);
        }
        return observed(Autograd.unrecorded("Embedding", this::describeWithPath, rows, result));
    }

    /**
     * Looks up the vectors of ids that are given as floats, so that an embedding can be the first layer of a chain.
     *
     * @param x integers from 0 to {@code numEmbeddings - 1}, of any shape; not modified
     * @return {@code [..., features]}
     * @throws IllegalArgumentException if a value is not such an integer
     */
    @Override
    public Tensor forward(Tensor x) {
        float[] values = x.data();
        int[] ids = new int[values.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (int) values[i];
            if (ids[i] != values[i]) {
                throw noSuchId(Float.toString(values[i]), i);
            }
        }
        return x.rank() == 0 ? forward(ids, 1).reshape(features) : forward(ids, x.shape());
    }

    private IllegalArgumentException noSuchId(String id, int position) {
        return new IllegalArgumentException(describeWithPath() + ": id " + id + " at position " + position
                + " is not one of 0 to " + (numEmbeddings - 1));
    }

    /**
     * Applies W as the output head of a language model: {@code y = x·Wᵀ}, one logit per id.
     *
     * @param x {@code [..., features]}; not modified
     * @return {@code [..., numEmbeddings]}
     * @throws IllegalArgumentException if x has another number of features
     */
    public Tensor logits(Tensor x) {
        EmbeddingTable current = table;
        if (current == null) {
            return LinearOps.linear(x, weight.tensor(), null, describeWithPath());
        }
        int rows = Shape.requireFeatures(x, features, describeWithPath());
        float[] y = Workspace.floats(Shape.size("Embedding.logits", rows, numEmbeddings));
        current.multiply(x.data(), rows, y);
        return Autograd.unrecorded("Embedding", this::describeWithPath, y,
                Shape.with(x.shape(), x.rank() - 1, numEmbeddings), x);
    }

    /**
     * Computes the output head and its cross-entropy in one, without memory for all logits; see
     * {@link LinearCrossEntropy}.
     *
     * @param x {@code [..., features]}; not modified
     * @param targets the right id of each row; negative for a row that is not counted
     * @return the mean loss in nats, recorded for the backward pass in training, and the number of rows whose largest
     *     logit is the right one
     * @throws IllegalArgumentException if the sizes don't match or a target is not an id
     */
    public LinearCrossEntropy.Result loss(Tensor x, int... targets) {
        EmbeddingTable current = table;
        return current == null ? LinearCrossEntropy.of(x, weight.tensor(), targets, describeWithPath())
                : LinearCrossEntropy.of(x, current, targets, describeWithPath());
    }

    /**
     * Makes an output head that shares W (weight tying: Press and Wolf, 2017): {@code y = x·Wᵀ}. Both layers learn the
     * one W; a network with both counts and saves it once.
     *
     * @return a new layer {@code [..., features]} to {@code [..., numEmbeddings]}, without bias
     * @throws IllegalStateException if this layer is deployed and its floats are dropped
     */
    public Linear tiedLinear() {
        requireFloats();
        return new Linear(weight);
    }

    private void requireFloats() {
        if (weight == null) {
            throw new IllegalStateException(describeWithPath() + ": deployed as " + format.jsonName()
                    + ", which dropped the floats; use logits(x) and forward(ids), which read what remains");
        }
    }

    /**
     * W as floats.
     *
     * @return the live tensor {@code [numEmbeddings, features]}
     * @throws IllegalStateException if {@link #deploy()} dropped it, because the format is not FLOAT32
     */
    public Tensor weight() {
        requireFloats();
        return weight.tensor();
    }

    /**
     * How evaluation keeps W.
     *
     * @return the format
     */
    public EmbeddingFormat format() {
        return format;
    }

    // ---------------------------------------------------------------- modes and state

    private EmbeddingTable newTable() {
        return EmbeddingTable.of(format, weight.tensor().data(), numEmbeddings, features);
    }

    @Override
    protected void onEval() {
        if (format != EmbeddingFormat.FLOAT32 && weight != null) {
            table = newTable();
        }
    }

    @Override
    protected void onTrain() {
        table = null;
    }

    @Override
    protected void onDeploy() {
        if (format != EmbeddingFormat.FLOAT32) {
            dropFloats();
        }
    }

    private void dropFloats() {
        weight = null;
        node().removeParameter("weight");
    }

    @Override
    protected void saveState(String prefix, Mode form, StateDict state) {
        if (format == EmbeddingFormat.FLOAT32 || weight != null && form != Mode.DEPLOYED) {
            super.saveState(prefix, form, state);
        } else {
            state.put(prefix + "weight", table != null ? table : newTable());
        }
    }

    @Override
    protected SequencedMap<String, int[]> stateShapes() {
        SequencedMap<String, int[]> shapes = super.stateShapes();
        shapes.putFirst("weight", new int[] {numEmbeddings, features}); // also when deployed
        return shapes;
    }

    @Override
    protected void checkState(String prefix, StateDict state) {
        String name = prefix + "weight";
        boolean isTable = state.isEmbeddingTable(name);
        if (state.isTernary(name) || isTable && format == EmbeddingFormat.FLOAT32) {
            throw new IllegalArgumentException("loadStateDict: the state has "
                    + (isTable ? "an embedding table of fewer bits" : "ternary weights") + " for '" + name + "', but "
                    + describe() + " keeps floats; nothing was loaded");
        }
        if (weight == null && !isTable) {
            throw new IllegalArgumentException("loadStateDict: " + describeWithPath() + " is deployed as "
                    + format.jsonName() + " and can't take floats; load them into a new model");
        }
    }

    @Override
    protected void loadState(String prefix, StateDict state) {
        String name = prefix + "weight";
        if (state.isEmbeddingTable(name)) {
            dropFloats();
            table = state.embeddingTable(name);
        } else {
            super.loadState(prefix, state);
        }
    }

    @Override
    protected MemoryFootprint ownMemory() {
        long floatBytes = (long) numEmbeddings * features * Float.BYTES;
        long deployed = format == EmbeddingFormat.FLOAT32 ? floatBytes
                : (long) (numEmbeddings * (features * format.bits() / 8));
        EmbeddingTable current = table;
        return new MemoryFootprint(floatBytes, deployed,
                super.ownMemory().residentBytes() + (current == null ? 0 : current.bytes()));
    }

    @Override
    protected long ownParameterCount() {
        return (long) numEmbeddings * features;
    }

    @Override
    protected String describe() {
        return "Embedding(" + numEmbeddings + " x " + features
                + (format == EmbeddingFormat.FLOAT32 ? ")" : ", " + format.jsonName() + ")");
    }
}
