package io.bitlab.models.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.GradientException;
import io.bitlab.layers.optim.Optimizer;
import io.bitlab.layers.optim.OptimizerState;
import io.bitlab.layers.optim.SGD;
import io.bitlab.models.mlp.BitMlp;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A loss can be finite where its slope is not: the root of 0 is 0, its slope infinite, and times 0 it is NaN. */
class BadGradientTest {

    @TempDir
    private Path folder;

    /** Cross-entropy plus 0, which has no slope while it is switched on. */
    private static final class Rooted implements Objective {
        private final Objective crossEntropy = Objectives.crossEntropy();
        private boolean on;
        private int batches; // since it is on
        private int badBatch = 1;

        @Override
        public Tensor loss(Tensor logits, Tensor batch, int[] labels) {
            Tensor loss = crossEntropy.loss(logits, batch, labels);
            return on && ++batches == badBatch ? loss.add(logits.mul(0f).sum().sqrt()) : loss;
        }
    }

    private static Optimizer optimizer(String kind, Layer model) {
        return kind.equals("AdamW") ? new AdamW(model.parameters(), 0.01f)
                : SGD.builder().parameters(model.parameters()).learningRate(0.05f)
                        .momentum(kind.equals("momentum") ? 0.9f : 0f).build();
    }

    private static Trainer.Builder trainer(Layer model, Optimizer optimizer, int accumulate, Objective objective) {
        return Trainer.builder(model, optimizer).epochs(3).batchSize(40 / accumulate).accumulate(accumulate)
                .clipNorm(1f).objective(objective);
    }

    @ParameterizedTest
    @CsvSource({"AdamW, 1", "AdamW, 2", "SGD, 1", "SGD, 2", "momentum, 1", "momentum, 2"})
    void aFiniteLossWithoutSlopeEndsTrainingBeforeItsStep(String kind, int accumulate) {
        BitMlp straight = TrainingCheckpointTest.model();
        List<EpochResult> expected = trainer(straight, optimizer(kind, straight), accumulate, new Rooted()).build()
                .fit(TrainingCheckpointTest.TRAIN, null);

        Path file = folder.resolve("checkpoint");
        BitMlp model = TrainingCheckpointTest.model();
        Optimizer optimizer = optimizer(kind, model);
        Rooted objective = new Rooted();
        objective.badBatch = accumulate; // the last one of the step
        float[][] weights = new float[1][];
        OptimizerState[] state = new OptimizerState[1];
        Trainer trainer = trainer(model, optimizer, accumulate, objective).checkpoints(file, 3)
                .listener(new TrainingListener() {
                    @Override
                    public void onStep(int epoch, int step, double loss, double accuracy) {
                        weights[0] = TrainingCheckpointTest.weights(model);
                        state[0] = optimizer.state();
                        objective.on = epoch == 2 && step == 4; // the checkpoint was written at step 3
                    }
                }).build();
        ArithmeticException e =
                assertThrows(ArithmeticException.class, () -> trainer.fit(TrainingCheckpointTest.TRAIN, null));
        assertTrue(e.getMessage().matches("Trainer: the gradient of 'linear0\\.weight' is NaN at element 0 in epoch 2, "
                + "step 5, though the loss is \\d\\.\\d+; the model is left as it was before that step\\. Look for .*"),
                e.getMessage());
        assertTrue(e.getCause() instanceof GradientException);
        assertArrayEquals(weights[0], TrainingCheckpointTest.weights(model));
        assertEquals(state[0], optimizer.state());
        assertEquals(Layer.Mode.TRAIN, model.mode());
        for (Tensor parameter : model.parameters()) {
            assertArrayEquals(new float[parameter.size()], parameter.grad().toArray(), "no gradient is left over");
        }

        BitMlp resumed = TrainingCheckpointTest.model(); // the cause is gone
        List<EpochResult> results = trainer(resumed, optimizer(kind, resumed), accumulate, new Rooted())
                .checkpoints(file, 3).build().fit(TrainingCheckpointTest.TRAIN, null);
        assertArrayEquals(TrainingCheckpointTest.weights(straight), TrainingCheckpointTest.weights(resumed));
        assertEquals(expected.getLast().loss(), results.getLast().loss());
    }

    @Test
    void aRestartThatMeetsItAgainSaysSoAgainAndKeepsTheCheckpoint() throws Exception {
        Path file = folder.resolve("checkpoint");
        String[] messages = new String[2];
        byte[][] checkpoints = new byte[2][];
        for (int start = 0; start < 2; start++) {
            BitMlp model = TrainingCheckpointTest.model();
            Trainer.Builder trainer = trainer(model, optimizer("AdamW", model), 1, (logits, batch, labels) -> {
                Tensor loss = Objectives.crossEntropy().loss(logits, batch, labels);
                // at one step of each epoch
                boolean bad = batch.data()[0] == TrainingCheckpointTest.TRAIN.batch(7).data()[0];
                return bad ? loss.add(logits.mul(0f).sum().sqrt()) : loss;
            }).batchSize(1).checkpoints(file, 10);
            messages[start] = assertThrows(ArithmeticException.class,
                    () -> trainer.build().fit(TrainingCheckpointTest.TRAIN, null)).getMessage();
            checkpoints[start] = Files.readAllBytes(file);
            for (float[] values : TrainingCheckpoint.read(file).weights().values()) {
                assertTrue(NonFiniteDiagnosis.isFinite(values));
            }
            assertTrue(TrainingCheckpoint.read(file).optimizer().buffers().values().stream()
                    .allMatch(NonFiniteDiagnosis::isFinite));
        }
        assertEquals(messages[0], messages[1]);
        assertFalse(messages[0].isEmpty());
        assertArrayEquals(checkpoints[0], checkpoints[1]);
    }

    @Test
    void hugeGradientsAreClippedAndTrained() {
        float[][] moved = new float[2][];
        for (int i = 0; i < 2; i++) {
            float factor = i == 0 ? 1f : 2e19f;
            BitMlp model = TrainingCheckpointTest.model();
            float[] before = TrainingCheckpointTest.weights(model);
            Trainer.builder(model, optimizer("SGD", model)).epochs(1).batchSize(200).clipNorm(0.1f)
                    .objective((logits, batch, labels) -> Objectives.crossEntropy().loss(logits, batch, labels)
                            .mul(factor))
                    .build().fit(TrainingCheckpointTest.TRAIN, null);
            float[] after = TrainingCheckpointTest.weights(model);
            moved[i] = new float[after.length];
            double squares = 0;
            for (int k = 0; k < after.length; k++) {
                moved[i][k] = after[k] - before[k];
                squares += (double) moved[i][k] * moved[i][k];
            }
            assertEquals(0.05 * 0.1, Math.sqrt(squares), 1e-6, "the learning rate times the largest norm");
        }
        assertArrayEquals(moved[0], moved[1], 1e-6f);
    }

    /** Also where the optimiser trains a part of the model. */
    @Test
    void noGradientIsLeft() {
        Layer model = TaskTest.model();
        Trainer.builder(model, new AdamW(model.layers().get("3").parameters(), 0.01f)).epochs(1).batchSize(8).build()
                .fit(new TaskTest.Product(model, false));
        for (Tensor parameter : model.parameters()) {
            assertArrayEquals(new float[parameter.size()], parameter.grad().toArray());
        }
    }
}
