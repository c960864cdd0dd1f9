package io.bitlab.layers.optim;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * What an optimiser remembers from step to step: step counts and float arrays, without settings. A new optimiser with
 * the same settings, the same parameters and this state continues with the same bits.
 *
 * {@snippet class="io.bitlab.layers.snippets.OptimSnippets" region="state"}
 *
 * @param optimizer class name of the optimiser, such as {@code AdamW}
 * @param steps number of steps of each parameter, in the order of {@link Optimizer#parameters()}
 * @param buffers array by buffer name and index of the parameter, such as {@code mean.0}; none for a parameter without
 *     steps
 */
public record OptimizerState(String optimizer, long[] steps, SequencedMap<String, float[]> buffers) {

    /** Copies the counts and the map, but not the arrays in the map, which are large. */
    public OptimizerState {
        steps = steps.clone();
        buffers = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(buffers));
    }

    /**
     * The number of steps of each parameter.
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
