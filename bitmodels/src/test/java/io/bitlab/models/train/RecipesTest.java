package io.bitlab.models.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Linear;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.Optimizer;
import io.bitlab.layers.optim.SGD;
import io.bitlab.layers.optim.Schedule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The formulas of objectives and augmentations, and the trainer's recipes. */
class RecipesTest {

    private static final Dataset DATA =
            Dataset.of(new float[] {1, 2, 3, 4, -1, 0, 2, 2, 0, 1, -3, 1}, new int[] {0, 1, 0, 1, 2, 2});

    @Test
    void distillationIsTheWeightedSumOfBothLosses() {
        Linear teacher = new Linear(2, 2);
        System.arraycopy(new float[] {1, 0, 0, 1}, 0, teacher.weight().data(), 0, 4);
        Arrays.fill(teacher.namedParameters().get("bias").data(), 0f);
        Tensor batch = Tensor.of(new float[] {2, 0}, 1, 2);
        Tensor logits = Tensor.of(new float[] {0, 0}, 1, 2);
        double p = 1 / (1 + Math.exp(-1)); // the teacher's answers are softmax([2, 0] / 2)
        double soft = 4 * (p * Math.log(p / 0.5) + (1 - p) * Math.log((1 - p) / 0.5));
        double expected = 0.7 * soft + 0.3 * Math.log(2);
        assertEquals(expected, Objectives.distillation(teacher, 2f, 0.3f).loss(logits, batch, new int[] {1}).item(),
                1e-6);
        assertEquals("distillation: hard share 1.5 is not in [0, 1]", assertThrows(IllegalArgumentException.class,
                () -> Objectives.distillation(teacher, 2f, 1.5f)).getMessage());
    }

    @Test
    void smoothedLabels() {
        Tensor logits = Tensor.of(new float[] {0, 0, (float) Math.log(2)}, 1, 3); // softmax: 1/4, 1/4, 1/2
        Tensor batch = Tensor.zeros(1, 1);
        double hard = Objectives.crossEntropy().loss(logits, batch, new int[] {2}).item();
        assertEquals(Math.log(2), hard, 1e-6);
        double expected = 0.9 * Math.log(2) + 0.1 / 3 * (Math.log(4) + Math.log(4) + Math.log(2));
        assertEquals(expected, Objectives.crossEntropy(0.1f).loss(logits, batch, new int[] {2}).item(), 1e-6);
    }

    @Test
    void quantStrengthRises() {
        Schedule line = Schedule.rise(0.5);
        assertEquals(0f, line.factor(0, 100));
        assertEquals(0.5f, line.factor(25, 100));
        assertEquals(1f, line.factor(50, 100));
        assertEquals(1f, line.factor(99, 100));
        Schedule curve = Schedule.exponentialRise(0.5, 2);
        assertEquals(0f, curve.factor(0, 100));
        assertEquals((1 - Math.exp(-1)) / (1 - Math.exp(-2)), curve.factor(25, 100), 1e-7);
        assertEquals(1f, curve.factor(70, 100));
        assertThrows(IllegalArgumentException.class, () -> Schedule.rise(0));
        assertThrows(IllegalArgumentException.class, () -> Schedule.exponentialRise(0.5, 0));
    }

    @Test
    void theTrainerSetsStrengthAndDecayOfEachStep() {
        BitLinear layer = BitLinear.builder(2, 3).build();
        Optimizer optimizer = new AdamW(layer.parameters(), 0.01f, 0.9f, 0.999f, 1e-8f, 0.5f);
        List<Float> seen = new ArrayList<>();
        Trainer.builder(layer, optimizer).epochs(2).batchSize(3).quantStrengthSchedule(Schedule.rise(0.5))
                .weightDecaySchedule(Schedule.firstHalf()).listener(new TrainingListener() {
                    @Override
                    public void onStep(int epoch, int step, double loss, double accuracy) {
                        seen.add(layer.quantStrength());
                        seen.add(optimizer.weightDecay());
                    }
                }).build().fit(DATA, null);
        assertEquals(List.of(0f, 0.5f, 0.5f, 0.5f, 1f, 0f, 1f, 0f), seen);
        assertEquals(0.5f, optimizer.weightDecay(), "the base comes back");
        assertEquals(1f, layer.quantStrength(), "that before the training, too");
        Trainer.builder(layer, optimizer).epochs(1).batchSize(3).quantStrengthSchedule(Schedule.rise(1))
                .listener(new TrainingListener() {
                    @Override
                    public void onStep(int epoch, int step, double loss, double accuracy) {
                        Thread.currentThread().interrupt();
                    }
                }).build().fit(DATA, null);
        assertTrue(Thread.interrupted());
        assertEquals(1f, layer.quantStrength());
    }

