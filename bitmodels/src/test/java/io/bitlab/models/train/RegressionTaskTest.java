package io.bitlab.models.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Layer;
import io.bitlab.layers.ReLU;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.StateDict;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.Schedule;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.apache.commons.math3.stat.regression.SimpleRegression;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Training of models that predict a number. */
class RegressionTaskTest {

    @TempDir
    private Path folder;

    private static Layer model() {
        return new Sequential(BitLinear.builder(2, 32).build(), new ReLU(), BitLinear.builder(32, 32).build(),
                new ReLU(), BitLinear.builder(32, 1).build()).initialize(5);
    }

    /** {@code 1000 + 50·(x·y + x)}, of x and y in [-1, 1]. */
    private static RegressionDataset data(int samples, long seed) {
        float[] features = new float[2 * samples];
        double[] targets = new double[samples];
        Random random = new Random(seed);
        for (int i = 0; i < samples; i++) {
            features[2 * i] = 2 * random.nextFloat() - 1;
            features[2 * i + 1] = 2 * random.nextFloat() - 1;
            targets[i] = 1000 + 50.0 * (features[2 * i] * features[2 * i + 1] + features[2 * i]);
        }
        return RegressionDataset.of(features, targets);
    }

    private static RegressionTask task(Layer model) {
        return RegressionTask.builder(model, data(160, 1)).validation(data(100, 2)).scale(1000, 33).build();
    }

    private static Trainer.Builder trainer(Layer model) {
        return Trainer.builder(model, new AdamW(model.parameters(), 1e-2f)).epochs(20).batchSize(20)
                .schedule(Schedule.cosine());
    }

    @Test
    void aKnownFunctionIsLearnedAndTheErrorIsInItsUnit() {
        Layer model = model();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<EpochResult> epochs = trainer(model).keepBest()
                .listener(new ProgressReport("sums", new PrintStream(out, true, StandardCharsets.UTF_8), false)).build()
                .fit(task(model));
        model.eval();
        double[] found = task(model).predictions(data(100, 2));
        double[] truth = data(100, 2).targets();
        RegressionErrors errors = RegressionErrors.of(found, truth);
        assertTrue(errors.rootMeanSquare() < 8, errors::toString); // of a deviation of 33
        assertEquals(epochs.stream().mapToDouble(epoch -> epoch.validation().number("RMSE")).min().orElseThrow(),
                errors.rootMeanSquare());
        assertTrue(Double.isNaN(epochs.getLast().accuracy()));
        String report = out.toString(StandardCharsets.UTF_8);
        assertTrue(report.contains("validation RMSE ") && !report.contains("accuracy"), report);
    }

    /** Ends training as a killed process would: without a last checkpoint. */
    private static final class Killed implements TrainingListener {
        @Override
        public void onStep(int epoch, int step, double loss, double accuracy) {
            if (epoch == 7 && step == 6) {
                throw new IllegalStateException("killed");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4})
    void aKilledTrainingGoesOnToTheSameBits(int everySteps) {
        Layer whole = model();
        trainer(whole).keepBest().build().fit(task(whole));
        Path file = folder.resolve("checkpoint" + everySteps);
        Layer killed = model();
        assertThrows(IllegalStateException.class, () -> trainer(killed).keepBest().checkpoints(file, everySteps)
                .listener(new Killed()).build().fit(task(killed)));
        Layer resumed = model();
        trainer(resumed).keepBest().checkpoints(file, everySteps).build().fit(task(resumed));
        StateDict expected = whole.stateDict();
        assertEquals(expected.names(), resumed.stateDict().names());
        for (String name : expected.names()) {
            assertArrayEquals(expected.tensor(name).data(), resumed.stateDict().tensor(name).data(), name);
        }
    }

    @Test
    void aCheckpointOfOtherDataOrAnotherLossIsRefused() {
        Path file = folder.resolve("other");
        Layer model = model();
        trainer(model).epochs(1).checkpoints(file, 0).build().fit(task(model));
        Layer other = model();
        for (RegressionTask task : List.of(
                RegressionTask.builder(other, data(160, 9)).validation(data(100, 2)).scale(1000, 33).build(),
                RegressionTask.builder(other, data(160, 1)).validation(data(100, 9)).scale(1000, 33).build(),
                RegressionTask.builder(other, data(160, 1)).validation(data(100, 2)).scale(1000, 34).build(),
                RegressionTask.builder(other, data(160, 1)).validation(data(100, 2)).scale(1000, 33).huber(1f)
                        .build())) {
            assertThrows(IllegalStateException.class,
                    () -> trainer(other).epochs(1).checkpoints(file, 0).build().fit(task));
        }
    }

