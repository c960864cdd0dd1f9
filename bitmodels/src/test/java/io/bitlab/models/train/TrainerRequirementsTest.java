package io.bitlab.models.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.BitLinear;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Layer.Mode;
import io.bitlab.layers.Linear;
import io.bitlab.layers.Sequential;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.SGD;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can't lead anywhere is refused before anything runs, and a training that fails leaves everything in order. */
class TrainerRequirementsTest {

    private static final Dataset TRAIN = TrainingCheckpointTest.TRAIN; // 6 features, 3 classes
    private static final Dataset TEST = TrainingCheckpointTest.TEST;

    @TempDir
    private Path folder;

    private static Trainer.Builder trainer(Layer model) {
        return Trainer.builder(model, new AdamW(model.parameters(), 0.01f)).epochs(2);
    }

    private static Dataset withLabel(int label, int at) {
        int[] labels = new int[20];
        labels[at] = label;
        return Dataset.of(new float[120], labels);
    }

    /** Refused in the same way in both modes, without a trace. */
    private static String refusal(Consumer<Trainer.Builder> settings, Dataset train, Dataset validation) {
        String message = "";
        for (Mode mode : new Mode[] {Mode.TRAIN, Mode.EVAL}) {
            BitMlp model = TrainingCheckpointTest.model();
            float[] before = TrainingCheckpointTest.weights(model);
            List<String> told = new ArrayList<>();
            Trainer.Builder builder = trainer(model).listener(new TrainingListener() {
                @Override
                public void onStart(int epochs, int stepsPerEpoch) {
                    told.add("start");
                }
            });
            settings.accept(builder);
            if (mode == Mode.EVAL) {
                model.eval();
            }
            message = assertThrows(IllegalArgumentException.class, () -> builder.build().fit(train, validation))
                    .getMessage();
            assertEquals(mode, model.mode());
            assertArrayEquals(before, TrainingCheckpointTest.weights(model));
            assertEquals(List.of(), told);
        }
        return message;
    }

    // ---------------------------------------------------------------- the optimiser

    @Test
    void anOptimizerOfAnotherModelIsRefused() {
        BitMlp model = TrainingCheckpointTest.model();
        AdamW other = new AdamW(TrainingCheckpointTest.model().parameters(), 0.01f);
        int count = other.parameters().size();
        Trainer.Builder builder = Trainer.builder(model, other);
        assertEquals(
                "Trainer: " + count + " of the optimiser's " + count + " parameters are not the model's, the first "
                        + "has the shape [16, 6]; make the optimiser from this model's parameters, as in new "
                        + "AdamW(model.parameters(), 1e-3f), after its layers were converted or tied",
                assertThrows(IllegalArgumentException.class, builder::build).getMessage());
        List<Tensor> oneMore = new ArrayList<>(model.parameters());
        oneMore.add(Tensor.zeros(5));
        Trainer.Builder withOneMore = Trainer.builder(model, new AdamW(oneMore, 0.01f));
        String message = assertThrows(IllegalArgumentException.class, withOneMore::build).getMessage();
        assertTrue(message.startsWith("Trainer: 1 of the optimiser's " + oneMore.size() + " parameters are not the "
                + "model's, the first has the shape [5]"), message);
    }

    @Test
    void anOptimizerOfAPartOfTheModelTrainsThatPart() {
        Linear body = new Linear(6, 8);
        Linear head = new Linear(8, 3);
        Sequential model = new Sequential(body, head);
        model.initialize(1);
        float[] bodyBefore = body.weight().toArray();
        float[] headBefore = head.weight().toArray();
        Trainer.builder(model, new AdamW(head.parameters(), 0.01f)).epochs(1).build().fit(TRAIN, null);
        assertArrayEquals(bodyBefore, body.weight().toArray());
        assertTrue(Math.abs(headBefore[0] - head.weight().toArray()[0]) > 1e-3);
    }

    @Test
    void aDeployedModelIsRefusedAtBuild() {
        BitMlp model = TrainingCheckpointTest.model();
        AdamW optimizer = new AdamW(model.parameters(), 0.01f);
        model.deploy();
        Trainer.Builder builder = Trainer.builder(model, optimizer);
        String message = assertThrows(IllegalStateException.class, builder::build).getMessage();
        assertTrue(
                message.startsWith("train(): BitMlp(6 -> 3, 2 layers) was deployed, its latent weights are gone; load "
                        + "the model from a file that was saved before deploy()"),
                message);
        Layer partly = new Sequential(BitLinear.builder(6, 8).build().deploy(), new Linear(8, 3));
        Trainer.Builder ofPart = trainer(partly);
        assertThrows(IllegalStateException.class, ofPart::build);
        assertEquals(Mode.TRAIN, partly.mode());
    }

