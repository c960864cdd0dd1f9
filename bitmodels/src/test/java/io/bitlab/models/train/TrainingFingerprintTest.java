package io.bitlab.models.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.TernaryLayer;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.Optimizer;
import io.bitlab.layers.optim.OptimizerState;
import io.bitlab.layers.optim.ParameterGroup;
import io.bitlab.layers.optim.SGD;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.internal.Checksum;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint is refused by every training that would go on otherwise, and by no other. */
@Timeout(120)
class TrainingFingerprintTest {

    private static final Dataset TRAIN = TrainingCheckpointTest.TRAIN;
    private static final Dataset TEST = TrainingCheckpointTest.TEST;

    @TempDir
    private Path folder;
    private Path file;

    @BeforeEach
    void interruptATraining() {
        file = folder.resolve("checkpoint");
        BitMlp model = TrainingCheckpointTest.model();
        TrainingCheckpointTest.everything(model, adam(model)).checkpoints(file, 0)
                .listener(TrainingCheckpointTest.interruptAt(2, 2))
                .build().fit(TRAIN, TEST);
        assertTrue(Thread.interrupted());
    }

    private static AdamW adam(Layer model) {
        return new AdamW(model.parameters(), 0.01f);
    }

    /** What the refusal of a changed training says; it must change nothing. */
    private String refusal(BitMlp model, Optimizer optimizer, UnaryOperator<Trainer.Builder> change, Dataset train,
            Dataset validation) {
        float[] before = TrainingCheckpointTest.weights(model);
        OptimizerState state = optimizer.state();
        Trainer trainer =
                change.apply(TrainingCheckpointTest.everything(model, optimizer).checkpoints(file, 0)).build();
        String message = assertThrows(IllegalStateException.class, () -> trainer.fit(train, validation)).getMessage();
        assertArrayEquals(before, TrainingCheckpointTest.weights(model));
        assertEquals(state, optimizer.state());
        String begin = "Trainer: the checkpoint " + file + " is of another training: ";
        assertTrue(message.startsWith(begin), message);
        return message.substring(begin.length());
    }

    private void assertRefused(String fact, UnaryOperator<Trainer.Builder> change) {
        BitMlp model = TrainingCheckpointTest.model();
        String message = refusal(model, adam(model), change, TRAIN, TEST);
        assertTrue(message.startsWith(fact + " was "), message);
    }

    private void assertOptimizerRefused(String fact, Function<BitMlp, Optimizer> optimizer) {
        BitMlp model = TrainingCheckpointTest.model();
        String message = refusal(model, optimizer.apply(model), builder -> builder, TRAIN, TEST);
        assertTrue(message.startsWith(fact), message);
    }

    // ---------------------------------------------------------------- data

    private static Dataset changed(Dataset data, int feature, int label) {
        int[] all = IntStream.range(0, data.size()).toArray();
        float[] features = data.batch(all).toArray();
        int[] labels = data.labels(all);
        if (feature >= 0) {
            features[feature] = Math.nextUp(features[feature]);
        }
        if (label >= 0) {
            labels[label] = (labels[label] + 1) % 3;
        }
        return Dataset.of(features, labels);
    }

    @Test
    void otherDataOfTheSameSize() {
        for (Dataset other : List.of(changed(TRAIN, 0, -1), changed(TRAIN, 1199, -1), changed(TRAIN, -1, 0),
                changed(TRAIN, -1, 199))) {
            BitMlp model = TrainingCheckpointTest.model();
            String message = refusal(model, adam(model), builder -> builder, other, TEST);
            assertTrue(message.startsWith("training data was "), message);
        }
        BitMlp model = TrainingCheckpointTest.model();
        String message = refusal(model, adam(model), builder -> builder, TRAIN, changed(TEST, 599, -1));
        assertTrue(message.startsWith("validation data was "), message);
    }

    @Test
    void aTextThatAWeakHashTakesForAnother() {
        int[] tokens = new int[100];
        tokens[40] = 3;
        tokens[41] = 40;
        int[] other = tokens.clone();
        other[40] = 4;
        other[41] = 9; // the same by Arrays.hashCode
        assertEquals(Arrays.hashCode(tokens), Arrays.hashCode(other));
        assertNotEquals(TokenDataset.of(tokens, 9).toString(), TokenDataset.of(other, 9).toString());
        assertEquals(TokenDataset.of(tokens, 9).toString(), TokenDataset.of(tokens.clone(), 8).toString());
    }

    // ---------------------------------------------------------------- settings that are numbers

    @Test
    void otherSettings() {
        assertRefused("batch size", builder -> builder.batchSize(17));
        assertRefused("accumulated batches", builder -> builder.accumulate(2));
        assertRefused("epochs", builder -> builder.epochs(5));
        assertRefused("seed", builder -> builder.seed(4));
        assertRefused("largest gradient norm", builder -> builder.clipNorm(2f));
        assertRefused("early stopping", builder -> builder.earlyStopping(new EarlyStopping(2, 0)));
    }

