package io.bitlab.models.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Linear;
import io.bitlab.layers.ReLU;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.StateDict;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.SGD;
import io.bitlab.models.io.safetensors.SafetensorsFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Averaged parameters, and buffers, in validation, in checkpoints and at the end of training. */
class WeightAverageTest {

    private static final Dataset TRAIN = TrainingCheckpointTest.TRAIN;
    private static final Dataset TEST = TrainingCheckpointTest.TEST;

    @TempDir
    private Path folder;

    /** Subtracts a running mean of its inputs. */
    static final class Centered extends Layer {
        private final Tensor mean = buffer("running_mean", Tensor.zeros(1));

        @Override
        public Tensor forward(Tensor x) {
            if (mode() == Mode.TRAIN) {
                mean.data()[0] += 0.1f * (x.mean().item() - mean.data()[0]);
            }
            return observed(x.sub(mean.detach()));
        }
    }

    private static Layer model() {
        return new Sequential(BitLinear.builder(6, 16).build(), new Centered(), new ReLU(),
                BitLinear.builder(16, 3).build()).initialize(4);
    }

    private static Trainer.Builder trainer(Layer model) {
        return Trainer.builder(model, new AdamW(model.parameters(), 0.02f)).epochs(4).batchSize(16).accumulate(2);
    }

    private static Map<String, float[]> state(Layer model) {
        Map<String, float[]> state = new LinkedHashMap<>();
        StateDict live = model.stateDict();
        live.names().forEach(name -> state.put(name, live.tensor(name).toArray()));
        return state;
    }

    private static void assertSameState(Map<String, float[]> expected, Map<String, float[]> actual) {
        assertEquals(expected.keySet(), actual.keySet());
        expected.forEach((name, values) -> assertArrayEquals(values, actual.get(name), name));
    }

