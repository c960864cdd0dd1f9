package io.bitlab.layers;

import io.bitlab.core.embedding.EmbeddingTable;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Shape;
import io.bitlab.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The state of a network by name: float tensors (parameters and buffers), and for deployed layers ternary matrices and
 * {@linkplain EmbeddingTable embedding tables}. Names keep the order of insertion.
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="stateDict"}
 *
 * <p>An entry can be deferred: it is computed when a layer loads it, and not kept, so that a large model is loaded
 * without being in memory twice.
 *
 * <p><b>Thread safety:</b> not thread-safe while entries are added; afterwards any number of threads may read it.
 */
public final class StateDict {

    private final SequencedMap<String, Object> entries = new LinkedHashMap<>();
    /** Shapes of the weights with more than two axes that are stored as ternary matrices. */
    private final Map<String, int[]> weightShapes = new HashMap<>();

    /** Creates an empty state. */
    public StateDict() {
    }

    /**
     * Adds a float tensor.
     *
     * @param name its path
     * @param tensor its values; kept, not copied
     * @return this state
     * @throws IllegalArgumentException if the name is taken
     */
    public StateDict put(String name, Tensor tensor) {
        return add(name, tensor);
    }

    /**
     * Adds a ternary matrix.
     *
     * @param name its path
     * @param matrix its codes and scales
     * @return this state
     * @throws IllegalArgumentException if the name is taken
     */
    public StateDict put(String name, TernaryMatrix matrix) {
        return add(name, matrix);
    }

    /**
     * Adds weights of more than two axes, such as a convolution's, as a ternary matrix.
     *
     * @param name its path
     * @param matrix its codes and scales, {@code [out, columns]}
     * @param weightShape shape of the weights: {@code out}, and axes whose product is {@code columns}
     * @return this state
     * @throws IllegalArgumentException if the matrix has another number of rows or columns, or the name is taken
     */
    public StateDict put(String name, TernaryMatrix matrix, int... weightShape) {
        if (weightShape.length < 2 || weightShape[0] != matrix.outFeatures()
                || Shape.product(weightShape, 1, weightShape.length) != matrix.inFeatures()) {
            throw new IllegalArgumentException("StateDict: '" + name + "' is a matrix [" + matrix.outFeatures() + ", "
                    + matrix.inFeatures() + "], which can't hold weights " + Arrays.toString(weightShape));
        }
        add(name, matrix);
        weightShapes.put(name, weightShape.clone());
        return this;
    }

    /**
     * Adds an embedding table.
     *
     * @param name its path
     * @param table its values
     * @return this state
     * @throws IllegalArgumentException if the name is taken
     */
    public StateDict put(String name, EmbeddingTable table) {
        return add(name, table);
    }

    /**
     * Adds an entry that is computed each time it is read.
     *
     * @param <T> {@link Tensor}, {@link TernaryMatrix} or {@link EmbeddingTable}
     * @param name its path
     * @param type class of the value
     * @param shape its shape
     * @param value computes it
     * @return this state
     * @throws IllegalArgumentException if the class is another one, or the name is taken
     */
    public <T> StateDict putDeferred(String name, Class<T> type, int[] shape, Supplier<T> value) {
        if (type != Tensor.class && type != TernaryMatrix.class && type != EmbeddingTable.class) {
            throw new IllegalArgumentException("StateDict: '" + name + "' can't be a " + type.getName());
        }
        return add(name, new Deferred(type, shape.clone(), value));
    }

    private record Deferred(Class<?> type, int[] shape, Supplier<?> value) {
    }

    private boolean is(Class<?> type, Object entry) {
        return type.isInstance(entry) || entry instanceof Deferred deferred && deferred.type == type;
    }

    private <T> T get(Class<T> type, String name, String words) {
        Object entry = entries.get(name);
        if (!is(type, entry)) {
            throw new IllegalArgumentException("StateDict: no " + words + " '" + name + "'; there are " + names());
        }
        return type.cast(value(entry));
    }

    private StateDict add(String name, Object entry) {
        if (entries.putIfAbsent(name, entry) != null) {
            throw new IllegalArgumentException("StateDict: '" + name + "' is already in the state");
        }
        return this;
    }

    /**
     * All names.
     *
     * @return in the order of insertion; unmodifiable
     */
    public SequencedSet<String> names() {
        return Collections.unmodifiableSequencedSet(entries.sequencedKeySet());
    }

    /**
     * Whether an entry is a ternary matrix.
     *
     * @param name its path
     * @return false for another type, and for an unknown name
     */
    public boolean isTernary(String name) {
        return is(TernaryMatrix.class, entries.get(name));
    }

    /**
     * Whether an entry is an embedding table.
     *
     * @param name its path
     * @return false for another type, and for an unknown name
     */
    public boolean isEmbeddingTable(String name) {
        return is(EmbeddingTable.class, entries.get(name));
    }

    /**
     * Whether this is the state of a deployed network.
     *
     * @return true if an entry is a ternary matrix or an embedding table
     */
    public boolean isDeployed() {
        return entries.keySet().stream().anyMatch(name -> isTernary(name) || isEmbeddingTable(name));
    }

    /**
     * Reads a float tensor.
     *
     * @param name its path
     * @return the live tensor
     * @throws IllegalArgumentException if there is no float tensor of that name
     */
    public Tensor tensor(String name) {
        return get(Tensor.class, name, "float tensor");
    }

