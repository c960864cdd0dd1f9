package io.bitlab.layers.optim;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * What an optimiser remembers from step to step, apart from its settings: with this, the parameters and the same
 * settings, a new optimiser goes on to the same bits. It is a map of float arrays and step counts, for any file format.
 *
 * @param optimizer which kind it belongs to, such as {@code AdamW}
 * @param steps how many steps each parameter has seen, in the order of {@link Optimizer#parameters()}
 * @param buffers by name and the parameter's position, such as {@code mean.0}; nothing for a parameter without steps
 */
public record OptimizerState(String optimizer, long[] steps, SequencedMap<String, float[]> buffers) {

    /** Copies the counts and the map, but not the arrays in it, which are large. */
    public OptimizerState {
        steps = steps.clone();
        buffers = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(buffers));
    }

    /**
     * How many steps each parameter has seen.
     *
     * @return a copy
     */
    @Override
    public long[] steps() {
        return steps.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OptimizerState state
                && optimizer.equals(state.optimizer)
                && Arrays.equals(steps, state.steps)
                && buffers.keySet().equals(state.buffers.keySet())
                && buffers.keySet().stream().allMatch(key -> Arrays.equals(buffers.get(key), state.buffers.get(key)));
    }

    @Override
    public int hashCode() {
        return 31 * optimizer.hashCode() + Arrays.hashCode(steps);
    }

    @Override
    public String toString() {
        long last = Arrays.stream(steps).max().orElse(0);
        return optimizer + " state after " + last + " steps of " + steps.length + " parameters";
    }
}
