package io.bitlab.layers;

import java.util.List;

/**
 * How a state met a network.
 *
 * @param loaded names that the network took over
 * @param missing names that the network has and the state lacks
 * @param unexpected names that the state has and the network lacks
 * @param reshaped names that both have, in different shapes; with both shapes
 */
public record LoadReport(List<String> loaded, List<String> missing, List<String> unexpected, List<String> reshaped) {

    /** Copies the lists. */
    public LoadReport {
        loaded = List.copyOf(loaded);
        missing = List.copyOf(missing);
        unexpected = List.copyOf(unexpected);
        reshaped = List.copyOf(reshaped);
    }

    /**
     * Whether state and network fit exactly.
     *
     * @return true if nothing is missing, unexpected or of another shape
     */
    public boolean isComplete() {
        return missing.isEmpty() && unexpected.isEmpty() && reshaped.isEmpty();
    }

    @Override
    public String toString() {
        return loaded.size() + " fit, missing " + missing + ", unexpected " + unexpected + ", other shapes " + reshaped;
    }
}
