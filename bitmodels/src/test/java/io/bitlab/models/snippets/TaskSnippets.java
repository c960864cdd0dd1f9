package io.bitlab.models.snippets;

import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.StateDict;
import io.bitlab.layers.loss.MeanSquaredError;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.Optimizer;
import io.bitlab.models.train.BatchAugmentation;
import io.bitlab.models.train.EpochResult;
import io.bitlab.models.train.Objectives;
import io.bitlab.models.train.SampleSource;
import io.bitlab.models.train.Task;
import io.bitlab.models.train.Trainer;
import io.bitlab.models.train.WeightAverage;
import java.util.List;
import java.util.Objects;

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

    // @start region="sampleSource"
    /** Grey images of 8 x 8 pixels, computed when they are asked for: horizontal and vertical stripes. */
    record Stripes(int size) implements SampleSource {
        @Override
        public int[] sampleShape() {
            return new int[] {1, 8, 8};
        }

        @Override
        public int classes() {
            return 2;
        }

        @Override
        public int label(int index) {
            return Objects.checkIndex(index, size) % 2;
        }

        @Override
        public Tensor batch(int... indices) {
            float[] pixels = new float[indices.length * 64];
            for (int i = 0; i < pixels.length; i++) {
                int along = label(indices[i / 64]) == 0 ? i % 64 / 8 : i % 8;
                pixels[i] = along % 4 < 2 ? 1f : 0f;
            }
            return Tensor.of(pixels, indices.length, 1, 8, 8);
        }

        @Override
        public String checksum() {
            return "stripes " + size;
        }
    }
    // @end

    static Trainer.Builder mixup(Layer model, Optimizer optimizer) {
        // @start region="mixup"
        Trainer.Builder trainer = Trainer.builder(model, optimizer)
                .objective(Objectives.crossEntropy(0.1f))
                .batchAugmentation(BatchAugmentation.mixup(0.2).or(BatchAugmentation.cutmix(1)));
        // @end
        return trainer;
    }

    static StateDict ema(Layer model, Optimizer optimizer, SampleSource train, SampleSource test) {
        // @start region="ema"
        WeightAverage average = WeightAverage.of(0.999);
        List<EpochResult> history = Trainer.builder(model, optimizer)
                .epochs(20).ema(average)
                .build()
                .fit(train, test);
        System.out.println(history.getLast().averaged().measures()); // now the model has the averaged weights
        StateDict raw = average.rawState(); // those of the last step
        // @end
        return raw;
    }
}
