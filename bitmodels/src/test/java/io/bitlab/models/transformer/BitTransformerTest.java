package io.bitlab.models.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.ops.LinearCrossEntropy;
import io.bitlab.core.ops.RotaryEmbedding.Pairing;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.layers.Layer;
import io.bitlab.layers.StateDict;
import io.bitlab.layers.attention.KvCache;
import io.bitlab.layers.loss.CrossEntropy;
import io.bitlab.layers.optim.AdamW;
import io.bitlab.layers.optim.Optimizer;
import io.bitlab.models.AutoBitModel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class BitTransformerTest {

    /** Every choice that changes the road of the numbers. */
    static List<BitTransformerConfig> configs() {
        BitTransformerConfig.Builder base = BitTransformerConfig.builder(67, 48, 2, 4).maxPositionEmbeddings(200);
        return List.of(base.build(),
                base.numKeyValueHeads(2).ropePairing(Pairing.ADJACENT).build(),
                base.numKeyValueHeads(1).headDim(16).subNorms(false).hiddenAct(HiddenAct.SILU).build(),
                base.hiddenAct(HiddenAct.GELU).gated(false).tieWordEmbeddings(false)
                        .embeddingFormat(EmbeddingFormat.INT8)
                        .build(),
                base.quantConfig(null).embeddingFormat(EmbeddingFormat.BFLOAT16).build());
    }

    private static int[] tokens(long seed, int length, int vocabulary) {
        return new Random(seed).ints(length, 0, vocabulary).toArray();
    }

    private static Tensor asTensor(int[] tokens, int... shape) {
        float[] values = new float[tokens.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = tokens[i];
        }
        return Tensor.of(values, shape);
    }

    private static float[] row(Tensor logits, int row) {
        int width = logits.length(-1);
        return Arrays.copyOfRange(logits.data(), row * width, (row + 1) * width);
    }

    @ParameterizedTest
    @MethodSource("configs")
    void atOnceTokenByTokenAndInChunksAreTheSameBits(BitTransformerConfig config) {
        BitTransformer model = AutoBitModel.fromConfig(config, 3);
        model.eval();
        int[] tokens = tokens(5, 150, config.vocabSize());
        Tensor all = model.forward(asTensor(tokens, tokens.length));
        DecodingSession single = model.newSession();
        for (int i = 0; i < tokens.length; i++) {
            assertArrayEquals(row(all, i), single.append(tokens[i]), "token " + i);
        }
        for (int prompt : new int[] {1, 2, 31, 33, 63, 64, 65, 127, 128, 129, 150}) {
            DecodingSession session = model.newSession();
            assertArrayEquals(row(all, prompt - 1), session.append(Arrays.copyOf(tokens, prompt)),
                    "prompt of " + prompt);
            int rest = Math.min(tokens.length - prompt, 7);
            if (rest > 0) {
                assertArrayEquals(row(all, prompt + rest - 1),
                        session.append(Arrays.copyOfRange(tokens, prompt, prompt + rest)),
                        rest + " after " + prompt);
            }
        }
    }

    @Test
    void trainingAndEvaluationAreTheSameBitsAndThreadsDoNotMatter() {
        BitTransformer model = AutoBitModel.fromConfig(configs().get(1), 3);
        Tensor tokens = asTensor(tokens(6, 3 * 70, 67), 3, 70);
        float[] trained = model.forward(tokens).toArray();
        model.eval();
        assertArrayEquals(trained, model.forward(tokens).toArray());
        assertArrayEquals(trained, Parallel.sequential().call(() -> model.forward(tokens)).toArray());
        Tensor second = asTensor(Arrays.copyOfRange(tokens(6, 210, 67), 70, 140), 1, 70);
        assertArrayEquals(Arrays.copyOfRange(trained, 70 * 67, 140 * 67), model.forward(second).toArray());
        model.deploy();
        assertArrayEquals(trained, model.forward(tokens).toArray());
    }

    @Test
    void interleavedSessionsAreThoseTheyAreAlone() {
        BitTransformer model = AutoBitModel.fromConfig(configs().get(0), 3);
        model.deploy();
        int[] a = tokens(1, 90, 67);
        int[] b = tokens(2, 90, 67);
        DecodingSession alone = model.newSession();
        float[] expectedA = alone.append(a).clone();
        alone.truncate(0);
        float[] expectedB = alone.append(b).clone();
        DecodingSession first = model.newSession();
        DecodingSession second = model.newSession(model.cacheBuilder().capacity(90).build());
        for (int i = 0; i < 90; i++) {
            first.append(a[i]);
            second.append(b[i]);
        }
        first.truncate(80);
        assertArrayEquals(expectedA, first.append(Arrays.copyOfRange(a, 80, 90)));
        second.truncate(89);
        assertArrayEquals(expectedB, second.append(b[89]));
        assertEquals(0, second.room());
    }

    @ParameterizedTest
    @EnumSource(value = EmbeddingFormat.class, names = "FLOAT16", mode = EnumSource.Mode.EXCLUDE)
    void roundedKeysAndValuesAreNear(EmbeddingFormat format) {
        BitTransformer model = AutoBitModel.fromConfig(configs().get(0).withEmbeddingFormat(format), 3);
        model.eval();
        int[] tokens = tokens(5, 100, 67);
        float[] exact = model.newSession().append(tokens).clone();
        assertNear(exact, model, tokens, () -> model.cacheBuilder().bfloat16(true).build());
        assertNear(exact, model, tokens, () -> model.cacheBuilder().int8(true).build());
    }

    private static void assertNear(float[] a, BitTransformer model, int[] tokens, Supplier<KvCache> cache) {
        DecodingSession rounded = model.newSession(cache.get());
        DecodingSession again = model.newSession(cache.get());
        float[] b = rounded.append(tokens).clone();
        for (int token : tokens) {
            again.append(token);
        }
        again.truncate(99);
        assertArrayEquals(b, again.append(tokens[99]), "the same bits however they come");
        double squares = 0;
        double all = 0;
        for (int i = 0; i < a.length; i++) {
            squares += Math.pow(a[i] - b[i], 2);
            all += Math.pow(a[i], 2);
        }
        assertTrue(Math.sqrt(squares / all) < 0.1, "relative error " + Math.sqrt(squares / all));
        assertTrue(squares > 0, "something was rounded");
    }

    @Test
    void aSlidingSessionSeesTheLastPositions() {
        // With one layer a position attends to the last 70 tokens, wherever they are.
        BitTransformer model = AutoBitModel.fromConfig(
                BitTransformerConfig.builder(67, 48, 1, 4).maxPositionEmbeddings(70).build(), 3);
        model.eval();
        int[] tokens = tokens(8, 300, 67);
        DecodingSession sliding = model.newSession(model.cacheBuilder().slidingWindow(true).build());
        DecodingSession chunks = model.newSession(model.cacheBuilder().slidingWindow(true).build());
        long bytes = 0;
        float[] last = new float[0];
        for (int i = 0; i < tokens.length; i++) {
            last = sliding.append(tokens[i]);
            bytes = i == 200 ? sliding.bytes() : bytes;
        }
        assertTrue(Math.abs(bytes - sliding.bytes()) <= 64 * 1024, "memory stays: " + bytes + ", " + sliding.bytes());
        assertArrayEquals(last, chunks.append(tokens), "in chunks");
        assertEquals(Integer.MAX_VALUE, sliding.room());
        DecodingSession recent = model.newSession();
        float[] near = recent.append(Arrays.copyOfRange(tokens, 230, 300));
        for (int i = 0; i < near.length; i++) {
            assertEquals(near[i], last[i], 1e-3f, "turned by other angles, but the differences are the same");
        }
        Exception e = assertThrows(IllegalArgumentException.class, () -> sliding.truncate(100));
        assertTrue(e.getMessage().startsWith("KvCache: can't keep 100 of 300 positions, the first "), e.getMessage());
    }

    @Test
    void theLossIsTheCrossEntropyOfTheLogitsAndSoAreItsGradients() {
        BitTransformerConfig config = configs().get(2);
        BitTransformer model = AutoBitModel.fromConfig(config, 3);
        int[] tokens = tokens(9, 2 * 20, 67);
        int[] targets = tokens(10, 2 * 20, 67);
        targets[3] = -1;
        LinearCrossEntropy.Result fused = model.loss(tokens, 2, targets);
        fused.loss().backward();
        List<float[]> gradients = model.parameters().stream().map(p -> p.grad().toArray()).toList();
        model.parameters().forEach(Tensor::zeroGrad);
        Tensor plain = new CrossEntropy().withIgnoreIndex(-1)
                .forward(model.forward(asTensor(tokens, 2, 20)).reshape(40, 67), targets);
        plain.backward();
        assertEquals(plain.item(), fused.loss().item(), 1e-5f);
        assertEquals(39, fused.counted());
        for (int i = 0; i < gradients.size(); i++) {
            assertArrayEquals(model.parameters().get(i).grad().toArray(), gradients.get(i), 1e-5f, "parameter " + i);
        }
        model.eval();
        float inEvaluation = Autograd.noGrad(() -> model.loss(tokens, 2, targets)).loss().item();
        assertEquals(fused.loss().item(), inEvaluation);
    }

    @ParameterizedTest
    @EnumSource(value = EmbeddingFormat.class, names = "FLOAT16", mode = EnumSource.Mode.EXCLUDE)
    void isSavedAndLoadedToTheSameBits(EmbeddingFormat format, @TempDir Path folder) throws Exception {
        BitTransformerConfig config = configs().get(1).toBuilder().tieWordEmbeddings(format != EmbeddingFormat.INT8)
                .embeddingFormat(format).build();
        BitTransformer model = AutoBitModel.fromConfig(config, 3);
        model.eval();
        Tensor tokens = asTensor(tokens(5, 30, 67), 1, 30);
        float[] expected = model.forward(tokens).toArray();
        AutoBitModel.save(model, folder);
        assertArrayEquals(expected, AutoBitModel.load(folder).forward(tokens).toArray());
        AutoBitModel.save(model, folder, Layer.Mode.DEPLOYED);
        BitTransformer deployed = AutoBitModel.load(folder, BitTransformer.class);
        assertEquals(config, deployed.config());
        assertEquals(Layer.Mode.DEPLOYED, deployed.mode());
        assertArrayEquals(expected, deployed.forward(tokens).toArray());
        AutoBitModel.save(deployed, folder);
        assertArrayEquals(expected, AutoBitModel.load(folder).forward(tokens).toArray());
        model.deploy();
        assertEquals(model.parameterCount(), deployed.parameterCount());
        assertArrayEquals(expected, model.forward(tokens).toArray());
    }

    @Test
    void sequencesLongerThanTheModelHasPositionsAreRefused() {
        BitTransformerConfig config = BitTransformerConfig.builder(67, 32, 1, 2).maxPositionEmbeddings(8).build();
        BitTransformer model = AutoBitModel.fromConfig(config, 3);
        int[] tokens = tokens(5, 18, 67);
        String reason = ": sequences of 9 tokens, expected at most the 8 positions of the model "
                + "(max_position_embeddings); give shorter ones, or build or load the model with more "
                + "maxPositionEmbeddings";
        for (int mode = 0; mode < 2; mode++) {
            Exception e = assertThrows(IllegalArgumentException.class, () -> model.forward(asTensor(tokens, 2, 9)));
            assertEquals("BitTransformer.forward" + reason, e.getMessage());
            e = assertThrows(IllegalArgumentException.class,
                    () -> model.forward(asTensor(Arrays.copyOf(tokens, 9), 9)));
            assertEquals("BitTransformer.forward" + reason, e.getMessage());
            e = assertThrows(IllegalArgumentException.class, () -> model.loss(tokens, 2, tokens));
            assertEquals("BitTransformer.loss" + reason, e.getMessage());
            model.eval();
        }
        assertArrayEquals(new int[] {2, 8, 67}, model.forward(asTensor(Arrays.copyOf(tokens, 16), 2, 8)).shape());
        assertEquals(8, model.newSession().room());
        DecodingSession sliding = model.newSession(model.cacheBuilder().slidingWindow(true).build());
        sliding.append(tokens);
        assertEquals(18, sliding.length(), "a window that slides sees 8 positions, of any number");
    }

    @Test
    void aSessionDoesNotGoOnWithOtherWeights() {
        BitTransformer model = AutoBitModel.fromConfig(configs().get(0), 3);
        model.eval();
        Map<String, Runnable> changes = new LinkedHashMap<>();
        changes.put("trained", () -> {
            model.train();
            Optimizer optimizer = new AdamW(model.parameters(), 0.1f);
            model.loss(new int[] {1, 2, 3}, 1, 2, 3, 4).loss().backward();
            optimizer.step();
            model.eval();
        });
        changes.put("loaded", () -> model.loadStateDict(AutoBitModel.fromConfig(configs().get(0), 4).stateDict()));
        changes.put("loaded in part", () -> {
            StateDict part = new StateDict();
            part.put("weight", Tensor.randn(7, model.config().hiddenSize()));
            model.children().get("model").children().get("norm").loadMatching(part);
        });
        changes.put("initialized again", () -> model.initialize(9));
        changes.forEach((what, change) -> {
            DecodingSession session = model.newSession();
            session.append(1, 2, 3);
            change.run();
            Exception e = assertThrows(IllegalStateException.class, () -> session.append(4), what);
            assertTrue(e.getMessage().startsWith("DecodingSession.append: the model was trained or loaded after the 3 "
                    + "tokens of this session"), e.getMessage());
            assertEquals(3, session.length());
            session.truncate(0);
            assertArrayEquals(model.newSession().append(1, 2, 3, 4), session.append(1, 2, 3, 4), what);
        });
    }

    @Test
    void aCacheBelongsToOneSession() {
        BitTransformer model = AutoBitModel.fromConfig(configs().get(0), 3);
        model.eval();
        KvCache cache = model.cacheBuilder().build();
        model.newSession(cache).append(1, 2, 3);
        Exception e = assertThrows(IllegalArgumentException.class, () -> model.newSession(cache));
        assertTrue(e.getMessage().contains("belongs to another session, expected an empty one"), e.getMessage());
    }

    @Test
    void aSessionDoesNotGoOnWithAModelInTraining() {
        BitTransformer model = AutoBitModel.fromConfig(configs().get(0), 3);
        model.eval();
        DecodingSession session = model.newSession();
        model.train();
        Exception e = assertThrows(IllegalStateException.class, () -> session.append(4));
        assertTrue(e.getMessage().startsWith("DecodingSession.append: the model is in training"), e.getMessage());
    }

    /** It computes the same bits before and after. */
    @Test
    void aSessionGoesOnWhenItsModelIsDeployed() {
        BitTransformer model = AutoBitModel.fromConfig(configs().get(0), 3);
        model.eval();
        float[] expected = model.newSession().append(1, 2, 3, 4).clone();
        DecodingSession session = model.newSession();
        session.append(1, 2, 3);
        model.deploy();
        assertArrayEquals(expected, session.append(4));
    }

    @Test
    void refusesWhatIsWrong() {
        BitTransformer model = AutoBitModel.fromConfig(configs().get(0), 3);
        Exception e = assertThrows(IllegalStateException.class, model::newSession);
        assertEquals("BitTransformer.newSession: the model is in training; call eval() or deploy() first",
                e.getMessage());
        model.eval();
        DecodingSession session = model.newSession(model.cacheBuilder().capacity(10).build());
        float[] before = session.append(1, 2, 3).clone();
        e = assertThrows(IllegalArgumentException.class, () -> session.append(5, 67));
        assertEquals("DecodingSession.append: token 67 at position 1 is not one of 0 to 66", e.getMessage());
        e = assertThrows(IllegalArgumentException.class, session::append);
        assertTrue(e.getMessage().startsWith("DecodingSession.append: no tokens"), e.getMessage());
        e = assertThrows(IllegalStateException.class, () -> session.append(new int[8]));
        assertEquals("KvCache: 8 positions after 3 don't fit the context of 10; begin a new sequence, truncate this"
                + " one, or let it slide", e.getMessage());
        assertEquals(3, session.length(), "nothing is lost");
        session.truncate(2);
        assertArrayEquals(before, session.append(3));
        e = assertThrows(IllegalArgumentException.class, () -> model.forward(Tensor.of(new float[] {0.5f}, 1)));
        assertEquals("BitTransformer: token 0.5 at position 0 is not a whole number", e.getMessage());
        e = assertThrows(IllegalArgumentException.class, () -> model.forward(Tensor.zeros(1, 1, 1)));
        assertEquals("BitTransformer: tokens [1, 1, 1], expected [batch, length] or [length]", e.getMessage());
        e = assertThrows(IllegalArgumentException.class, () -> model.loss(new int[3], 2, new int[3]));
        assertEquals("BitTransformer.loss: 3 tokens are not 2 sequences of one length", e.getMessage());
    }
}
