package io.bitlab.models.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Layer.Mode;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.ParameterGroup;
import io.bitlab.layers.optim.SGD;
import io.bitlab.layers.optim.Schedule;
import io.bitlab.models.AutoBitModel;
import io.bitlab.models.mlp.BitMlp;
import io.bitlab.models.mlp.BitMlpConfig;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.BitTransformerConfig;
import io.bitlab.models.transformer.DecodingSession;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Language models are trained by the same loop as classifiers. */
@Timeout(120)
class LanguageModelTest {

    private static final BitTransformerConfig CONFIG =
            BitTransformerConfig.builder(11, 16, 1, 2).maxPositionEmbeddings(32).dropout(0.1f).build();
    private static final TokenDataset TRAIN = TokenDataset.of(random(1, 400), 12).withSamplesPerEpoch(22);
    private static final TokenDataset TEST = TokenDataset.of(random(2, 100), 12);

    private static int[] random(long seed, int length) {
        return new Random(seed).ints(length, 0, 11).toArray();
    }

    private static BitTransformer model() {
        return AutoBitModel.fromConfig(CONFIG, 3);
    }

    private static AdamW optimizer(Layer model) {
        return AdamW.builder().groups(ParameterGroup.splitByRank(model)).learningRate(0.01f).betas(0.9f, 0.95f)
                .weightDecay(0.1f).build();
    }

    private static float[] weights(Layer model) {
        Tensor[] flat = model.parameters().stream().map(p -> p.reshape(p.size())).toArray(Tensor[]::new);
        return Tensor.concat(0, flat).toArray();
    }

    private static Trainer.Builder everything(BitTransformer model) {
        return Trainer.builder(model, optimizer(model)).epochs(3).batchSize(3).accumulate(2).seed(5).clipNorm(1f)
                .schedule(Schedule.cosine().withWarmUp(3)).quantStrengthSchedule(Schedule.rise(0.5))
                .earlyStopping(new EarlyStopping(3, 0)).keepBest();
    }

    // ---------------------------------------------------------------- training