    @Test
    void aModelThatIsFrozenAsAWholeIsRefused() {
        for (boolean evaluated : new boolean[] {true, false}) {
            BitMlp model = TrainingCheckpointTest.model();
            Trainer trainer = trainer(model).build();
            model.freeze();
            if (evaluated) {
                model.eval();
            }
            String message = assertThrows(IllegalArgumentException.class, () -> trainer.fit(TRAIN, null)).getMessage();
            assertEquals(
                    "Trainer.fit: all " + model.parameters().size() + " parameters of the optimiser are frozen, so "
                            + "nothing would be trained; unfreeze() the layers that should learn",
                    message);
            assertEquals(evaluated ? Mode.EVAL : Mode.TRAIN, model.mode());
        }
    }

    @Test
    void gradientsOfEarlierUseDontCount() {
        BitMlp fresh = TrainingCheckpointTest.model();
        BitMlp used = TrainingCheckpointTest.model();
        used.parameters().forEach(parameter -> parameter.gradBuffer()[0] = 1e6f);
        for (BitMlp model : List.of(fresh, used)) {
            Trainer.builder(model, new SGD(model.parameters(), 0.1f)).epochs(1).build().fit(TRAIN, null);
        }
        assertArrayEquals(TrainingCheckpointTest.weights(fresh), TrainingCheckpointTest.weights(used));
    }

    // ---------------------------------------------------------------- the data

    @Test
    void whatGoesByTheValidationNeedsOne() {
        assertEquals(
                "Trainer.fit: keepBest goes by the validation data, and there is none; give fit validation data, or "
                        + "leave it out",
                refusal(Trainer.Builder::keepBest, TRAIN, null));
        assertEquals(
                "Trainer.fit: earlyStopping goes by the validation data, and there is none; give fit validation data,"
                        + " or leave it out",
                refusal(builder -> builder.earlyStopping(new EarlyStopping(3, 0)), TRAIN, null));
        BitTransformer language = AutoBitModel.fromConfig(BitTransformerConfig.builder(11, 16, 1, 2).build(), 1);
        Trainer trainer = trainer(language).keepBest().build();
        assertThrows(IllegalArgumentException.class, () -> trainer.fit(TokenDataset.of(new int[50], 5), null));
    }

    @Test
    void validationDataOfAnotherWidthIsRefused() {
        String message = refusal(builder -> {
        }, TRAIN, Dataset.of(new float[50], new int[10]));
        assertTrue(
                message.startsWith("Trainer.fit: the model can't take the validation data, of 5 features a sample (the "
                        + "training data has 6): BitLinear(6 -> 16)"),
                message);
    }

    /** Takes samples of any width of at least 3. */
    private static final class FirstThree extends Layer {
        private final Linear linear = child("linear", new Linear(3, 3));

        @Override
        public Tensor forward(Tensor x) {
            return observed(linear.forward(x.slice(1, 0, 3)));
        }
    }

    @Test
    void validationDataOfAnotherWidthIsTakenIfTheModelTakesIt() {
        Layer model = new FirstThree().initialize(1);
        List<EpochResult> results = trainer(model).build().fit(TRAIN, Dataset.of(new float[50], new int[10]));
        assertEquals(2, results.size());
        assertTrue(results.getLast().validationAccuracy() >= 0); // NaN would mean: no validation
    }

    @Test
    void trainingDataOfAnotherWidthIsRefused() {
        String message = refusal(builder -> {
        }, Dataset.of(new float[50], new int[10]), null);
        assertTrue(message.contains("BitLinear(6 -> 16)"), message);
    }

    @Test
    void labelsBeyondTheClassesAreRefused() {
        for (boolean ofTraining : new boolean[] {true, false}) {
            String message = refusal(builder -> {
            }, ofTraining ? withLabel(3, 17) : TRAIN, ofTraining ? TEST : withLabel(3, 17));
            assertEquals("Trainer.fit: the " + (ofTraining ? "training" : "validation")
                    + " data has the label 3 at sample "
                    + "17, but the model knows the classes 0 to 2; give the model an output for each class, or correct "
                    + "the label", message);
        }
        assertEquals(2, trainer(TrainingCheckpointTest.model()).build().fit(withLabel(2, 17), withLabel(1, 3)).size());
    }

    // ---------------------------------------------------------------- settings

    @Test
    void aCheckpointWithoutItsFolderIsRefusedBeforeTheFirstStep() {
        Path nowhere = folder.resolve("missing").resolve("checkpoint");
        Trainer trainer =
                trainer(TrainingCheckpointTest.model()).checkpoints(nowhere, 0).listener(new TrainingListener() {
                    @Override
                    public void onStep(int epoch, int step, double loss, double accuracy) {
                        throw new AssertionError("a step is done");
                    }
                }).build();
        String message = assertThrows(UncheckedIOException.class, () -> trainer.fit(TRAIN, null)).getMessage();
        assertTrue(message.endsWith("Trainer.fit: cannot write the checkpoint " + nowhere + ": " + nowhere.getParent()
                + " does not exist; create it"), message);
    }