    /** The formula with doubles, along the parameters that the steps pass through. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.5, 0.999})
    void followsTheFormula(double decay) {
        Layer model = new Linear(6, 3).initialize(1);
        double[] expected = new double[21];
        float[] start = TrainingCheckpointTest.weights(model);
        Arrays.setAll(expected, i -> start[i]);
        int[] t = new int[1];
        Trainer.builder(model, SGD.builder().parameters(model.parameters()).learningRate(0.5f).build()).epochs(2)
                .batchSize(20).ema(decay).listener(new TrainingListener() {
                    @Override
                    public void onStep(int epoch, int step, double loss, double accuracy) {
                        double d = Math.min(decay, (1.0 + t[0]) / (10.0 + t[0]));
                        float[] now = TrainingCheckpointTest.weights(model);
                        for (int i = 0; i < expected.length; i++) {
                            expected[i] = d * expected[i] + (1 - d) * now[i];
                        }
                        t[0]++;
                    }
                }).build().fit(TRAIN, null);
        assertEquals(20, t[0]);
        float[] averaged = TrainingCheckpointTest.weights(model);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], averaged[i], 1e-5);
        }
    }

    @Test
    void trainsAsWithoutAndHasBothStatesAtTheEnd() {
        Layer plain = model();
        List<EpochResult> without = trainer(plain).build().fit(TRAIN, TEST);
        WeightAverage average = WeightAverage.of(0.9);
        Layer model = model();
        List<EpochResult> with = trainer(model).ema(average).build().fit(TRAIN, TEST);
        assertEquals(without.stream().map(EpochResult::validation).toList(),
                with.stream().map(EpochResult::validation).toList());
        assertEquals(without.stream().map(EpochResult::loss).toList(), with.stream().map(EpochResult::loss).toList());
        assertTrue(without.stream().allMatch(result -> result.averaged().equals(Task.Score.NONE)));

        Map<String, float[]> averaged = state(model);
        assertEquals(with.getLast().averaged().value(), Evaluation.accuracy(model, TEST));
        assertSameState(state(plain), state(model().loadStateDict(average.rawState())));
        assertSameState(averaged, state(model().loadStateDict(average.averagedState())));
        assertFalse(Arrays.equals(averaged.get("0.weight"), state(plain).get("0.weight")));
        assertArrayEquals(state(plain).get("1.running_mean"), averaged.get("1.running_mean"), "the buffer is its own");

        Layer raw = model();
        trainer(raw).ema(WeightAverage.of(0.9).keepingRawAtEnd()).build().fit(TRAIN, TEST);
        assertSameState(state(plain), state(raw));
    }

    @ParameterizedTest
    @CsvSource({"1, 3, false", "2, 7, true", "4, 1, true"})
    void resumesToTheSameBits(int epoch, int step, boolean keepBest) {
        Layer straight = model();
        List<EpochResult> expected = builder(straight, keepBest).build().fit(TRAIN, TEST);
        Path file = folder.resolve("checkpoint");
        Layer stopped = model();
        builder(stopped, keepBest).checkpoints(file, 0).listener(TrainingCheckpointTest.interruptAt(epoch, step))
                .build().fit(TRAIN, TEST);
        assertTrue(Thread.interrupted());
        for (int run = 0; run < 2; run++) { // the second one begins with a training that has ended
            Layer resumed = model();
            List<EpochResult> actual = builder(resumed, keepBest).checkpoints(file, 0).build().fit(TRAIN, TEST);
            assertSameState(state(straight), state(resumed));
            assertEquals(expected.stream().map(EpochResult::averaged).toList(),
                    actual.stream().map(EpochResult::averaged).toList());
        }
    }

    private static Trainer.Builder builder(Layer model, boolean keepBest) {
        Trainer.Builder builder = trainer(model).ema(0.95);
        return keepBest ? builder.keepBest() : builder;
    }

    /** The best epoch by the averaged score, with the averaged parameters and the buffers of that epoch. */
    @Test
    void keepsTheBestAverageWithItsBuffers() {
        double[] scores = {0.1, 0.9, 0.2, 0.5, 0.3, 0.6, 0.4, 0.2}; // raw, averaged, raw, averaged, ...
        List<float[]> means = new ArrayList<>();
        int[] asked = new int[1];
        Layer model = model();
        float[][] validated = new float[scores.length][];
        Task task = new Task() {
            private final Task data =
                    new ClassificationTask(model, TRAIN, null, Objectives.crossEntropy(), null, null, 0);

            @Override
            public int samples() {
                return data.samples();
            }

            @Override
            public Batch batch(int epoch, int... indices) {
                return data.batch(epoch, indices);
            }

            @Override
            public Validation validation() {
                return () -> {
                    validated[asked[0]] = TrainingCheckpointTest.weights(model);
                    means.add(model.namedBuffers().get("1.running_mean").toArray());
                    return Score.higherIsBetter("fit", scores[asked[0]++]);
                };
            }
        };
        WeightAverage average = WeightAverage.of(0.9);
        List<EpochResult> results = trainer(model).ema(average).keepBest().build().fit(task);
        assertEquals(0.9, results.getFirst().averaged().value());
        assertArrayEquals(validated[1], TrainingCheckpointTest.weights(model));
        assertArrayEquals(means.get(1), model.namedBuffers().get("1.running_mean").toArray());
        assertNotEquals(means.get(1)[0], means.get(7)[0]);
        assertArrayEquals(validated[1],
                TrainingCheckpointTest.weights(model().loadStateDict(average.averagedState())));
        assertArrayEquals(validated[6], TrainingCheckpointTest.weights(model().loadStateDict(average.rawState())));
    }

    @Test
    void theFileIsAsBeforeWithoutAnAverage() throws IOException {
        Layer model = new Linear(6, 3).initialize(1);
        Path file = folder.resolve("plain");
        Trainer.builder(model, new AdamW(model.parameters(), 0.1f)).epochs(1).checkpoints(file, 0).build()
                .fit(TRAIN, TEST);
        try (SafetensorsFile written = SafetensorsFile.open(file)) {
            assertTrue(written.names().stream().noneMatch(name -> name.startsWith("average.")));
            String state = new String(written.bytes("state"), StandardCharsets.UTF_8);
            assertFalse(state.contains("averaged") || state.contains("scores"), state);
        }
    }

