package io.bitlab.models.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Dropout;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import io.bitlab.layers.ReLU;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.loss.MeanSquaredError;
import io.bitlab.layers.optim.AdamW;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A training with a task of the application's own. */
class TaskTest {

    private static final int SAMPLES = 60;

    @TempDir
    private Path folder;

    static Layer model() {
        return new Sequential(BitLinear.builder(3, 16).build(), new ReLU(), new Dropout(0.1f),
                BitLinear.builder(16, 1).build()).initialize(5);
    }

    /** Regression of the product of two features, with noise that depends on the epoch. */
    static class Product implements Task {
        private static final float[] FEATURES = Tensor.randn(1, SAMPLES, 3).data();
        private final Layer model;
        private final boolean validates;
        final Map<String, Boolean> threads = new ConcurrentHashMap<>();

        Product(Layer model, boolean validates) {
            this.model = model;
            this.validates = validates;
        }

        @Override
        public int samples() {
            return SAMPLES;
        }

        @Override
        public Batch batch(int epoch, int... indices) {
            threads.put(Thread.currentThread().getName(), true);
            float[] x = new float[indices.length * 3];
            float[] y = new float[indices.length];
            CounterRandom random = new CounterRandom(9, epoch);
            for (int i = 0; i < indices.length; i++) {
                System.arraycopy(FEATURES, indices[i] * 3, x, i * 3, 3);
                y[i] = x[i * 3] * x[i * 3 + 1];
                random.seek(indices[i]);
                x[i * 3 + 2] += 0.1f * random.nextFloat();
            }
            return () -> Loss.of(new MeanSquaredError().forward(model.forward(Tensor.of(x, y.length, 3)),
                    Tensor.of(y, y.length, 1)));
        }

        @Override
        public Validation validation() {
            return validates ? () -> Score.lowerIsBetter("error", error()).and("samples", SAMPLES) : null;
        }

        private double error() {
            return Autograd.noGrad(() -> batch(0, IntStream.range(0, SAMPLES).toArray()).loss().mean()).item();
        }
    }

    private static Trainer.Builder trainer(Layer model) {
        return Trainer.builder(model, new AdamW(model.parameters(), 0.01f)).epochs(6).batchSize(8).accumulate(2);
    }

    /** Ends training as a killed process would: without a last checkpoint. */
    private static TrainingListener failAt(int epoch, int step) {
        return new TrainingListener() {
            @Override
            public void onStep(int nowEpoch, int nowStep, double loss, double accuracy) {
                if (nowEpoch == epoch && nowStep == step) {
                    throw new IllegalStateException("killed");
                }
            }
        };
    }

    @Test
    void learnsAndReportsItsMeasure() {
        Layer model = model();
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        Product task = new Product(model, true);
        List<EpochResult> results = trainer(model)
                .listener(new ProgressReport("own", new PrintStream(printed, true, StandardCharsets.UTF_8), false))
                .build().fit(task);
        EpochResult last = results.getLast();
        assertTrue(last.loss() < results.getFirst().loss());
        assertEquals(List.of("error", "samples"), List.copyOf(last.validation().measures().keySet()));
        assertEquals(-last.validation().number("error"), last.validation().value());
        assertTrue(Double.isNaN(last.accuracy()) && Double.isNaN(last.validationAccuracy()));
        String line = printed.toString(StandardCharsets.UTF_8).lines().findFirst().orElseThrow();
        assertTrue(line.matches("own +epoch 1/6 {2}loss \\d\\.\\d{3} {2}validation error \\d\\.\\d{3} .*"), line);
        assertTrue(task.threads.containsKey("bitlab-batches"), "prepared in another thread");
    }

