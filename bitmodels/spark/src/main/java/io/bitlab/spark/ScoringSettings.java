package io.bitlab.spark;

import java.io.Serializable;

/** What a {@link TernaryScorer} was told. Travels to the executors; no record, which Kryo 4 can't read. Immutable. */
final class ScoringSettings implements Serializable {

    static final ScoringSettings DEFAULT = new ScoringSettings(null, "", 0, null);

    private static final long serialVersionUID = 1;

    private final String input;
    private final String prefix;
    private final int batchRows;
    private final GeneratorSettings generation;

    ScoringSettings(String input, String prefix, int batchRows, GeneratorSettings generation) {
        this.input = input;
        this.prefix = prefix;
        this.batchRows = batchRows;
        this.generation = generation;
    }

    /** The column of the texts or pictures; null for the default of the kind. */
    String input() {
        return input;
    }

    /** The column of the texts or pictures. */
    String inputOr(String usual) {
        return input == null ? usual : input;
    }

    /** Begins the names of the added columns. */
    String prefix() {
        return prefix;
    }

    /** Rows that are computed at a time; 0 for the default of the kind. */
    int batchRows() {
        return batchRows;
    }

    /** How to generate text; null for embeddings. */
    GeneratorSettings generation() {
        return generation;
    }
}