    @Test
    void otherOptimizers() {
        assertOptimizerRefused("learning rate was 0.01 and is now 0.02", model -> new AdamW(model.parameters(), 0.02f));
        assertOptimizerRefused("weight decay was ",
                model -> new AdamW(model.parameters(), 0.01f, 0.9f, 0.999f, 1e-8f, 0.02f));
        assertOptimizerRefused(
                "optimiser was AdamW(betas 0.9 and 0.999, eps 1.0E-8) and is now AdamW(betas 0.8 and 0.999, eps",
                model -> AdamW.builder().parameters(model.parameters()).learningRate(0.01f).betas(0.8f, 0.999f)
                        .build());
        assertOptimizerRefused("optimiser was ",
                model -> AdamW.builder().parameters(model.parameters()).learningRate(0.01f).eps(1e-7f).build());
        assertOptimizerRefused("parameter groups was ",
                model -> AdamW.builder().groups(ParameterGroup.splitByRank(model)).learningRate(0.01f).build());
        assertOptimizerRefused("parameter groups was ", model -> AdamW.builder()
                .group(ParameterGroup.of(model.parameters()).withLearningRateFactor(0.5f)).learningRate(0.01f).build());
        assertOptimizerRefused("parameter groups was ", model -> new AdamW(model.parameters().reversed(), 0.01f));
    }

    // ---------------------------------------------------------------- settings that are code

    @Test
    void otherSchedules() {
        assertRefused("learning-rate schedule", builder -> builder.schedule(Schedule.cosine().withWarmUp(4)));
        assertRefused("learning-rate schedule", builder -> builder.schedule(
                (step, steps) -> step == 13 ? 0.5f : Schedule.cosine().withWarmUp(3).factor(step, steps)));
        assertRefused("weight-decay schedule", builder -> builder.weightDecaySchedule(Schedule.CONSTANT));
        assertRefused("quantisation schedule", builder -> builder.quantStrengthSchedule(Schedule.rise(0.6)));
        assertRefused("quantisation schedule", builder -> builder.quantStrengthSchedule(null));
    }

    @Test
    void otherObjectivesAndAugmentations() {
        assertRefused("the objective at the first samples",
                builder -> builder.objective(Objectives.crossEntropy(0.2f)));
        assertRefused("the objective at the first samples", builder -> builder.objective(
                (logits, batch, labels) -> Objectives.crossEntropy(0.1f).loss(logits, batch, labels).mul(2f)));
        assertRefused("augmentation", builder -> builder.augmentation(null));
        assertRefused("augmentation", builder -> builder
                .augmentation((batch, offset, length, random) -> batch[offset + 5] += 2 * random.nextFloat()));
    }

    // ---------------------------------------------------------------- the model

    @Test
    void modelsThatTrainOtherwise() {
        BitMlpConfig.Builder config = BitMlpConfig.builder().nLayers(2).inChannels(6).hiddenDim(16).outChannels(3);
        BitMlp rate = AutoBitModel.fromConfig(config.dropout(0.3f).build(), 7);
        String line = refusal(rate, adam(rate), builder -> builder, TRAIN, TEST); // the one that differs
        assertTrue(line.matches("model was [^\n]*ropout[^\n]*0\\.2.* and is now [^\n]*ropout[^\n]*0\\.3.*"), line);
        BitMlp seed = AutoBitModel.fromConfig(config.dropout(0.2f).build(), 8); // drops other elements
        assertTrue(
                refusal(seed, adam(seed), builder -> builder, TRAIN, TEST).startsWith("what the model answers was "));
        BitMlp frozen = TrainingCheckpointTest.model();
        frozen.layers().values().stream().filter(TernaryLayer.class::isInstance).findFirst().orElseThrow().freeze();
        assertTrue(
                refusal(frozen, adam(frozen), builder -> builder, TRAIN, TEST).startsWith("trained parameters was "));
    }