    /** The reference: PyTorch's {@code HuberLoss(delta=1.5)} is x²/2 up to delta, then delta·(|x| - delta/2). */
    @Test
    void lossesAreThoseOfTheirFormulas() {
        float[] features = {3, -1, 0.5f, -4};
        double[] targets = {1, 1, 1, 1};
        Layer identity = new Layer() {
            @Override
            public Tensor forward(Tensor x) {
                return x.mul(2f);
            }
        };
        RegressionDataset data = RegressionDataset.of(features, targets);
        float square = RegressionTask.builder(identity, data).build().batch(1, 0, 1, 2, 3).loss().mean().item();
        assertEquals((25 + 9 + 0 + 81) / 4.0, square, 1e-6);
        float huber = RegressionTask.builder(identity, data).huber(1.5f).build().batch(1, 0, 1, 2, 3).loss().mean()
                .item();
        assertEquals(1.5 * (5 + 3 + 9 - 3 * 0.75) / 4, huber, 1e-5);
        float scaled = RegressionTask.builder(identity, data).scale(-1, 4).build().batch(1, 0).loss().mean().item();
        assertEquals(5.5 * 5.5, scaled, 1e-6);
        assertArrayEquals(new double[] {23, -9, 3, -33},
                RegressionTask.builder(identity, data).scale(-1, 4).build().predictions(data));
    }

    @Test
    void errorsAreThoseOfCommonsMath() {
        double[] x = {1, 2, 3, 4, 7};
        double[] y = {2.1, 3.9, 6.2, 7.7, 14.4};
        SimpleRegression line = new SimpleRegression();
        double[] fitted = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            line.addData(x[i], y[i]);
        }
        double absolutes = 0;
        for (int i = 0; i < x.length; i++) {
            fitted[i] = line.predict(x[i]);
            absolutes += Math.abs(fitted[i] - y[i]);
        }
        RegressionErrors errors = RegressionErrors.of(fitted, y);
        assertEquals(line.getRSquare(), errors.r2(), 1e-12);
        assertEquals(Math.sqrt(line.getSumSquaredErrors() / x.length), errors.rootMeanSquare(), 1e-12);
        assertEquals(absolutes / x.length, errors.meanAbsolute());
        assertTrue(Double.isNaN(RegressionErrors.of(new double[] {1, 2}, new double[] {3, 3}).r2()));
        assertThrows(IllegalArgumentException.class, () -> RegressionErrors.of(x, new double[0]));
    }

    @Test
    void badDataAndSettingsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> RegressionDataset.of(new float[3], new double[2]));
        assertThrows(IllegalArgumentException.class, () -> RegressionDataset.of(new float[0], new double[0]));
        assertEquals("RegressionDataset: feature 1 of sample 1 is NaN, expected a finite number",
                assertThrows(IllegalArgumentException.class,
                        () -> RegressionDataset.of(new float[] {0, 0, 0, Float.NaN}, new double[2])).getMessage());
        assertThrows(IllegalArgumentException.class,
                () -> RegressionDataset.of(new float[2], new double[] {0, Double.POSITIVE_INFINITY}));
        RegressionDataset data = data(10, 1);
        assertThrows(IndexOutOfBoundsException.class, () -> data.batch(10));
        assertThrows(IndexOutOfBoundsException.class, () -> data.target(-1));
        RegressionTask.Builder builder = RegressionTask.builder(model(), data);
        assertThrows(IllegalArgumentException.class, () -> builder.scale(0, 0));
        assertThrows(IllegalArgumentException.class, () -> builder.scale(Double.NaN, 1));
        assertThrows(IllegalArgumentException.class, () -> builder.huber(0));
        assertThrows(IllegalArgumentException.class,
                () -> RegressionTask.builder(model(), data)
                        .validation(RegressionDataset.of(new float[3], new double[1]))
                        .build());
        Layer wide = BitLinear.builder(2, 3).build();
        wide.initialize(1);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> RegressionTask.builder(wide, data).build()
                .batch(1, 0, 1).loss()).getMessage().endsWith("with the shape [2, 3], expected [2, 1]: one number for "
                        + "each sample"));
    }
}