    /** One step over six samples, whatever batches they come in. */
    @Test
    void accumulatedBatchesAreOneLargeOne() {
        float[][] weights = new float[2][];
        for (int i = 0; i < 2; i++) {
            Linear layer = new Linear(2, 3);
            layer.initialize(5);
            Trainer.builder(layer, SGD.builder().parameters(layer.parameters()).learningRate(0.1f).build()).epochs(3)
                    .batchSize(i == 0 ? 6 : 4).accumulate(i == 0 ? 1 : 2).build().fit(DATA, null);
            weights[i] = layer.weight().toArray();
        }
        assertArrayEquals(weights[0], weights[1], 1e-6f);
    }

    @Test
    void clippedGradientsMakeSmallSteps() {
        Linear layer = new Linear(2, 3);
        layer.initialize(5);
        float[] before = layer.weight().toArray();
        Trainer.builder(layer, SGD.builder().parameters(layer.parameters()).learningRate(1f).build()).epochs(1)
                .batchSize(6).clipNorm(1e-3f).build().fit(DATA, null);
        double squares = 0;
        for (int i = 0; i < before.length; i++) {
            squares += Math.pow(layer.weight().toArray()[i] - before[i], 2);
        }
        assertTrue(squares > 0 && Math.sqrt(squares) <= 1.001e-3, "moved by " + Math.sqrt(squares));
    }

    @Test
    void trainingStopsWhenItNoLongerHelpsAndKeepsTheBest() {
        Linear layer = new Linear(2, 3);
        layer.initialize(5);
        List<float[]> afterEpochs = new ArrayList<>();
        List<EpochResult> results = Trainer.builder(layer, new AdamW(layer.parameters(), 0.3f)).epochs(200).batchSize(2)
                .earlyStopping(new EarlyStopping(4, 0.01)).keepBest().listener(new TrainingListener() {
                    @Override
                    public void onEpoch(EpochResult result) {
                        afterEpochs.add(layer.weight().toArray());
                    }
                }).build().fit(DATA, DATA);
        int risen = 0; // by more than 0.01
        int best = 0;
        for (EpochResult result : results) {
            double accuracy = result.validationAccuracy();
            risen = accuracy > results.get(risen).validationAccuracy() + 0.01 ? result.epoch() - 1 : risen;
            best = accuracy > results.get(best).validationAccuracy() ? result.epoch() - 1 : best;
        }
        assertTrue(results.size() < 200);
        assertEquals(risen + 1 + 4, results.size(), results.toString());
        assertArrayEquals(afterEpochs.get(best), layer.weight().toArray());
        assertThrows(IllegalArgumentException.class, () -> new EarlyStopping(0, 0));
    }

    @Test
    void divergenceNamesTheLayer() {
        Sequential model = new Sequential(new Linear(2, 4), new Linear(4, 3));
        model.initialize(1);
        model.parameters().get(2).data()[0] = Float.NaN; // the second layer's weight
        String message = assertThrows(ArithmeticException.class, () -> Trainer.builder(model,
                new AdamW(model.parameters(), 0.1f)).build().fit(DATA, null)).getMessage();
        assertTrue(
                message.startsWith("Trainer: the loss is NaN in epoch 1, step 1; the first output that is not finite "
                        + "is that of layer '1'"),
                message);
    }

    @Test
    void flippedImages() {
        float[] image = {9, 1, 2, 3, 4, 5, 6, 9};
        boolean[] seen = new boolean[2];
        for (int i = 0; i < 20; i++) {
            float[] copy = image.clone();
            Augmentation.flip(2, 3).apply(copy, 1, 6, new CounterRandom(i, 1));
            boolean flipped = copy[1] == 3;
            seen[flipped ? 1 : 0] = true;
            assertArrayEquals(flipped ? new float[] {9, 3, 2, 1, 6, 5, 4, 9} : image, copy);
        }
        assertTrue(seen[0] && seen[1]);
        assertThrows(IllegalArgumentException.class,
                () -> Augmentation.flip(2, 2).apply(image, 1, 6, new CounterRandom(1, 1)));
    }

    @Test
    void shiftedImages() {
        float[] image = {1, 2, 3, 4};
        List<String> seen = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            float[] copy = image.clone();
            Augmentation.shift(2, 2, 1).apply(copy, 0, 4, new CounterRandom(i, 1));
            seen.add(Arrays.toString(copy));
        }
        List<String> all = List.of("[1.0, 2.0, 3.0, 4.0]", "[0.0, 1.0, 0.0, 3.0]", "[2.0, 0.0, 4.0, 0.0]",
                "[0.0, 0.0, 1.0, 2.0]", "[3.0, 4.0, 0.0, 0.0]", "[0.0, 0.0, 0.0, 1.0]", "[0.0, 0.0, 2.0, 0.0]",
                "[0.0, 3.0, 0.0, 0.0]", "[4.0, 0.0, 0.0, 0.0]");
        assertEquals(List.of(), seen.stream().filter(s -> !all.contains(s)).toList());
        assertEquals(all.size(), seen.stream().distinct().count());
        assertThrows(IllegalArgumentException.class, () -> Augmentation.shift(2, 2, -1));
        assertThrows(IllegalArgumentException.class, () -> Augmentation.shift(2, 2, 1 << 30));
    }
}
