package io.bitlab.models.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer.Mode;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainerTest {

    private static final BitMlpConfig CONFIG =
            BitMlpConfig.builder().nLayers(2).inChannels(6).hiddenDim(24).outChannels(3).dropout(0.1f).build();

    /** Three classes; the class is the largest of the first three features. */
    private static Dataset samples(long seed, int count) {
        float[] features = Tensor.randn(seed, count, 6).data();
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            labels[i] = Tensor.of(Arrays.copyOfRange(features, i * 6, i * 6 + 3), 3).argmax()[0];
        }
        return Dataset.of(features, labels);
    }

    private static final Dataset TRAIN = samples(1, 300);
    private static final Dataset TEST = samples(2, 300);

    private static Trainer.Builder trainer(BitMlp model) {
        return Trainer.builder(model, new AdamW(model.parameters(), 0.01f));
    }

    private static float[] weights(BitMlp model) {
        return model.parameters().stream().map(Tensor::toArray).reduce(new float[0], (a, b) -> {
            float[] both = Arrays.copyOf(a, a.length + b.length);
            System.arraycopy(b, 0, both, a.length, b.length);
            return both;
        });
    }

    private static float[] trained(long modelSeed, long orderSeed) {
        BitMlp model = AutoBitModel.fromConfig(CONFIG, modelSeed);
        trainer(model).epochs(3).seed(orderSeed).build().fit(TRAIN, TEST);
        return weights(model);
    }

    @Test
    void learnsAndReportsEachEpoch() {
        BitMlp model = AutoBitModel.fromConfig(CONFIG, 1);
        List<EpochResult> results = trainer(model).epochs(12).build().fit(TRAIN, TEST);
        assertEquals(12, results.size());
        for (int i = 0; i < 12; i++) {
            EpochResult result = results.get(i);
            assertEquals(i + 1, result.epoch());
            assertTrue(result.loss() > 0 && result.seconds() > 0, result.toString());
            assertTrue(result.accuracy() > 0 && result.accuracy() <= 1, result.toString());
        }
        assertTrue(results.get(11).loss() < 0.5 * results.get(0).loss(), results.toString());
        assertTrue(results.get(11).validationAccuracy() > 0.85, results.toString());
        assertEquals(Mode.TRAIN, model.mode());
        model.eval();
        assertEquals(results.get(11).validationAccuracy(), Evaluation.accuracy(model, TEST));
    }

    @Test
    void theSameSeedsGiveTheSameModelToTheBit() {
        float[] first = trained(1, 5);
        assertArrayEquals(first, trained(1, 5));
        assertFalse(Arrays.equals(first, trained(1, 6)), "another order");
        assertFalse(Arrays.equals(first, trained(2, 5)), "other first weights");
    }

    @Test
    void tenThousandStepsInTheMemoryOfOne() {
        BitMlp model = AutoBitModel.fromConfig(CONFIG, 1);
        long[] used = new long[2];
        trainer(model).epochs(1000).batchSize(30).listener(new TrainingListener() {
            @Override
            public void onEpoch(EpochResult result) {
                if (result.epoch() == 100 || result.epoch() == 1000) {
                    System.gc();
                    used[result.epoch() / 1000] =
                            Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
                }
            }
        }).build().fit(TRAIN, null);
        // The results of 900 epochs take about 50 KB, what the JVM itself does in the meantime some more.
        assertTrue(used[1] - used[0] < 2_000_000, "grew from " + used[0] + " to " + used[1] + " bytes");
    }

    @Test
    void validationDoesNotChangeTheTraining() {
        BitMlp with = AutoBitModel.fromConfig(CONFIG, 1);
        BitMlp without = AutoBitModel.fromConfig(CONFIG, 1);
        trainer(with).epochs(2).build().fit(TRAIN, TEST);
        List<EpochResult> results = trainer(without).epochs(2).build().fit(TRAIN, null);
        assertArrayEquals(weights(with), weights(without));
        assertTrue(Double.isNaN(results.get(0).validationAccuracy()));
    }

    /** Records every call. */
    private static class Log implements TrainingListener {
        private final List<String> events = new ArrayList<>();

        @Override
        public void onStart(int epochs, int stepsPerEpoch) {
            events.add("start " + epochs + " x " + stepsPerEpoch);
        }

        @Override
        public void onStep(int epoch, int step, double loss, double accuracy) {
            events.add("step " + epoch + "." + step);
            assertTrue(loss > 0 && accuracy >= 0 && accuracy <= 1, loss + ", " + accuracy);
        }

        @Override
        public void onEpoch(EpochResult result) {
            events.add("epoch " + result.epoch());
        }

        @Override
        public void onEnd() {
            events.add("end");
        }
    }

    @Test
    void listenersAreToldInOrder() {
        BitMlp model = AutoBitModel.fromConfig(CONFIG, 1);
        Log log = new Log();
        List<String> second = new ArrayList<>();
        trainer(model).epochs(2).batchSize(128).listener(log).listener(new TrainingListener() {
            @Override
            public void onEpoch(EpochResult result) {
                assertEquals("epoch " + result.epoch(), log.events.getLast(), "the first one hears it first");
                second.add("epoch");
            }
        }).build().fit(TRAIN, null);
        assertEquals(List.of("start 2 x 3", "step 1.1", "step 1.2", "step 1.3", "epoch 1",
                "step 2.1", "step 2.2", "step 2.3", "epoch 2", "end"), log.events);
        assertEquals(2, second.size());
    }

    @Test
    void theScheduleSetsEachStepAndTheBaseRateComesBack() {
        BitMlp model = AutoBitModel.fromConfig(CONFIG, 1);
        AdamW optimizer = new AdamW(model.parameters(), 0.5f);
        List<Float> rates = new ArrayList<>();
        Schedule falling = (step, steps) -> 1f - step / (float) steps;
        Trainer.builder(model, optimizer).epochs(2).batchSize(150).schedule(falling).listener(new TrainingListener() {
            @Override
            public void onStep(int epoch, int step, double loss, double accuracy) {
                rates.add(optimizer.learningRate());
            }
        }).build().fit(TRAIN, null);
        assertEquals(List.of(0.5f, 0.375f, 0.25f, 0.125f), rates);
        assertEquals(0.5f, optimizer.learningRate());
    }

    @Test
    void everySampleIsUsedOnceAnEpoch() {
        // one wrong answer cannot hide: with a learning rate of 0 the accuracy is that of the whole set
        BitMlp model = AutoBitModel.fromConfig(BitMlpConfig.builder().inChannels(6).outChannels(3).build(), 1);
        AdamW still = new AdamW(model.parameters(), 0f);
        float[] before = weights(model);
        EpochResult result = Trainer.builder(model, still).epochs(1).batchSize(7).build().fit(TRAIN, null).get(0);
        assertArrayEquals(before, weights(model));
        assertEquals(Evaluation.accuracy(model, TRAIN), result.accuracy());
    }

    @Test
    void aLossThatIsNoNumberEndsTrainingBeforeItsStep() {
        BitMlp model = AutoBitModel.fromConfig(CONFIG.floatTwin(), 1);
        AdamW optimizer = new AdamW(model.parameters(), 0.1f);
        float[][] before = new float[1][];
        Log log = new Log() {
            @Override
            public void onStep(int epoch, int step, double loss, double accuracy) {
                super.onStep(epoch, step, loss, accuracy);
                before[0] = weights(model);
            }
        };
        Dataset bad = Dataset.of(new float[] {1, 2, 3, 4, 5, 6, Float.NaN, 0, 0, 0, 0, 0}, new int[] {0, 1});
        Trainer trainer = Trainer.builder(model, optimizer).batchSize(1).seed(3).listener(log).build();
        Exception e = assertThrows(ArithmeticException.class, () -> trainer.fit(bad, null));
        assertTrue(
                e.getMessage().matches("Trainer: the loss is NaN in epoch 1, step [12]; the batch itself holds NaN or "
                        + "infinity\\. Try a smaller learning rate or clipNorm, and look for NaN in the data"),
                e.getMessage());
        assertEquals("end", log.events.getLast());
        assertEquals(0.1f, optimizer.learningRate());
        assertArrayEquals(before[0] == null ? weights(AutoBitModel.fromConfig(CONFIG.floatTwin(), 1)) : before[0],
                weights(model));
    }

    @Test
    void nanForATernaryLayerNamesTheLayer() {
        BitMlp model = AutoBitModel.fromConfig(CONFIG, 1);
        Dataset bad = Dataset.of(new float[] {Float.NaN, 0, 0, 0, 0, 0}, new int[] {0});
        Exception e = assertThrows(IllegalArgumentException.class, () -> trainer(model).build().fit(bad, null));
        assertTrue(e.getMessage().startsWith("BitLinear(6 -> 24) 'linear0': the input in row 0, column 0 is NaN"),
                e.getMessage());
    }

    @Test
    void interruptingEndsTrainingAfterTheStep() {
        BitMlp model = AutoBitModel.fromConfig(CONFIG, 1);
        Log log = new Log() {
            @Override
            public void onStep(int epoch, int step, double loss, double accuracy) {
                super.onStep(epoch, step, loss, accuracy);
                if (epoch == 2 && step == 2) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        List<EpochResult> results = trainer(model).epochs(9).batchSize(100).listener(log).build().fit(TRAIN, TEST);
        assertTrue(Thread.interrupted(), "the status stays set");
        assertEquals(2, results.size());
        assertTrue(results.get(1).loss() > 0);
        assertEquals(List.of("start 9 x 3", "step 1.1", "step 1.2", "step 1.3", "epoch 1", "step 2.1", "step 2.2",
                "epoch 2", "end"), log.events);
        assertEquals(Mode.TRAIN, model.mode());
    }

    @Test
    void anInterruptedThreadDoesNotBegin() {
        BitMlp model = AutoBitModel.fromConfig(CONFIG, 1);
        Thread.currentThread().interrupt();
        List<EpochResult> results = trainer(model).build().fit(TRAIN, null);
        assertTrue(Thread.interrupted());
        assertEquals(List.of(), results);
    }

    @Test
    void memoryDoesNotGrow() {
        BitMlp model = AutoBitModel.fromConfig(CONFIG.floatTwin(), 1);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        List<Long> allocated = new ArrayList<>();
        List<Long> used = new ArrayList<>();
        trainer(model).epochs(60).listener(new TrainingListener() {
            @Override
            public void onEpoch(EpochResult result) {
                allocated.add(threads.getCurrentThreadAllocatedBytes());
                if (result.epoch() % 20 == 0) {
                    System.gc();
                    used.add(Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
                }
            }
        }).build().fit(TRAIN, null);
        long early = allocated.get(12) - allocated.get(10);
        long late = allocated.get(58) - allocated.get(56);
        assertTrue(late <= 1.1 * early, "two epochs allocate " + early + " bytes at first and " + late + " later");
        assertTrue(used.get(2) - used.get(1) < 1 << 20, "in use after 20, 40 and 60 epochs: " + used + " bytes");
    }

    @Test
    void refusesSettingsThatMakeNoSense() {
        BitMlp model = AutoBitModel.fromConfig(CONFIG, 1);
        Trainer.Builder builder = trainer(model);
        assertEquals("Trainer: epochs is 0, expected at least 1",
                assertThrows(IllegalArgumentException.class, () -> builder.epochs(0)).getMessage());
        assertEquals("Trainer: batchSize is -1, expected at least 1",
                assertThrows(IllegalArgumentException.class, () -> builder.batchSize(-1)).getMessage());
        Trainer trainer = builder.build();
        model.deploy();
        Exception e = assertThrows(IllegalStateException.class, () -> trainer.fit(TRAIN, null));
        assertTrue(e.getMessage().startsWith("train(): BitMlp(6 -> 3, 2 layers) was deployed"), e.getMessage());
    }
}
