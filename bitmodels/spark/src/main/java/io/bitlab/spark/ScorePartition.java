package io.bitlab.spark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/** Adds the results of a model to the rows of a partition. Travels to the executors. */
final class ScorePartition implements MapPartitionsFunction<Row, Row> {

    private static final long serialVersionUID = 1;

    private final Broadcast<SharedModel> model;
    private final ScoringSettings settings;
    private final int[] inputs;

    /** @param inputs where the columns of {@link RowScorer#inputs} are in a row */
    ScorePartition(Broadcast<SharedModel> model, ScoringSettings settings, int... inputs) {
        this.model = model;
        this.settings = settings;
        this.inputs = inputs.clone();
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        return new ScoredRows<>(rows, RowScorer.of(model.value().loaded(), settings));
    }

    /** Reads as many rows as are computed together, and no more: partitions may be larger than the memory. */
    private final class ScoredRows<P> implements Iterator<Row> {
        private final Iterator<Row> rows;
        private final BatchScoring<P> scoring;
        private final int batchRows;
        private Iterator<Row> scored = List.<Row>of().iterator();

        ScoredRows(Iterator<Row> rows, RowScorer<P> scorer) {
            this.rows = rows;
            this.scoring = new BatchScoring<>(scorer);
            this.batchRows = settings.batchRows() == 0 ? scorer.batchRows() : settings.batchRows();
        }

        @Override
        public boolean hasNext() {
            return scored.hasNext() || rows.hasNext();
        }

        @Override
        public Row next() {
            if (!scored.hasNext()) {
                List<Row> batch = new ArrayList<>(batchRows);
                while (batch.size() < batchRows && rows.hasNext()) {
                    batch.add(rows.next());
                }
                scored = score(batch).iterator();
            }
            return scored.next();
        }

        private List<Row> score(List<Row> batch) {
            Object[][] results = scoring.score(batch.stream().map(ScorePartition.this::values).toList());
            List<Row> longer = new ArrayList<>(batch.size());
            for (int i = 0; i < results.length; i++) {
                Row row = batch.get(i);
                Object[] values = new Object[row.size() + results[i].length];
                Arrays.setAll(values, at -> at < row.size() ? row.get(at) : null);
                System.arraycopy(results[i], 0, values, row.size(), results[i].length);
                longer.add(RowFactory.create(values));
            }
            return longer;
        }
    }

    private Object[] values(Row row) {
        Object[] values = new Object[inputs.length];
        Arrays.setAll(values, i -> row.get(inputs[i]));
        return values;
    }
}
