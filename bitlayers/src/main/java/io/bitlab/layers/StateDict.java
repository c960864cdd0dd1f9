package io.bitlab.layers;

import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.SequencedSet;

/**
 * Named state of a network: float tensors, and ternary matrices of deployed layers. Names keep the order of insertion;
 * a name is in one of the two groups.
 *
 * <p>Not thread-safe while it is being filled.
 */
public final class StateDict {

    private final SequencedMap<String, Object> entries = new LinkedHashMap<>();

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
        return entries.get(name) instanceof TernaryMatrix;
    }

    /**
     * Whether there are ternary matrices: the state of a deployed network.
     *
     * @return true if there is at least one
     */
    public boolean hasTernary() {
        return entries.values().stream().anyMatch(TernaryMatrix.class::isInstance);
    }

    /**
     * A float tensor.
     *
     * @param name its path
     * @return the live tensor
     * @throws IllegalArgumentException if there is none of that name
     */
    public Tensor tensor(String name) {
        if (entries.get(name) instanceof Tensor tensor) {
            return tensor;
        }
        throw new IllegalArgumentException("StateDict: no float tensor '" + name + "'; there are " + names());
    }

    /**
     * A ternary matrix.
     *
     * @param name its path
     * @return the matrix
     * @throws IllegalArgumentException if there is none of that name
     */
    public TernaryMatrix ternary(String name) {
        if (entries.get(name) instanceof TernaryMatrix matrix) {
            return matrix;
        }
        throw new IllegalArgumentException("StateDict: no ternary matrix '" + name + "'; there are " + names());
    }

    private int[] shape(String name) {
        return isTernary(name)
                ? new int[] {ternary(name).outFeatures(), ternary(name).inFeatures()}
                : tensor(name).shape();
    }

    void requireMatches(String network, SequencedMap<String, int[]> expected) {
        List<String> missing = new ArrayList<>(expected.sequencedKeySet());
        missing.removeAll(entries.keySet());
        List<String> unexpected = new ArrayList<>(entries.sequencedKeySet());
        unexpected.removeAll(expected.keySet());
        List<String> reshaped = new ArrayList<>();
        expected.forEach((name, shape) -> {
            if (entries.containsKey(name) && !Arrays.equals(shape, shape(name))) {
                reshaped.add(name + " is " + Arrays.toString(shape(name)) + ", expected " + Arrays.toString(shape));
            }
        });
        if (!missing.isEmpty() || !unexpected.isEmpty() || !reshaped.isEmpty()) {
            throw new IllegalArgumentException(
                    "loadStateDict: the state doesn't fit " + network + ": missing " + missing
                            + ", unexpected " + unexpected + ", other shapes " + reshaped + "; nothing was loaded");
        }
    }
}
