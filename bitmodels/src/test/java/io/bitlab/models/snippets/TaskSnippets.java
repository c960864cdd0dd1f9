package io.bitlab.models.snippets;

import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.loss.MeanSquaredError;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.models.train.EpochResult;
import io.bitlab.models.train.Task;
import io.bitlab.models.train.Trainer;
import java.util.List;

/** Snippets about training with one's own {@link Task}. */
final class TaskSnippets {

    private TaskSnippets() {}

    // @start region="task"
    record Regression(Layer model, Tensor x, Tensor y, Tensor testX, Tensor testY) implements Task {
        @Override
        public int samples() {
            return x.length(0);
        }

        @Override
        public Batch batch(int epoch, int... indices) {
            Tensor in = rows(x, indices); // in another thread, while the model trains
            Tensor out = rows(y, indices);
            return () -> Loss.of(new MeanSquaredError().forward(model.forward(in), out));
        }

        @Override
        public Validation validation() {
            return () -> Score.lowerIsBetter("mean squared error",
                    Autograd.noGrad(() -> new MeanSquaredError().forward(model.forward(testX), testY)).item());
        }

        private static Tensor rows(Tensor all, int... indices) {
            Tensor[] rows = new Tensor[indices.length];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = all.slice(0, indices[i], indices[i] + 1);
            }
            return Tensor.concat(0, rows);
        }
    }
    // @end

    static List<EpochResult> regression(Layer model, Tensor x, Tensor y, Tensor testX, Tensor testY) {
        // @start region="fitTask"
        List<EpochResult> history = Trainer.builder(model, new AdamW(model.parameters(), 1e-3f))
                .epochs(50).keepBest()
                .build()
                .fit(new Regression(model, x, y, testX, testY));
        System.out.println(history.getLast().validation().measures()); // {mean squared error=...}
        // @end
        return history;
    }
}