    @Test
    void aCheckpointWithAnotherAverageIsRefused() {
        Path file = folder.resolve("checkpoint");
        trainer(model()).epochs(1).ema(0.9).checkpoints(file, 0).build().fit(TRAIN, null);
        Layer model = model();
        Map<String, float[]> before = state(model);
        assertTrue(assertThrows(IllegalStateException.class,
                () -> trainer(model).epochs(1).checkpoints(file, 0).build().fit(TRAIN, null)).getMessage()
                .contains("decay of the averaged parameters was 0.9 and there is none now"));
        assertTrue(assertThrows(IllegalStateException.class,
                () -> trainer(model).epochs(1).ema(0.8).checkpoints(file, 0).build().fit(TRAIN, null)).getMessage()
                .contains("decay of the averaged parameters was 0.9 and is now 0.8"));
        assertSameState(before, state(model));
        trainer(model).epochs(2).resumeWithChanges().checkpoints(file, 0).build().fit(TRAIN, null);
        trainer(model).epochs(3).ema(0.8).resumeWithChanges().checkpoints(file, 0).build().fit(TRAIN, null);
    }

    /** Epochs of before the average have no score of it. */
    @Test
    void aTrainingThatIsResumedWithAnAverageDoesNotStopAtOnce() {
        Path file = folder.resolve("checkpoint");
        trainer(model()).epochs(3).checkpoints(file, 0).build().fit(TRAIN, TEST);
        assertTrue(trainer(model()).epochs(9).ema(0.8).earlyStopping(new EarlyStopping(3, 0)).resumeWithChanges()
                .checkpoints(file, 0).build().fit(TRAIN, TEST).size() > 3);
    }

    @Test
    void aStepThatFailsLeavesTheBuffers() {
        Layer model = model();
        Map<String, float[]> before = state(model);
        Trainer trainer = trainer(model).objective((logits, batch, labels) -> logits.mean().mul(Float.NaN)).build();
        assertThrows(ArithmeticException.class, () -> trainer.fit(TRAIN, null));
        assertSameState(before, state(model));
    }

    @Test
    void progressShowsBothScores() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        trainer(model()).epochs(1).ema(0.9)
                .listener(new ProgressReport("run", new PrintStream(printed, true, StandardCharsets.UTF_8), false))
                .build().fit(TRAIN, TEST);
        String line = printed.toString(StandardCharsets.UTF_8);
        assertTrue(line.matches("(?s).* {2}validation \\d+\\.\\d %, averaged \\d+\\.\\d % .*"), line);

        printed.reset();
        ProgressReport language = ProgressReport.languageModel("run",
                new PrintStream(printed, true, StandardCharsets.UTF_8), 1, false);
        language.onStart(1, 1);
        language.onEpoch(new EpochResult(1, 3, 0.1, Task.Score.ofTokens(0.1, 2), Task.Score.ofTokens(0.2, 1), 1));
        line = printed.toString(StandardCharsets.UTF_8);
        assertTrue(line.contains("validation loss 2.000  ppl 7.39  2.885 bpc  averaged loss 1.000  ppl 2.72  1.443"),
                line);
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThrows(IllegalArgumentException.class, () -> WeightAverage.of(1));
        assertThrows(IllegalArgumentException.class, () -> WeightAverage.of(Double.NaN));
        assertThrows(IllegalStateException.class, () -> WeightAverage.of(0.9).rawState());
        Trainer.Builder builder = trainer(model()).keepBest().ema(WeightAverage.of(0.9).keepingRawAtEnd());
        assertTrue(assertThrows(IllegalArgumentException.class, builder::build).getMessage()
                .contains("leave out keepingRawAtEnd or keepBest"));
    }
}
