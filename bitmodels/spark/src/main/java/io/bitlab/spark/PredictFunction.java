package io.bitlab.spark;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import scala.runtime.AbstractFunction1;

/** Scores a row of features. Travels to the executors. */
final class PredictFunction extends AbstractFunction1<Row, Row> implements Serializable {

    private static final long serialVersionUID = 1;

    private final Broadcast<SharedModel> model;
    private final ScoringSettings settings;
    private transient volatile BatchScoring<?> scoring; // immutable: if two threads make it, either will do

    PredictFunction(Broadcast<SharedModel> model, ScoringSettings settings) {
        this.model = model;
        this.settings = settings;
    }

    @Override
    public Row apply(Row features) {
        if (scoring == null) {
            scoring = new BatchScoring<>(RowScorer.of(model.value().loaded(), settings));
        }
        Object[] values = new Object[features.size()];
        Arrays.setAll(values, features::get);
        return RowFactory.create(scoring.score(List.<Object[]>of(values))[0]);
    }
}