    /**
     * Reads a ternary matrix.
     *
     * @param name its path
     * @return the matrix
     * @throws IllegalArgumentException if there is no ternary matrix of that name
     */
    public TernaryMatrix ternary(String name) {
        return get(TernaryMatrix.class, name, "ternary matrix");
    }

    /**
     * Reads an embedding table.
     *
     * @param name its path
     * @return the table
     * @throws IllegalArgumentException if there is no table of that name
     */
    public EmbeddingTable embeddingTable(String name) {
        return get(EmbeddingTable.class, name, "embedding table");
    }

    /**
     * This state with all deferred entries computed.
     *
     * @return a new state with the same names
     */
    public StateDict materialized() {
        StateDict all = new StateDict();
        entries.forEach((name, entry) -> all.add(name, value(entry)));
        all.weightShapes.putAll(weightShapes);
        return all;
    }

    /**
     * The shape of an entry.
     *
     * @param name its path
     * @return the shape of the tensor, or of the weights that a ternary matrix was added with; otherwise the rows and
     *     columns of the matrix or table
     * @throws IllegalArgumentException if there is no entry of that name
     */
    public int[] shape(String name) {
        int[] weightShape = weightShapes.get(name);
        return weightShape != null ? weightShape.clone() : storedShape(name);
    }

    private int[] storedShape(String name) {
        return switch (entries.get(name)) {
            case null -> tensor(name).shape(); // throws, and lists the names
            case Deferred deferred -> deferred.shape.clone();
            case TernaryMatrix matrix -> new int[] {matrix.outFeatures(), matrix.inFeatures()};
            case EmbeddingTable table -> storedShapeOf(table);
            default -> tensor(name).shape();
        };
    }

    private static int[] storedShapeOf(EmbeddingTable table) {
        return new int[] {table.rows(), table.columns()};
    }

    /** A ternary matrix fits weights of any rank; its columns are the product of all axes but the first. */
    private boolean hasShape(String name, int[] shape) {
        int[] expected = isTernary(name) && shape.length > 2
                ? new int[] {shape[0], Shape.product(shape, 1, shape.length)}
                : shape;
        return Arrays.equals(expected, storedShape(name));
    }

    /** Removes tensors that already have an earlier name. */
    StateDict dropDuplicates() {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        entries.values().removeIf(entry -> !seen.add(entry));
        return this;
    }

    /** This state with both names of each tied parameter, if it has one of them. */
    StateDict withTied(SequencedMap<String, String> firstNames) {
        StateDict complete = new StateDict();
        complete.entries.putAll(entries);
        firstNames.forEach((name, first) -> {
            Object entry = entries.get(name);
            Object firstEntry = complete.entries.get(first);
            if (entry == null && firstEntry != null) {
                complete.entries.put(name, firstEntry);
            } else if (entry != null && firstEntry == null) {
                complete.entries.put(first, entry);
            } else if (entry != firstEntry && !sameValues(value(entry), value(firstEntry))) {
                throw tiedDiffer(first, name);
            }
        });
        return complete;
    }

    private static Object value(Object entry) {
        return entry instanceof Deferred deferred ? deferred.value.get() : entry;
    }

    /** Values of different kinds, such as a table and a ternary head, don't rule each other out. */
    private static boolean sameValues(Object a, Object b) {
        if (a instanceof Tensor one && b instanceof Tensor other) {
            return Arrays.equals(one.data(), other.data());
        }
        if (a instanceof EmbeddingTable one && b instanceof EmbeddingTable other) {
            return Arrays.equals(storedShapeOf(one), storedShapeOf(other)) && sameRows(one, other);
        }
        return !(a instanceof TernaryMatrix && b instanceof TernaryMatrix) || a.equals(b);
    }

    private static boolean sameRows(EmbeddingTable one, EmbeddingTable other) {
        float[] a = new float[one.columns()];
        float[] b = new float[one.columns()];
        for (int row = 0; row < one.rows(); row++) {
            one.row(row, a, 0);
            other.row(row, b, 0);
            if (!Arrays.equals(a, b)) {
                return false;
            }
        }
        return true;
    }

    private static IllegalArgumentException tiedDiffer(String first, String second) {
        return new IllegalArgumentException("loadStateDict: '" + first + "' and '" + second
                + "' are one parameter here, but the state has different values for them; nothing was loaded");
    }

    /** Compares this state with the names and shapes that a network expects. */
    LoadReport compare(SequencedMap<String, int[]> expected) {
        List<String> matching = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        List<String> mismatched = new ArrayList<>();
        expected.forEach((name, shape) -> {
            if (!entries.containsKey(name)) {
                missing.add(name);
            } else if (hasShape(name, shape)) {
                matching.add(name);
            } else {
                mismatched.add(
                        name + " is " + Arrays.toString(storedShape(name)) + ", expected " + Arrays.toString(shape));
            }
        });
        List<String> unexpected = new ArrayList<>(entries.sequencedKeySet());
        unexpected.removeAll(expected.keySet());
        return new LoadReport(matching, missing, unexpected, mismatched);
    }

    /** The entries of some names, and all others of another state. */
    StateDict completed(List<String> names, StateDict others) {
        Set<String> own = Set.copyOf(names);
        StateDict complete = new StateDict();
        others.entries.forEach((name, entry) -> complete.add(name, own.contains(name) ? entries.get(name) : entry));
        return complete;
    }
}
