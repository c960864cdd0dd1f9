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
 * Named state of a network: float tensors, and of deployed layers ternary matrices and {@link EmbeddingTable tables}.
 * Names keep the order of insertion.
 *
 * <p>An entry can be deferred: it is made when a layer takes it, and not kept, so that a large model is loaded without
 * being in memory twice.
 *
 * <p>Not thread-safe while it is being filled.
 */
public final class StateDict {

    private final SequencedMap<String, Object> entries = new LinkedHashMap<>();
    /** The shapes of weights of more than two axes, which are kept as ternary matrices. */
    private final Map<String, int[]> weightShapes = new HashMap<>();

    /** Makes an empty state. */
    public StateDict() {
    }

    /**
     * Adds a float tensor.
     *
     * @param name its path
     * @param tensor its values; kept, not copied
     * @return this state
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
     */
    public StateDict put(String name, TernaryMatrix matrix) {
        return add(name, matrix);
    }

    /**
     * Adds weights of more than two axes, such as a convolution's, as a ternary matrix.
     *
     * @param name its path
     * @param matrix its codes and scales, {@code [out, columns]}
     * @param weightShape the shape of the weights: {@code out}, and axes whose product is {@code columns}
     * @return this state
     * @throws IllegalArgumentException if the matrix has another number of rows or columns
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
     * Adds a table.
     *
     * @param name its path
     * @param table its values
     * @return this state
     */
    public StateDict put(String name, EmbeddingTable table) {
        return add(name, table);
    }

    /**
     * Adds an entry that is made each time it is asked for.
     *
     * @param <T> {@link Tensor}, {@link TernaryMatrix} or {@link EmbeddingTable}
     * @param name its path
     * @param kind which of them
     * @param shape its shape
     * @param value makes it
     * @return this state
     */
    public <T> StateDict putDeferred(String name, Class<T> kind, int[] shape, Supplier<T> value) {
        if (kind != Tensor.class && kind != TernaryMatrix.class && kind != EmbeddingTable.class) {
            throw new IllegalArgumentException("StateDict: '" + name + "' can't be a " + kind.getName());
        }
        return add(name, new Deferred(kind, shape.clone(), value));
    }

    private record Deferred(Class<?> kind, int[] shape, Supplier<?> value) {
    }

    private boolean is(Class<?> kind, Object entry) {
        return kind.isInstance(entry) || entry instanceof Deferred deferred && deferred.kind == kind;
    }

    private <T> T get(Class<T> kind, String name, String words) {
        Object entry = entries.get(name);
        if (!is(kind, entry)) {
            throw new IllegalArgumentException("StateDict: no " + words + " '" + name + "'; there are " + names());
        }
        return kind.cast(entry instanceof Deferred deferred ? deferred.value.get() : entry);
    }

    private StateDict add(String name, Object entry) {
        if (entries.putIfAbsent(name, entry) != null) {
            throw new IllegalArgumentException("StateDict: '" + name + "' is there already");
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
     * Whether a name stands for a ternary matrix.
     *
     * @param name a path
     * @return false for a float tensor and for an unknown name
     */
    public boolean isTernary(String name) {
        return is(TernaryMatrix.class, entries.get(name));
    }

    /**
     * Whether a name stands for a table.
     *
     * @param name a path
     * @return false for anything else and for an unknown name
     */
    public boolean isTable(String name) {
        return is(EmbeddingTable.class, entries.get(name));
    }

    /**
     * Whether there are ternary matrices or tables: the state of a deployed network.
     *
     * @return true if there is at least one
     */
    public boolean isDeployed() {
        return entries.keySet().stream().anyMatch(name -> isTernary(name) || isTable(name));
    }

    /**
     * A float tensor.
     *
     * @param name its path
     * @return the live tensor
     * @throws IllegalArgumentException if there is none of that name
     */
    public Tensor tensor(String name) {
        return get(Tensor.class, name, "float tensor");
    }

    /**
     * A ternary matrix.
     *
     * @param name its path
     * @return the matrix
     * @throws IllegalArgumentException if there is none of that name
     */
    public TernaryMatrix ternary(String name) {
        return get(TernaryMatrix.class, name, "ternary matrix");
    }

    /**
     * A table.
     *
     * @param name its path
     * @return the table
     * @throws IllegalArgumentException if there is none of that name
     */
    public EmbeddingTable table(String name) {
        return get(EmbeddingTable.class, name, "table");
    }

    /**
     * This state with all deferred entries made.
     *
     * @return a new state with the same names
     */
    public StateDict made() {
        StateDict all = new StateDict();
        entries.forEach(
                (name, entry) -> all.add(name, entry instanceof Deferred deferred ? deferred.value.get() : entry));
        all.weightShapes.putAll(weightShapes);
        return all;
    }

    /**
     * The shape of an entry's weights.
     *
     * @param name its path
     * @return the shape that a ternary matrix was put with; otherwise the tensor's, or the rows and columns of a
     *     ternary matrix or a table
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
            case EmbeddingTable table -> new int[] {table.rows(), table.columns()};
            default -> tensor(name).shape();
        };
    }

    /** A ternary matrix stands for weights of any rank, with everything behind the first axis in one row. */
    private boolean hasShape(String name, int[] shape) {
        int[] expected = isTernary(name) && shape.length > 2
                ? new int[] {shape[0], Shape.product(shape, 1, shape.length)}
                : shape;
        return Arrays.equals(expected, storedShape(name));
    }

    /** Removes tensors that are there under an earlier name. */
    StateDict dropRepeats() {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        entries.values().removeIf(entry -> !seen.add(entry));
        return this;
    }

    /** This state with both names of each tied parameter, where it has only one of them. */
    StateDict withTied(SequencedMap<String, String> firstNames) {
        StateDict whole = new StateDict();
        whole.entries.putAll(entries);
        firstNames.forEach((name, first) -> {
            Object entry = entries.get(name);
            Object firstEntry = whole.entries.get(first);
            if (entry == null && firstEntry != null) {
                whole.entries.put(name, firstEntry);
            } else if (entry != null && firstEntry == null) {
                whole.entries.put(first, entry);
            } else if (entry instanceof Tensor a && firstEntry instanceof Tensor b
                    && !Arrays.equals(a.data(), b.data())) {
                        throw new IllegalArgumentException("loadStateDict: '" + first + "' and '" + name
                                + "' are one parameter here, but the state has different values for them; nothing was loaded");
                    }
        });
        return whole;
    }

    /** Compares this state with the names and shapes that a network expects. */
    LoadReport compare(SequencedMap<String, int[]> expected) {
        List<String> matching = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        List<String> reshaped = new ArrayList<>();
        expected.forEach((name, shape) -> {
            if (!entries.containsKey(name)) {
                missing.add(name);
            } else if (hasShape(name, shape)) {
                matching.add(name);
            } else {
                reshaped.add(
                        name + " is " + Arrays.toString(storedShape(name)) + ", expected " + Arrays.toString(shape));
            }
        });
        List<String> unexpected = new ArrayList<>(entries.sequencedKeySet());
        unexpected.removeAll(expected.keySet());
        return new LoadReport(matching, missing, unexpected, reshaped);
    }

    /** The entries of some names, completed from another state. */
    StateDict completed(List<String> names, StateDict others) {
        Set<String> own = Set.copyOf(names);
        StateDict complete = new StateDict();
        others.entries.forEach((name, entry) -> complete.add(name, own.contains(name) ? entries.get(name) : entry));
        return complete;
    }
}