    @ParameterizedTest
    @CsvSource({"1, 3", "2, 1", "3, 4", "6, 4"})
    void killedAndResumedItEndsWithTheSameBits(int epoch, int step) {
        Layer straight = model();
        List<EpochResult> expected = trainer(straight).keepBest().build().fit(new Product(straight, true));

        Path file = folder.resolve("checkpoint");
        Layer killed = model();
        assertThrows(IllegalStateException.class, () -> trainer(killed).keepBest().checkpoints(file, 2)
                .listener(failAt(epoch, step)).build().fit(new Product(killed, true)));
        Layer resumed = model();
        List<EpochResult> actual =
                trainer(resumed).keepBest().checkpoints(file, 2).build().fit(new Product(resumed, true));
        assertArrayEquals(TrainingCheckpointTest.weights(straight), TrainingCheckpointTest.weights(resumed));
        assertEquals(expected.stream().map(EpochResult::validation).toList(),
                actual.stream().map(EpochResult::validation).toList());
        assertEquals(expected.stream().map(EpochResult::loss).toList(),
                actual.stream().map(EpochResult::loss).toList());
    }

    /** Each batch reaches one of two layers, whose momentum moves the other one too. */
    private record Alternating(Layer first, Layer second) implements Task {

        @Override
        public int samples() {
            return 16;
        }

        @Override
        public Batch batch(int epoch, int... indices) {
            Layer reached = indices[0] % 2 == 0 ? first : second;
            return () -> Loss.of(reached.forward(Tensor.randn(indices[0], 4, 3)).mul(2f).mean());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 9})
    void parametersThatSomeStepsDoNotReachGoOnAfterAResumption(int step) {
        Path file = folder.resolve("checkpoint");
        List<Layer> models = new ArrayList<>();
        for (int run = 0; run < 3; run++) { // straight on, killed, resumed
            Layer model = new Sequential(new Linear(3, 4), new Linear(3, 4)).initialize(5);
            models.add(model);
            Trainer.Builder trainer = Trainer.builder(model, new AdamW(model.parameters(), 0.01f)).epochs(1)
                    .batchSize(1);
            Task task = new Alternating(model.layers().get("0"), model.layers().get("1"));
            if (run == 1) {
                trainer.checkpoints(file, 1).listener(failAt(1, step + 1));
                assertThrows(IllegalStateException.class, () -> trainer.build().fit(task));
            } else {
                (run == 0 ? trainer : trainer.checkpoints(file, 1)).build().fit(task);
            }
        }
        assertArrayEquals(TrainingCheckpointTest.weights(models.get(0)), TrainingCheckpointTest.weights(models.get(2)));
    }

    @Test
    void aListenerThatFailsAfterAnEpochDoesNotLoseIt() throws IOException {
        Layer model = model();
        Path file = folder.resolve("checkpoint");
        assertThrows(IllegalStateException.class, () -> trainer(model).checkpoints(file, 0)
                .listener(new TrainingListener() {
                    @Override
                    public void onEpoch(EpochResult result) {
                        throw new IllegalStateException("disk full");
                    }
                }).build().fit(new Product(model, false)));
        assertEquals(2, TrainingCheckpoint.read(file).progress().epoch());
    }

    private static Product withErrors(Layer model, double... errors) {
        int[] asked = new int[1];
        return new Product(model, true) {
            @Override
            public Validation validation() {
                return () -> Score.lowerIsBetter("error", errors[asked[0]++]);
            }
        };
    }

    /** A rise that is too small to go on for is still the best epoch. */
    @Test
    void keepsTheHighestScoreWhateverStopsTheTraining() {
        Layer model = model();
        float[][] atEpoch = new float[6][];
        List<EpochResult> results = trainer(model).keepBest().earlyStopping(new EarlyStopping(2, 1e-3))
                .listener(new TrainingListener() {
                    @Override
                    public void onEpoch(EpochResult result) {
                        atEpoch[result.epoch() - 1] = TrainingCheckpointTest.weights(model);
                    }
                }).build().fit(withErrors(model, 1, 0.9999, 0.99995, 0, 0, 0));
        assertEquals(3, results.size());
        assertArrayEquals(atEpoch[1], TrainingCheckpointTest.weights(model));
    }

