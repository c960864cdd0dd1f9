package io.bitlab.layers.optim;

import io.bitlab.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** What an optimiser remembers from step to step: for each parameter the number of its steps and named arrays. */
final class OptimizerBuffers {

    private final List<Tensor> parameters;
    private final List<String> names;
    private final float[][][] buffers; // by parameter, by name; null until the parameter's first step
    private final long[] steps;

    OptimizerBuffers(List<Tensor> parameters, String... names) {
        this.parameters = parameters;
        this.names = List.of(names);
        this.buffers = new float[parameters.size()][][];
        this.steps = new long[parameters.size()];
    }

    /** Counts a step of a parameter, and returns its number, from 1. */
    long nextStep(int parameter) {
        return ++steps[parameter];
    }

    /** The live arrays of a parameter, in the order of their names; zeros before its first step. */
    float[][] of(int parameter) {
        if (buffers[parameter] == null) {
            buffers[parameter] = zeros(parameters.get(parameter).size());
        }
        return buffers[parameter];
    }

    /** Arrays for a parameter of any size. */
    float[][] zeros(int size) {
        return new float[names.size()][size];
    }

    /** A copy of everything. */
    OptimizerState state(String optimizer) {
        SequencedMap<String, float[]> copies = new LinkedHashMap<>();
        for (int name = 0; name < names.size(); name++) {
            for (int i = 0; i < buffers.length; i++) {
                if (buffers[i] != null) {
                    copies.put(key(name, i), buffers[i][name].clone());
                }
            }
        }
        return new OptimizerState(optimizer, steps, copies);
    }

    /** Copies a state, or throws and changes nothing. */
    void load(String optimizer, OptimizerState state) {
        List<String> mismatches = mismatches(optimizer, state);
        if (!mismatches.isEmpty()) {
            throw new IllegalArgumentException(optimizer + ".loadState: the state doesn't fit: "
                    + String.join("; ", mismatches) + "; nothing was loaded");
        }
        System.arraycopy(state.steps(), 0, steps, 0, steps.length);
        for (int i = 0; i < buffers.length; i++) {
            buffers[i] = steps[i] == 0 ? null : new float[names.size()][];
            for (int name = 0; steps[i] != 0 && name < names.size(); name++) {
                buffers[i][name] = state.buffers().get(key(name, i)).clone();
            }
        }
    }

    private List<String> mismatches(String optimizer, OptimizerState state) {
        if (!state.optimizer().equals(optimizer)) {
            return List.of("it belongs to " + state.optimizer());
        }
        long[] counts = state.steps();
        if (counts.length != parameters.size()) {
            return List.of("it has " + counts.length + " parameters, expected " + parameters.size());
        }
        List<String> mismatches = new ArrayList<>();
        int expected = 0;
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] < 0) {
                mismatches.add("parameter " + i + " has seen " + counts[i] + " steps");
            }
            for (int name = 0; counts[i] > 0 && name < names.size(); name++) {
                float[] values = state.buffers().get(key(name, i));
                int size = parameters.get(i).size();
                if (values == null || values.length != size) {
                    mismatches.add(key(name, i) + " has " + (values == null ? "no" : values.length)
                            + " values, expected " + size);
                }
                expected++;
            }
        }
        if (mismatches.isEmpty() && state.buffers().size() != expected) {
            mismatches.add("it has " + state.buffers().size() + " arrays, expected " + expected + " of " + names);
        }
        return mismatches;
    }

    private String key(int name, int parameter) {
        return names.get(name) + "." + parameter;
    }
}