    @Test
    void languageModelsAndTexts() {
        int[] tokens = new Random(1).ints(300, 0, 11).toArray();
        TokenDataset train = TokenDataset.of(tokens, 12);
        TokenDataset test = TokenDataset.of(Arrays.copyOf(tokens, 100), 12);
        BitTransformerConfig config =
                BitTransformerConfig.builder(11, 16, 1, 2).maxPositionEmbeddings(32).dropout(0.1f).build();
        Path text = folder.resolve("text");
        BitTransformer model = AutoBitModel.fromConfig(config, 3);
        Trainer.builder(model, adam(model)).epochs(2).checkpoints(text, 0).build().fit(train, test);
        assertTextRefused("validation context was 12 and is now 11", text, AutoBitModel.fromConfig(config, 3), train,
                TokenDataset.of(Arrays.copyOf(tokens, 100), 11));
        assertTextRefused("validation tokens was ", text, AutoBitModel.fromConfig(config, 3), train, train);
        assertTextRefused("what the model answers (its loss in the first window) was ", text,
                AutoBitModel.fromConfig(config, 4), train, test);
        BitTransformer same = AutoBitModel.fromConfig(config, 3);
        Trainer.builder(same, adam(same)).epochs(2).checkpoints(text, 0).build().fit(train, test);
        assertArrayEquals(TrainingCheckpointTest.weights(model), TrainingCheckpointTest.weights(same));
    }

    private static void assertTextRefused(String fact, Path file, BitTransformer model, TokenDataset train,
            TokenDataset test) {
        Trainer trainer = Trainer.builder(model, adam(model)).epochs(2).checkpoints(file, 0).build();
        String message = assertThrows(IllegalStateException.class, () -> trainer.fit(train, test)).getMessage();
        assertTrue(message.contains("of another training: " + fact), message);
    }

    // ---------------------------------------------------------------- what is not refused

    /** Its value tells nothing about it. */
    @Test
    void anObjectiveThatVariesFromCallToCallIsTaken() {
        int[] calls = new int[1];
        Path varying = folder.resolve("varying");
        for (int epochs = 0; epochs < 2; epochs++) {
            BitMlp model = TrainingCheckpointTest.model();
            List<EpochResult> results = TrainingCheckpointTest.everything(model, adam(model)).checkpoints(varying, 0)
                    .objective((logits, batch, labels) -> Objectives.crossEntropy().loss(logits, batch, labels)
                            .mul(1f + 0.001f * ++calls[0]))
                    .listener(TrainingCheckpointTest.interruptAt(epochs + 1, 2)).build().fit(TRAIN, TEST);
            assertTrue(Thread.interrupted());
            assertEquals(epochs, results.size());
        }
    }

    @Test
    void changesThatAreWantedAreTaken() {
        Path diverged = folder.resolve("copy");
        BitMlp first = TrainingCheckpointTest.model();
        TrainingCheckpointTest.everything(first, adam(first)).checkpoints(diverged, 0)
                .listener(TrainingCheckpointTest.interruptAt(2, 3))
                .build().fit(TRAIN, TEST);
        assertTrue(Thread.interrupted());
        BitMlp model = TrainingCheckpointTest.model();
        int[] steps = new int[1];
        List<EpochResult> results =
                TrainingCheckpointTest.everything(model, new AdamW(model.parameters(), 0.001f)).epochs(6)
                        .batchSize(8).earlyStopping(new EarlyStopping(9, 0)).objective(Objectives.crossEntropy())
                        .checkpoints(diverged, 0).resumeWithChanges().listener(new TrainingListener() {
                            @Override
                            public void onStep(int epoch, int step, double loss, double accuracy) {
                                steps[0] += epoch == 2 ? 1 : 0;
                            }
                        }).build().fit(TRAIN, TEST);
        assertEquals(6, results.size());
        assertEquals(9, steps[0], "steps of 24 samples: the second epoch was begun again");
    }

    @Test
    void onlyWhatFitsCanBeResumedWithChanges() {
        BitMlp model = TrainingCheckpointTest.model();
        Optimizer sgd = new SGD(model.parameters(), 0.1f);
        float[] before = TrainingCheckpointTest.weights(model);
        Trainer trainer =
                TrainingCheckpointTest.everything(model, sgd).checkpoints(file, 0).resumeWithChanges().build();
        Exception e = assertThrows(UncheckedIOException.class, () -> trainer.fit(TRAIN, TEST));
        assertTrue(e.getMessage().contains("it belongs to AdamW; nothing was loaded"), e.getMessage());
        assertArrayEquals(before, TrainingCheckpointTest.weights(model));
    }

    // ---------------------------------------------------------------- pieces

    @Test
    void allNumbersCountInADigest() {
        float[] values = Tensor.randn(1, 10_000).toArray();
        String digest = new Checksum().floats(values).toString();
        assertEquals(8, digest.length());
        for (int i : new int[] {0, 4095, 4096, 9999}) {
            float[] other = values.clone();
            other[i] = Math.nextUp(other[i]);
            assertNotEquals(digest, new Checksum().floats(other).toString(), "element " + i);
        }
        assertNotEquals(digest, new Checksum().floats(Arrays.copyOf(values, 9999)).toString());
        assertNotEquals(new Checksum().text("a").text("bc").toString(), new Checksum().text("ab").text("c").toString());
        assertEquals(new Checksum().ints(1, 2).toString(), new Checksum().ints(1).ints(2).toString());
    }
}
