package io.bitlab.models.tabular;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.BitModel;
import io.bitlab.models.auto.SavedModel;
import io.bitlab.models.internal.InEvaluation;
import io.bitlab.models.internal.Quote;
import io.bitlab.models.internal.Uninterrupted;
import io.bitlab.models.io.ModelFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@link Classifier} and {@link Regressor} share: rows of a table to outputs of a model.
 *
 * @param owner the name of the class, for messages
 */
record TabularPredictor(BitTabular model, String owner) {

    /** Rows that are computed at a time. */
    private static final int BATCH = 256;

    TabularPredictor {
        InEvaluation.require(owner + ".of", model);
    }

    static BitTabular load(Path folder, String owner) throws IOException {
        BitModel model = Uninterrupted.call(() -> SavedModel.read(folder));
        if (model instanceof BitTabular tabular) {
            return tabular;
        }
        throw new ModelFormatException(folder.toString(), "holds a " + model.getClass().getName() + " (model_type '"
                + model.config().modelType() + "'), which knows no names of columns; expected a "
                + BitTabular.class.getName() + ", as " + owner + ".train makes it");
    }

    void save(Path folder) throws IOException {
        SavedModel.write(model, folder, model.mode());
    }

    TabularInput input() {
        return model.config().input();
    }

    float[] outputs(double... values) {
        List<FeatureColumn> columns = input().columns();
        if (values.length != columns.size()) {
            throw new IllegalArgumentException(operation() + ": " + values.length + " values, expected "
                    + columns.size() + ", one for each of " + Quote.names(input().names()));
        }
        Map<String, Object> row = new HashMap<>();
        for (int i = 0; i < values.length; i++) {
            if (!(columns.get(i) instanceof FeatureColumn.Numeric)) {
                throw new IllegalArgumentException(operation() + ": column " + Quote.value(columns.get(i).name())
                        + " holds categories and no numbers; give a map of value by name");
            }
            row.put(columns.get(i).name(), values[i]);
        }
        return outputs(List.of(row));
    }

    float[] outputs(List<? extends Map<String, ?>> rows) {
        int width = input().width();
        return outputs(rows.size(), (from, to) -> {
            float[] encoded = new float[Math.multiplyExact(to - from, width)];
            for (int i = from; i < to; i++) {
                input().encode(rows.size() == 1 ? operation() : operation() + ": row " + i, rows.get(i), encoded,
                        (i - from) * width);
            }
            return encoded;
        });
    }

    float[] outputs(TabularData data) {
        return outputs(data.size(), (from, to) -> input().encode(data, from, to));
    }

    /** Encodes rows from the first index to before the second. */
    private interface Encoding {
        float[] encode(int from, int to);
    }

    /** A few rows at a time: categories become many inputs. */
    private float[] outputs(int rows, Encoding encoding) {
        InEvaluation.require(operation(), model);
        float[] outputs = new float[Math.multiplyExact(rows, model.config().target().outputs())];
        Workspace workspace = new Workspace();
        for (int from = 0; from < rows; from += BATCH) {
            int to = Math.min(rows, from + BATCH);
            Tensor batch = Tensor.of(encoding.encode(from, to), to - from, input().width());
            float[] part = workspace.call(() -> Autograd.noGrad(() -> model.forward(batch)).toArray());
            System.arraycopy(part, 0, outputs, from * (part.length / (to - from)), part.length);
            workspace.reset();
        }
        return outputs;
    }

    private String operation() {
        return owner + ".predict";
    }
}
