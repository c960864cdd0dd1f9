package io.bitlab.spark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.JoinedRow;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.Function1;
import scala.Function2;

/**
 * The rows of a partition with the results of a model. Reads as many rows as are computed together, and no more:
 * partitions may be larger than the memory.
 */
final class ScoredRows implements Iterator<InternalRow> {

    private final Iterator<InternalRow> rows;
    private final BatchScoring<?> scoring;
    private final int batchRows;
    private final int[] inputs;
    private final List<Function2<SpecializedGetters, Object, Object>> readers;
    private final List<Function1<Object, Object>> toScala;
    private final List<Function1<Object, Object>> toCatalyst;
    private Iterator<InternalRow> scored = List.<InternalRow>of().iterator();

    /**
     * Scores rows when they are asked for.
     *
     * @param rows each of which may be the same object with other values
     * @param schema that of the rows
     * @param added the columns to add
     * @param batchRows how many rows are computed together; 0 for what suits the model
     * @param inputs where the columns of {@link RowScorer#inputs} are in a row
     */
    ScoredRows(Iterator<InternalRow> rows, StructType schema, StructType added, RowScorer<?> scorer, int batchRows,
            int... inputs) {
        this.rows = rows;
        this.scoring = new BatchScoring<>(scorer);
        this.batchRows = batchRows == 0 ? scorer.batchRows() : batchRows;
        this.inputs = inputs.clone();
        List<DataType> types = Arrays.stream(inputs).mapToObj(input -> schema.fields()[input].dataType()).toList();
        readers = types.stream().map(type -> InternalRow.getAccessor(type, true)).toList();
        toScala = types.stream().map(CatalystTypeConverters::createToScalaConverter).toList();
        toCatalyst = Arrays.stream(added.fields()).map(StructField::dataType)
                .map(CatalystTypeConverters::createToCatalystConverter).toList();
    }

    @Override
    public boolean hasNext() {
        return scored.hasNext() || rows.hasNext();
    }

    @Override
    public InternalRow next() {
        if (!scored.hasNext()) {
            List<InternalRow> batch = new ArrayList<>(batchRows);
            while (batch.size() < batchRows && rows.hasNext()) {
                batch.add(rows.next().copy());
            }
            scored = score(batch).iterator();
        }
        return scored.next();
    }

    private List<InternalRow> score(List<InternalRow> batch) {
        Object[][] results = scoring.score(batch.stream().map(this::values).toList());
        List<InternalRow> longer = new ArrayList<>(batch.size());
        for (int i = 0; i < results.length; i++) {
            longer.add(new JoinedRow(batch.get(i), added(results[i])));
        }
        return longer;
    }

    private Object[] values(InternalRow row) {
        Object[] values = new Object[inputs.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = toScala.get(i).apply(readers.get(i).apply(row, inputs[i]));
        }
        return values;
    }

    private InternalRow added(Object... result) {
        Object[] values = new Object[result.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = toCatalyst.get(i).apply(result[i]);
        }
        return new GenericInternalRow(values);
    }
}
