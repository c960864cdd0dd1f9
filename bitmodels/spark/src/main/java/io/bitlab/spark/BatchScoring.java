package io.bitlab.spark;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Scores batches in which rows may be bad: those get an error, and all others what they would get alone.
 *
 * @param <P> a row as the model sees it
 */
final class BatchScoring<P> {

    /** The name of the last added column. */
    static final String ERROR = "error";

    private final RowScorer<P> scorer;
    private final int outputs;

    BatchScoring(RowScorer<P> scorer) {
        this.scorer = scorer;
        this.outputs = scorer.outputs().size();
    }

    /**
     * Scores rows.
     *
     * @param rows the inputs of each
     * @return for each row the values of the added columns, {@link #ERROR} being the last
     */
    Object[][] score(List<Object[]> rows) {
        Object[][] results = new Object[rows.size()][];
        List<P> prepared = new ArrayList<>(rows.size());
        int[] indices = new int[rows.size()];
        for (int i = 0; i < results.length; i++) {
            try {
                P row = scorer.prepare(rows.get(i));
                if (row == null) {
                    results[i] = new Object[outputs + 1];
                } else {
                    indices[prepared.size()] = i;
                    prepared.add(row);
                }
            } catch (IOException | RuntimeException e) {
                results[i] = failed(e);
            }
        }
        List<Object[]> scored = scorePrepared(prepared);
        for (int i = 0; i < prepared.size(); i++) {
            results[indices[i]] = scored.get(i);
        }
        return results;
    }

    private List<Object[]> scorePrepared(List<P> rows) {
        if (rows.isEmpty()) {
            return List.of();
        }
        try {
            return scorer.score(rows).stream().map(values -> Arrays.copyOf(values, outputs + 1)).toList();
        } catch (RuntimeException e) {
            return rows.size() == 1 ? List.<Object[]>of(failed(e))
                    : rows.stream().map(row -> scorePrepared(List.of(row)).getFirst()).toList();
        }
    }

    private Object[] failed(Exception e) {
        Object[] values = new Object[outputs + 1];
        values[outputs] = e.getMessage() == null ? e.toString() : e.getMessage();
        return values;
    }
}
