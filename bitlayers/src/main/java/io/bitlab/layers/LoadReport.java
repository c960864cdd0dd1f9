package io.bitlab.layers;

import java.util.List;

/**
 * Which entries of a state a network loaded, and which not. Returned by {@link Layer#loadMatching}.
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="loadMatching"}
 *
 * @param loaded names that the network loaded
 * @param missing names that the network has and the state lacks
 * @param unexpected names that the state has and the network lacks
 * @param mismatched names that both have, in different shapes, followed by both shapes
 */
public record LoadReport(List<String> loaded, List<String> missing, List<String> unexpected, List<String> mismatched) {

    /** Copies the lists. */
    public LoadReport {
        loaded = List.copyOf(loaded);
        missing = List.copyOf(missing);
        unexpected = List.copyOf(unexpected);
        mismatched = List.copyOf(mismatched);
    }

    /**
     * Whether state and network fit exactly.
     *
     * @return true if nothing is missing, unexpected or mismatched
     */
    public boolean isComplete() {
        return missing.isEmpty() && unexpected.isEmpty() && mismatched.isEmpty();
    }

    @Override
    public String toString() {
        return loaded.size() + " fit, missing " + missing + ", unexpected " + unexpected + ", other shapes "
                + mismatched;
    }
}
