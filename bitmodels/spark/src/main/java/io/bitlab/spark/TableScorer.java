package io.bitlab.spark;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.internal.ClassProbabilities;
import io.bitlab.models.tabular.BitTabular;
import io.bitlab.models.tabular.FeatureColumn;
import io.bitlab.models.tabular.TabularTarget;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;

/** Scores rows of a table: encoded one by one, so that a bad one is found, then computed together. */
final class TableScorer implements RowScorer<float[]> {

    private final BitTabular model;
    private final List<FeatureColumn> columns;
    private final int width;

    TableScorer(BitTabular model) {
        this.model = model;
        columns = model.config().input().columns();
        width = model.config().input().width();
    }

    @Override
    public List<String> inputs() {
        return model.config().input().names();
    }

    @Override
    public String refusal(String input, DataType type) {
        FeatureColumn column = columns.get(inputs().indexOf(input));
        if (column instanceof FeatureColumn.Numeric) {
            return type instanceof NumericType || type instanceof StringType ? null : "numbers, or texts of numbers";
        }
        return type instanceof StringType || type instanceof IntegerType || type instanceof LongType
                || type instanceof BooleanType ? null : "categories as string, int, bigint or boolean";
    }

    @Override
    public List<StructField> outputs() {
        return switch (model.config().target()) {
            case TabularTarget.Classes classes -> OutputColumns.classes(classes.classNames());
            case TabularTarget.Quantity _ -> List.of(OutputColumns.of("prediction", DataTypes.DoubleType));
        };
    }

    @Override
    public int batchRows() {
        return 512;
    }

    @Override
    public float[] prepare(Object... values) {
        float[] encoded = new float[width];
        int at = 0;
        for (int i = 0; i < values.length; i++) {
            FeatureColumn column = columns.get(i);
            try {
                column.encode(values[i], encoded, at);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("column '" + column.name() + "': " + e.getMessage(), e);
            }
            at += column.width();
        }
        return encoded;
    }

    @Override
    public List<Object[]> score(List<float[]> rows) {
        float[] batch = new float[rows.size() * width];
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(rows.get(i), 0, batch, i * width, width);
        }
        Tensor x = Tensor.of(batch, rows.size(), width);
        float[] outputs = new Workspace().call(() -> Autograd.noGrad(() -> model.forward(x)).toArray());
        int each = outputs.length / rows.size();
        List<Object[]> scored = new ArrayList<>(rows.size());
        for (int from = 0; from < outputs.length; from += each) {
            scored.add(meaning(Arrays.copyOfRange(outputs, from, from + each)));
        }
        return scored;
    }

    private Object[] meaning(float... outputs) {
        return switch (model.config().target()) {
            case TabularTarget.Classes classes -> OutputColumns.values(classes.classNames(),
                    ClassProbabilities.softmax("TernaryScorer", outputs));
            case TabularTarget.Quantity quantity -> {
                if (!Float.isFinite(outputs[0])) {
                    throw new IllegalStateException("TernaryScorer: the output " + outputs[0]
                            + " is not finite; check the weights and the training");
                }
                yield new Object[] {quantity.mean() + quantity.deviation() * outputs[0]};
            }
        };
    }
}