    /** The weights of its best epoch were not kept, so the best is the best of those to come. */
    @Test
    void aTrainingThatIsResumedToKeepTheBestKeepsTheBestOfTheRest() {
        Path file = folder.resolve("checkpoint");
        Layer begun = model();
        trainer(begun).epochs(2).checkpoints(file, 0).build().fit(withErrors(begun, 1, 2));
        Layer model = model();
        float[][] atEpoch = new float[6][];
        trainer(model).epochs(4).keepBest().checkpoints(file, 0).resumeWithChanges().listener(new TrainingListener() {
            @Override
            public void onEpoch(EpochResult result) {
                atEpoch[result.epoch() - 1] = TrainingCheckpointTest.weights(model);
            }
        }).build().fit(withErrors(model, 5, 6));
        assertArrayEquals(atEpoch[2], TrainingCheckpointTest.weights(model));
    }

    @Test
    void keepsTheBestEpochAndStopsEarlyByTheValue() {
        double[] errors = {1000, 2000, 900, 950, 990, 999};
        Layer model = model();
        float[][] atEpoch = new float[6][];
        Product task = withErrors(model, errors);
        List<EpochResult> results = trainer(model).keepBest().earlyStopping(new EarlyStopping(2, 0))
                .listener(new TrainingListener() {
                    @Override
                    public void onEpoch(EpochResult result) {
                        atEpoch[result.epoch() - 1] = TrainingCheckpointTest.weights(model);
                    }
                }).build().fit(task);
        assertEquals(5, results.size());
        assertArrayEquals(atEpoch[2], TrainingCheckpointTest.weights(model), "an error may be far above 1");
    }

    @Test
    void anotherTaskIsRefused() {
        Path file = folder.resolve("checkpoint");
        Layer model = model();
        trainer(model).epochs(1).checkpoints(file, 0).build().fit(new Product(model, false));
        Layer other = model();
        String refused = assertThrows(IllegalStateException.class,
                () -> trainer(other).epochs(1).checkpoints(file, 0).build().fit(new Product(other, false) {
                    @Override
                    public Batch batch(int epoch, int... indices) {
                        Batch batch = super.batch(epoch, indices);
                        return () -> Loss.of(batch.loss().mean().mul(2f));
                    }
                })).getMessage();
        assertTrue(refused.contains("is of another training: the loss of the first samples was "), refused);
    }

    // ---------------------------------------------------------------- contract

    @Test
    void refusesATaskWithoutSamples() {
        Layer model = model();
        assertEquals("Trainer.fit: the task has 0 samples, expected at least 1",
                refusal(model, new Product(model, false) {
                    @Override
                    public int samples() {
                        return 0;
                    }
                }));
    }

    private static String refusal(Layer model, Task task) {
        float[] before = TrainingCheckpointTest.weights(model);
        String message = assertThrows(RuntimeException.class, () -> trainer(model).build().fit(task)).getMessage();
        assertArrayEquals(before, TrainingCheckpointTest.weights(model));
        return message;
    }

    private static Task withBatch(Layer model, Task.Batch batch) {
        return new Product(model, false) {
            @Override
            public Batch batch(int epoch, int... indices) {
                return batch;
            }
        };
    }

    @Test
    void refusesBatchesThatBreakTheContract() {
        Layer model = model();
        Tensor x = Tensor.randn(1, 4, 3);
        assertEquals("Trainer: the task has no batch for 8 samples of epoch 1: Task.batch returned null",
                refusal(model, withBatch(model, null)));
        assertEquals("Trainer: the loss of the task's batch is null", refusal(model, withBatch(model, () -> null)));
        assertEquals("Task.Loss: the mean has the shape [4, 1], expected a scalar; call mean() on it",
                refusal(model, withBatch(model, () -> Task.Loss.of(model.forward(x)))));
        assertEquals("Task.Loss: 5 of 4 targets are correct, expected 0 to the number of targets",
                refusal(model, withBatch(model, () -> new Task.Loss(model.forward(x).mean(), 5, 4))));
        assertTrue(refusal(model, withBatch(model, () -> Task.Loss.of(Tensor.scalar(1))))
                .startsWith("Trainer: the loss does not depend on a parameter that is trained"));
    }

