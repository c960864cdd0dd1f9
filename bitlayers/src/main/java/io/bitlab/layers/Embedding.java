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
 * A table with a row of features for each id, such as a token: ids {@code [...]} to {@code [..., features]}. The
 * gradient of a row is the sum over the places where its id stood, ascending.
 *
 * <p>The same table can be the output head of a language model (weight tying: Press and Wolf, 2017): {@link #logits}
 * and {@link #loss}. It never becomes ternary, but evaluation can keep it in fewer bits, see {@link EmbeddingFormat}:
 * then deployment drops the floats. The head reads the whole table for each token, so its format decides what a token
 * costs in a small model with a large vocabulary.
 */
public final class Embedding extends Layer {

    private final int ids;
    private final int features;
    private final EmbeddingFormat format;
    private Parameter weight; // null when only the table is left
    private volatile EmbeddingTable table; // in evaluation, unless the format is FLOAT32

    /**
     * A table of standard normal values, as PyTorch's.
     *
     * @param ids how many ids there are, from 0
     * @param features how many features each has
     */
    public Embedding(int ids, int features) {
        this(ids, features, Initializer.normal(1));
    }

    /**
     * A table.
     *
     * @param ids how many ids there are, from 0
     * @param features how many features each has
     * @param initializer draws {@code [ids, features]}; normal with 0.02 is usual in language models
     */
    public Embedding(int ids, int features, Initializer initializer) {
        this(ids, features, initializer, EmbeddingFormat.FLOAT32);
    }

    /**
     * A table.
     *
     * @param ids how many ids there are, from 0
     * @param features how many features each has
     * @param initializer draws {@code [ids, features]}
     * @param format how evaluation keeps it in memory
     */
    public Embedding(int ids, int features, Initializer initializer, EmbeddingFormat format) {
        if (ids < 1 || features < 1) {
            throw new IllegalArgumentException("Embedding(" + ids + " x " + features
                    + "): at least 1 id and 1 feature are needed");
        }
        this.ids = ids;
        this.features = features;
        this.format = format.requireInMemory("Embedding");
        this.weight = parameter("weight", initializer, ids, features);
    }

    /**
     * The rows of some ids.
     *
     * @param chosen the ids, row-major
     * @param shape shape of the ids; none for one axis
     * @return {@code [shape..., features]}
     * @throws IllegalArgumentException if there are no ids, they don't have that shape, or one is not in the table
     */
    public Tensor forward(int[] chosen, int... shape) {
        int[] axes = shape.length == 0 ? new int[] {chosen.length} : shape;
        if (chosen.length == 0 || Shape.product(axes, 0, axes.length) != chosen.length) {
            throw new IllegalArgumentException(described() + ": " + chosen.length + " ids for shape "
                    + Arrays.toString(axes));
        }
        for (int i = 0; i < chosen.length; i++) {
            if (chosen[i] < 0 || chosen[i] >= ids) {
                throw notInTable(Integer.toString(chosen[i]), i);
            }
        }
        int[] result = Arrays.copyOf(axes, axes.length + 1);
        result[axes.length] = features;
        EmbeddingTable now = table;
        if (now == null) {
            return observed(weight.tensor().gather(0, chosen).reshape(result));
        }
        float[] rows = Workspace.floats(Math.multiplyExact(chosen.length, features));
        for (int i = 0; i < chosen.length; i++) {
            now.row(chosen[i], rows, i * features);
        }
        return observed(Autograd.unrecorded("Embedding", this::described, rows, result));
    }

    /**
     * The output head: how well each id fits, {@code y = x·Wᵀ}.
     *
     * @param x {@code [..., features]}; not modified
     * @return {@code [..., ids]}
     * @throws IllegalArgumentException if x has another number of features
     */
    public Tensor logits(Tensor x) {
        EmbeddingTable now = table;
        if (now == null) {
            return LinearOps.linear(x, weight.tensor(), null, described());
        }
        int rows = Shape.requireFeatures(x, features, described());
        float[] y = Workspace.floats(Math.multiplyExact(rows, ids));
        now.multiply(x.data(), rows, y);
        return Autograd.unrecorded("Embedding", this::described, y, Shape.with(x.shape(), x.rank() - 1, ids), x);
    }

    /**
     * The output head and its cross-entropy in one, without the memory of all logits, see {@link LinearCrossEntropy}.
     *
     * @param x {@code [..., features]}; not modified
     * @param targets the right id of each row; negative for a row that doesn't count
     * @return the loss, with its record in training, and how many rows were right
     * @throws IllegalArgumentException if the sizes don't fit together or a target is not an id
     */
    public LinearCrossEntropy.Result loss(Tensor x, int... targets) {
        EmbeddingTable now = table;
        return now == null ? LinearCrossEntropy.of(x, weight.tensor(), targets, described())
                : LinearCrossEntropy.of(x, now, targets, described());
    }

    private IllegalArgumentException notInTable(String id, int position) {
        return new IllegalArgumentException(described() + ": id " + id + " at position " + position
                + " is not one of 0 to " + (ids - 1));
    }

    /**
     * The rows of ids that come as floats, so that an embedding can be the first layer of a chain.
     *
     * @param x whole numbers from 0, of any shape
     * @return {@code [..., features]}
     * @throws IllegalArgumentException if a value is not a whole number in the table
     */
    @Override
    public Tensor forward(Tensor x) {
        float[] values = x.data();
        int[] chosen = new int[values.length];
        for (int i = 0; i < chosen.length; i++) {
            chosen[i] = (int) values[i];
            if (chosen[i] != values[i]) {
                throw notInTable(Float.toString(values[i]), i);
            }
        }
        return x.rank() == 0 ? forward(chosen, 1).reshape(features) : forward(chosen, x.shape());
    }

    /**
     * The output head of a language model that shares this table (weight tying: Press and Wolf, 2017):
     * {@code y = x·Wᵀ}. Both learn it together; a network that holds both counts and saves it once.
     *
     * @return a new layer {@code [..., features]} to {@code [..., ids]}, without bias
     * @throws IllegalStateException if this layer is deployed and its floats are gone
     */
    public Linear tiedLinear() {
        requireFloats();
        return new Linear(weight);
    }

    private void requireFloats() {
        if (weight == null) {
            throw new IllegalStateException(described() + ": deployed as " + format.jsonName()
                    + ", the float table is gone; logits(x) and forward(ids) read what remains");
        }
    }

    /**
     * The table.
     *
     * @return the live tensor {@code [ids, features]}
     * @throws IllegalStateException if it is gone, after {@link #deploy()} in another format than FLOAT32
     */
    public Tensor weight() {
        requireFloats();
        return weight.tensor();
    }

    /**
     * How evaluation keeps the table.
     *
     * @return the format
     */
    public EmbeddingFormat format() {
        return format;
    }

    // ---------------------------------------------------------------- modes and state

    private EmbeddingTable rounded() {
        return EmbeddingTable.of(format, weight.tensor().data(), ids, features);
    }

    @Override
    protected void onEval() {
        if (format != EmbeddingFormat.FLOAT32 && weight != null) {
            table = rounded();
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
            state.put(prefix + "weight", table != null ? table : rounded());
        }
    }

    @Override
    protected SequencedMap<String, int[]> stateShapes() {
        SequencedMap<String, int[]> shapes = super.stateShapes();
        shapes.putFirst("weight", new int[] {ids, features}); // also when deployed
        return shapes;
    }

    @Override
    protected void checkState(String prefix, StateDict state) {
        String name = prefix + "weight";
        if (state.isTernary(name)) {
            super.checkState(prefix, state);
            throw new IllegalArgumentException("loadStateDict: '" + name + "' is ternary; nothing was loaded");
        }
        if (weight == null && !state.isEmbeddingTable(name)) {
            throw new IllegalArgumentException("loadStateDict: " + described() + " is deployed as " + format.jsonName()
                    + " and can't take floats; load them into a new model");
        }
        if (state.isEmbeddingTable(name) && format == EmbeddingFormat.FLOAT32) {
            throw new IllegalArgumentException("loadStateDict: the state has a table of fewer bits for '" + name
                    + "', but " + describe() + " keeps floats; nothing was loaded");
        }
    }

    @Override
    protected void loadState(String prefix, StateDict state) {
        if (state.isEmbeddingTable(prefix + "weight")) {
            dropFloats();
            table = state.embeddingTable(prefix + "weight");
        } else {
            super.loadState(prefix, state);
        }
    }

    @Override
    protected Memory ownMemory() {
        long floatBytes = (long) ids * features * Float.BYTES;
        long deployed = format == EmbeddingFormat.FLOAT32 ? floatBytes : (long) (ids * (features * format.bits() / 8));
        EmbeddingTable now = table;
        return new Memory(floatBytes, deployed,
                super.ownMemory().residentBytes() + (now == null ? 0 : now.bytes()));
    }

    @Override
    protected long ownParameterCount() {
        return (long) ids * features;
    }

    @Override
    protected String describe() {
        return "Embedding(" + ids + " x " + features
                + (format == EmbeddingFormat.FLOAT32 ? ")" : ", " + format.jsonName() + ")");
    }
}