    @Test
    void settingsThatMakeNoSenseAreRefused() {
        BitMlp model = TrainingCheckpointTest.model();
        Trainer.Builder large = trainer(model).batchSize(1 << 16).accumulate(1 << 16);
        assertEquals(
                "Trainer: batchSize 65536 times accumulate 65536 is more than 2147483647 samples a step; take fewer",
                assertThrows(IllegalArgumentException.class, large::build).getMessage());
        assertThrows(NullPointerException.class, () -> large.schedule(null));
        assertThrows(NullPointerException.class, () -> large.weightDecaySchedule(null));
        assertThrows(NullPointerException.class, () -> large.listener(null));
        assertThrows(NullPointerException.class, () -> Trainer.builder(model, null));
        Trainer trainer = trainer(model).build();
        assertEquals("Trainer.fit: the training data is null",
                assertThrows(NullPointerException.class, () -> trainer.fit((Dataset) null, TEST)).getMessage());
    }

    @Test
    void aBatchLargerThanTheDataIsOneStep() {
        List<EpochResult> results = trainer(TrainingCheckpointTest.model()).batchSize(10_000).build().fit(TRAIN, TEST);
        assertEquals(2, results.size());
    }

    // ---------------------------------------------------------------- what fails on the way

    private static final class Failing implements TrainingListener {
        private final String where;
        private final List<String> ends;
        private final Layer model;

        Failing(String where, List<String> ends, Layer model) {
            this.where = where;
            this.ends = ends;
            this.model = model;
        }

        private void fail(String place) {
            if (place.equals(where)) {
                model.eval();
                throw new IllegalStateException(place);
            }
        }

        @Override
        public void onStart(int epochs, int stepsPerEpoch) {
            fail("start");
        }

        @Override
        public void onStep(int epoch, int step, double loss, double accuracy) {
            fail("step");
        }

        @Override
        public void onEpoch(EpochResult result) {
            fail("epoch");
        }

        @Override
        public void onEnd() {
            ends.add(where);
            throw new IllegalArgumentException("end of " + where);
        }
    }

    @Test
    void aListenerThatThrowsEndsTrainingInOrder() {
        for (String where : new String[] {"start", "step", "epoch", "never"}) {
            BitMlp model = TrainingCheckpointTest.model();
            AdamW optimizer = new AdamW(model.parameters(), 0.01f);
            List<String> ends = new ArrayList<>();
            Trainer trainer = Trainer.builder(model, optimizer).epochs(2).schedule((step, steps) -> 0.5f)
                    .stopOnShutdown().listener(new Failing(where, ends, model)).listener(new Failing("", ends, model))
                    .build();
            RuntimeException e = assertThrows(RuntimeException.class, () -> trainer.fit(TRAIN, TEST));
            boolean fails = !where.equals("never");
            assertEquals(fails ? where : "end of never", e.getMessage());
            Throwable ended = fails ? e.getSuppressed()[0] : e;
            assertEquals("end of " + where, ended.getMessage(), "what fails in the end does not hide the cause");
            assertEquals("end of ", ended.getSuppressed()[0].getMessage());
            assertEquals(List.of(where, ""), ends, "each listener hears of the end");
            assertEquals(Mode.TRAIN, model.mode());
            assertEquals(0.01f, optimizer.learningRate());
        }
    }

    /** Fails in the validation, after the looks at both data sets before training. */
    private static final class FailingInValidation extends Layer {
        private final Linear linear = child("linear", new Linear(6, 3));
        private int evaluated;

        @Override
        public Tensor forward(Tensor x) {
            if (mode() == Mode.EVAL && ++evaluated > 2) {
                throw new IllegalStateException("validation fails");
            }
            return observed(linear.forward(x));
        }
    }

    @Test
    void aValidationThatFailsLeavesTheModelInTraining() {
        Layer model = new FailingInValidation().initialize(1);
        Trainer trainer = trainer(model).build();
        RuntimeException e = assertThrows(IllegalStateException.class, () -> trainer.fit(TRAIN, TEST));
        assertEquals("validation fails", e.getMessage());
        assertEquals(Mode.TRAIN, model.mode());
    }

    @Test
    void theLookAtTheDataBeforehandChangesNoBit() throws Exception {
        float[][] weights = new float[2][];
        for (int i = 0; i < 2; i++) {
            BitMlp model = TrainingCheckpointTest.model();
            Trainer.Builder trainer = TrainingCheckpointTest.everything(model, new AdamW(model.parameters(), 0.01f));
            if (i == 1) { // with a look at the answers after each step
                trainer.checkpoints(folder.resolve("checkpoint"), 1);
            }
            trainer.build().fit(TRAIN, TEST);
            weights[i] = TrainingCheckpointTest.weights(model);
        }
        assertTrue(Files.exists(folder.resolve("checkpoint")));
        assertArrayEquals(weights[0], weights[1]);
    }
}