    @Test
    void learnsAPeriodicSequence(@TempDir Path folder) {
        int[] period = {3, 1, 4, 1, 5, 9, 2, 6};
        int[] tokens = IntStream.range(0, 1000).map(i -> period[i % period.length]).toArray();
        TokenDataset.Split data = TokenDataset.of(tokens, 16).split(0.1);
        BitTransformer model = AutoBitModel.fromConfig(
                BitTransformerConfig.builder(11, 32, 1, 2).maxPositionEmbeddings(32).build(), 3);
        List<EpochResult> results = Trainer.builder(model, optimizer(model)).epochs(12).batchSize(8)
                .schedule(Schedule.cosine()).clipNorm(1f).build().fit(data.train(), data.validation());
        EpochResult last = results.getLast();
        // "1" is followed by "4" or "5": the first token of a window can't be known
        assertTrue(last.validationLoss() < 0.15 && last.validationAccuracy() > 0.95, last.toString());
        assertTrue(last.loss() < 0.2 && last.accuracy() > 0.9, last.toString());
        assertEquals(Math.exp(last.validationLoss()), last.perplexity(), 1e-12);
        assertEquals(last.validationLoss() / Math.log(2), last.bitsPerToken(), 1e-12);
        model.eval();
        assertEquals(last.validationLoss(), Evaluation.loss(model, data.validation()));
        DecodingSession session = model.newSession();
        float[] logits = session.append(3, 1, 4, 1, 5);
        assertEquals(9, Tensor.of(logits, logits.length).argmax()[0]);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4})
    void goesOnToTheSameBits(int step, @TempDir Path folder) {
        BitTransformer straight = model();
        List<EpochResult> expected = everything(straight).build().fit(TRAIN, TEST);
        Path file = folder.resolve("checkpoint");
        for (int epoch = 1; epoch <= 3; epoch++) {
            everything(model()).checkpoints(file, 0).listener(TrainingCheckpointTest.interruptAt(epoch, step)).build()
                    .fit(TRAIN, TEST);
            assertTrue(Thread.interrupted());
        }
        BitTransformer resumed = model();
        List<EpochResult> results = everything(resumed).checkpoints(file, 0).build().fit(TRAIN, TEST);
        assertArrayEquals(weights(straight), weights(resumed));
        for (int i = 0; i < 3; i++) {
            assertEquals(expected.get(i).loss(), results.get(i).loss());
            assertEquals(expected.get(i).accuracy(), results.get(i).accuracy());
            assertEquals(expected.get(i).validationLoss(), results.get(i).validationLoss());
        }
        TokenDataset other = TokenDataset.of(random(9, 400), 12).withSamplesPerEpoch(22);
        Exception e = assertThrows(IllegalStateException.class,
                () -> everything(model()).checkpoints(file, 0).build().fit(other, TEST));
        assertTrue(e.getMessage().contains("training tokens was TokenDataset(400 tokens, hash "), e.getMessage());
    }

    @Test
    void accumulatedBatchesAreOneLargeBatch() {
        BitTransformerConfig config = CONFIG.toBuilder().dropout(0f).quantConfig(null).build();
        float[][] trained = new float[2][];
        double[] losses = new double[2];
        for (int i = 0; i < 2; i++) {
            BitTransformer model = AutoBitModel.fromConfig(config, 3);
            SGD sgd = SGD.builder().parameters(model.parameters()).learningRate(0.1f).build();
            losses[i] = Trainer.builder(model, sgd).epochs(2).batchSize(i == 0 ? 8 : 3).accumulate(i == 0 ? 1 : 3)
                    .build().fit(TRAIN.withSamplesPerEpoch(8), null).getLast().loss();
            trained[i] = weights(model);
        }
        assertEquals(losses[0], losses[1], 1e-5);
        assertArrayEquals(trained[0], trained[1], 1e-5f);
    }

    @Test
    void aListenerMayLookAtWhatTheModelCanDo() {
        BitTransformer straight = model();
        everything(straight).build().fit(TRAIN, TEST);
        for (boolean tidy : new boolean[] {true, false}) {
            BitTransformer watched = model();
            int[] samples = new int[1];
            everything(watched).listener(new TrainingListener() {
                @Override
                public void onEpoch(EpochResult result) {
                    assertEquals(Mode.TRAIN, watched.mode());
                    watched.eval();
                    float[] logits = watched.newSession().append(1, 2, 3);
                    samples[0] += Tensor.of(logits, logits.length).argmax().length;
                    if (tidy) {
                        watched.train();
                    }
                }
            }).build().fit(TRAIN, TEST);
            assertEquals(3, samples[0]);
            assertEquals(Mode.TRAIN, watched.mode());
            assertArrayEquals(weights(straight), weights(watched));
        }
    }

    @Test
    void theBestEpochIsThatOfTheSmallestValidationLoss() {
        BitTransformer model = model();
        List<EpochResult> results = Trainer.builder(model, optimizer(model)).epochs(6).batchSize(4).keepBest().build()
                .fit(TRAIN, TEST);
        model.eval();
        assertEquals(results.stream().mapToDouble(EpochResult::validationLoss).min().orElseThrow(),
                Evaluation.loss(model, TEST));
    }

    @Test
    void aLossThatIsNoNumberNamesTheLayer() {
        BitTransformer model = AutoBitModel.fromConfig(CONFIG.floatTwin(), 3);
        float[] table = model.namedParameters().get("model.embed_tokens.weight").data();
        Arrays.fill(table, Float.NaN);
        Exception e = assertThrows(ArithmeticException.class,
                () -> Trainer.builder(model, optimizer(model)).build().fit(TRAIN, null));
        assertTrue(
                e.getMessage().startsWith("Trainer: the loss is NaN in epoch 1, step 1; the first output that is not "
                        + "finite is that of layer 'model.embed_tokens'"),
                e.getMessage());
    }

    // ---------------------------------------------------------------- evaluation

    @Test
    void aModelThatKnowsNothingHasTheLogarithmOfTheVocabulary() {
        BitTransformer model = model();
        model.parameters().forEach(p -> Arrays.fill(p.data(), 0f));
        model.eval();
        for (int context : new int[] {1, 7, 12, 32}) {
            assertEquals(Math.log(11), Evaluation.loss(model, TokenDataset.of(random(1, 100), context)), 1e-6);
        }
    }

    @Test
    void evaluationSeesEachTokenOnce() {
        BitTransformer model = model();
        model.eval();
        int[] tokens = random(4, 5000 + 7); // more than one chunk, and a rest
        double sum = 0;
        for (int from = 0; from < tokens.length - 1; from += 12) {
            int to = Math.min(tokens.length - 1, from + 12);
            sum += model.loss(Arrays.copyOfRange(tokens, from, to), 1, Arrays.copyOfRange(tokens, from + 1, to + 1))
                    .loss().item() * (double) (to - from);
        }
        assertEquals(sum / (tokens.length - 1), Evaluation.loss(model, TokenDataset.of(tokens, 12)), 1e-6);
    }

    // ---------------------------------------------------------------- what can go wrong

    @Test
    void otherModelsAndTextsThatDoNotFitAreRefused() {
        BitMlp mlp = AutoBitModel.fromConfig(BitMlpConfig.builder().inChannels(6).outChannels(3).build(), 1);
        assertRefused(
                "Trainer.fit: a TokenDataset trains a BitTransformer, but the model is a BitMlp; give the Trainer a "
                        + "language model, or fit a Dataset",
                Trainer.builder(mlp, optimizer(mlp)), TRAIN, null);
        BitTransformer model = model();
        Trainer.Builder trainer = Trainer.builder(model, optimizer(model));
        assertRefused("the validation data holds token 11, but the model knows 0 to "
                + "10; take the tokenizer that the model was made for", trainer, TRAIN,
                TokenDataset.of(new int[] {3, 11, 5}, 2));
        assertRefused("the training data has a context of 33 tokens, but the model "
                + "sees at most 32; take a shorter one", trainer, TokenDataset.of(random(1, 100), 33), null);
        assertRefused(
                "Trainer.fit: an objective or an augmentation is set, and those are for classifiers; leave them out "
                        + "for a TokenDataset",
                trainer.objective(Objectives.crossEntropy()), TRAIN, null);
    }

    private static void assertRefused(String message, Trainer.Builder trainer, TokenDataset train,
            TokenDataset validation) {
        String found = assertThrows(IllegalArgumentException.class, () -> trainer.build().fit(train, validation))
                .getMessage();
        assertTrue(found.startsWith(message), found);
    }
}