    @Test
    void refusesALossOfAnotherModel() {
        Layer other = model();
        assertTrue(refusal(model(), new Product(other, false))
                .startsWith("Trainer: the loss does not depend on a parameter that is trained"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void refusesKeepBestAndEarlyStoppingWithoutValidation(boolean keepBest) {
        Layer model = model();
        Trainer.Builder builder = trainer(model);
        Trainer trainer = (keepBest ? builder.keepBest() : builder.earlyStopping(new EarlyStopping(1, 0))).build();
        assertTrue(assertThrows(IllegalArgumentException.class, () -> trainer.fit(new Product(model, false)))
                .getMessage().contains("goes by the validation data, and there is none"));
    }

    @Test
    void refusesSettingsForClassifiers() {
        Layer model = model();
        for (Trainer.Builder builder : List.of(trainer(model).objective(Objectives.crossEntropy()),
                trainer(model).augmentation(Augmentation.flip(1, 3)),
                trainer(model).batchAugmentation(BatchAugmentation.mixup(1)))) {
            assertTrue(assertThrows(IllegalArgumentException.class,
                    () -> builder.build().fit(new Product(model, false))).getMessage()
                    .endsWith("those are for classifiers; leave them out for a task of your own"));
        }
    }

    @Test
    void progressShowsTheFirstMeasureEvenIfThereIsAnAccuracy() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        ProgressReport report =
                new ProgressReport("own", new PrintStream(printed, true, StandardCharsets.UTF_8), false);
        report.onStart(2, 1);
        Task.Score score = Task.Score.lowerIsBetter("loss", 1234.56).and("accuracy", 0.5);
        report.onEpoch(new EpochResult(1, 2, Double.NaN, score, 1));
        report.onEpoch(new EpochResult(2, 2, 0.25, Task.Score.ofTokens(0.5, 1.5), 1));
        List<String> lines = printed.toString(StandardCharsets.UTF_8).lines().toList();
        assertTrue(lines.getFirst().contains("loss 2.000  validation loss 1235  "), lines.getFirst());
        assertTrue(lines.getLast().contains("loss 2.000  accuracy 25.0 %  validation 50.0 %  "), lines.getLast());
    }

    @ParameterizedTest
    @ValueSource(strings = {"model", "seed", "epochs", "steps an epoch"})
    void refusesFactsWithNamesOfTheTrainers(String name) {
        Layer model = model();
        SequencedMap<String, String> facts = new LinkedHashMap<>(Map.of(name, "mine"));
        Task task = new Product(model, false) {
            @Override
            public SequencedMap<String, String> facts() {
                return facts;
            }
        };
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> trainer(model).checkpoints(folder.resolve("c"), 0).build().fit(task)).getMessage()
                .startsWith("Trainer.fit: the task has a fact named '" + name + "'"));
    }

    @Test
    void scoresKeepTheOrderOfTheirMeasures() {
        Task.Score score = Task.Score.higherIsBetter("mAP", 0.5).and("loss", 2).and("accuracy", 0.7);
        assertEquals("mAP", score.measure());
        assertEquals(0.5, score.value());
        assertEquals(2, score.number("loss"));
        assertTrue(Double.isNaN(score.number("recall")));
        assertThrows(IllegalArgumentException.class, () -> score.and("loss", 1));
        assertFalse(score.measures().isEmpty());
        assertNotEquals(score, Task.Score.higherIsBetter("mAP", 0.5));
    }
}
