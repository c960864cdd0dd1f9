package io.bitlab.models.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.ActivationDtype;
import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.embedding.EmbeddingFormat;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.layers.attention.KvCache;
import io.bitlab.models.AutoBitModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BatchedDecoderTest {

    private static final int VOCABULARY = 67;
    private static final int POSITIONS = 200;

    private static BitTransformerConfig.Builder config() {
        return BitTransformerConfig.builder(VOCABULARY, 48, 2, 4).maxPositionEmbeddings(POSITIONS);
    }

    private static BitTransformer model(BitTransformerConfig config) {
        BitTransformer model = AutoBitModel.fromConfig(config, 3);
        model.eval();
        return model;
    }

    /** Every choice that changes the road of the numbers. */
    static List<BitTransformerConfig> configs() {
        return List.of(config().build(),
                config().numKeyValueHeads(2).embeddingFormat(EmbeddingFormat.INT8).build(),
                config().numKeyValueHeads(1).headDim(16).subNorms(false).gated(false).hiddenAct(HiddenAct.SILU)
                        .tieWordEmbeddings(false).embeddingFormat(EmbeddingFormat.NF4).build(),
                config().quantConfig(BitQuantConfig.defaults().withActivationDtype(ActivationDtype.FLOAT32))
                        .embeddingFormat(EmbeddingFormat.BFLOAT16).build(),
                config().quantConfig(null).build());
    }

    /** What a conversation appends, piece by piece, and how its cache is built. */
    private record Script(int[][] pieces, int rounding, boolean sliding) {

        /** Random pieces: a prompt, then mostly single tokens. */
        static Script random(Random random) {
            boolean sliding = random.nextInt(4) == 0;
            int[][] pieces = new int[2 + random.nextInt(12)][];
            int room = POSITIONS;
            for (int i = 0; i < pieces.length; i++) {
                int most = sliding ? 150 : room - (pieces.length - i);
                int length =
                        i == 0 || random.nextInt(6) == 0 ? 1 + random.nextInt(Math.max(1, Math.min(most, 170))) : 1;
                pieces[i] = random.ints(length, 0, VOCABULARY).toArray();
                room -= length;
            }
            return new Script(pieces, random.nextInt(3), sliding);
        }

        KvCache cache(BitTransformer model) {
            KvCache.Builder cache = model.cacheBuilder().slidingWindow(sliding);
            return (rounding == 0 ? cache : rounding == 1 ? cache.bfloat16(true) : cache.int8(true)).build();
        }

        float[][] play(DecodingSession session) {
            float[][] logits = new float[pieces.length][];
            for (int i = 0; i < pieces.length; i++) {
                logits[i] = session.append(pieces[i]).clone();
            }
            return logits;
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void eachConversationHasTheBitsThatItHasAlone(BitTransformerConfig config) throws Exception {
        stress(config, 1, 10);
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void eachOfManyConversationsHasTheBitsThatItHasAlone(int seed) throws Exception {
        for (BitTransformerConfig config : configs()) {
            stress(config, seed, 200);
        }
    }

    /** Random conversations; some are closed or interrupted in the middle, and some append what is refused. */
    private static void stress(BitTransformerConfig config, int seed, int conversations) throws Exception {
        BitTransformer model = model(config);
        Random random = new Random(seed);
        List<Script> scripts = new ArrayList<>();
        List<float[][]> expected = new ArrayList<>();
        for (int i = 0; i < conversations; i++) {
            scripts.add(Script.random(random));
            expected.add(scripts.get(i).play(model.newSession(scripts.get(i).cache(model))));
        }
        BatchedDecoder decoder = BatchedDecoder.builder(model).maxSessions(1 + random.nextInt(8))
                .stepTokens(1 + random.nextInt(100)).admissionWait(Duration.ofMinutes(1)).build();
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int i = 0; i < conversations; i++) {
            int number = i;
            Random own = new Random(1000L * seed + i);
            tasks.add(() -> {
                play(decoder, scripts.get(number), expected.get(number), own, "seed " + seed + ", " + config
                        + ", conversation " + number);
                return null;
            });
        }
        try (ExecutorService threads = seed % 2 == 0 ? Executors.newVirtualThreadPerTaskExecutor()
                : Executors.newCachedThreadPool()) {
            for (Future<Void> future : threads.invokeAll(tasks)) {
                future.get();
            }
        }
        BatchedDecoder.Load load = decoder.load();
        assertEquals(new BatchedDecoder.Load(0, 0, 0, 0, load.steps(), load.tokens(), load.stepBytes()), load);
    }

    private static void play(BatchedDecoder decoder, Script script, float[][] expected, Random random, String message)
            throws InterruptedException {
        int ending = random.nextInt(6);
        try (DecodingSession session = decoder.newSession(script.cache(decoder.model()))) {
            for (int i = 0; i < script.pieces.length; i++) {
                if (random.nextInt(6) == 0) {
                    Thread.sleep(0, random.nextInt(900_000));
                }
                if (ending == 0 && i == 2) {
                    return; // gives up
                }
                if (ending == 1) {
                    assertThrows(IllegalArgumentException.class, () -> session.append(1, VOCABULARY));
                }
                if (ending == 2) {
                    Thread.currentThread().interrupt();
                }
                assertArrayEquals(expected[i], session.append(script.pieces[i]), message + ", piece " + i);
                assertEquals(ending == 2, Thread.interrupted(), message);
            }
        }
    }

    // ---------------------------------------------------------------- admission

    private static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(100_000);
        }
    }

    private static Thread start(Runnable task) {
        return Thread.ofVirtual().start(task);
    }
    @Test
    void sessionsAndPositionsAreBoundedAndAdmittedInTheOrderOfArrival() throws Exception {
        BitTransformer model = model(config().build());
        BatchedDecoder decoder = BatchedDecoder.builder(model).maxSessions(3).maxPositions(100)
                .admissionWait(Duration.ofMinutes(5)).build();
        DecodingSession first = decoder.newSession(model.cacheBuilder().capacity(60).build());
        DecodingSession second = decoder.newSession(model.cacheBuilder().capacity(30).build());
        List<Integer> admitted = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int capacity : new int[] {50, 10, 11}) {
            int queued = threads.size();
            threads.add(start(() -> {
                decoder.newSession(model.cacheBuilder().capacity(capacity).build());
                admitted.add(capacity);
            }));
            until(() -> decoder.load().queued() == queued + 1);
        }
        second.close();
        until(() -> decoder.load().sessions() == 1);
        assertEquals(3, decoder.load().queued(), "10 and 11 would fit, but 50 came first");
        first.close();
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of(10, 11, 50), admitted.stream().sorted().toList());
        BatchedDecoder.Load load = decoder.load();
        assertEquals(List.of(3, 71L, 0), List.of(load.sessions(), load.positions(), load.queued()));
        Exception e = assertThrows(IllegalArgumentException.class, decoder::newSession);
        assertEquals("BatchedDecoder.newSession: a cache of 200 positions, expected at most the 100 of all sessions "
                + "(maxPositions); build it with a smaller capacity", e.getMessage());
        Thread.currentThread().interrupt();
        e = assertThrows(TooManySessionsException.class,
                () -> decoder.newSession(model.cacheBuilder().capacity(20).build()));
        assertTrue(Thread.interrupted());
        assertTrue(e.getMessage().endsWith("and the thread was interrupted while it waited for one to close"),
                e.getMessage());
    }

    @Test
    void refusesWhatItCanNotDo() {
        BitTransformer model = model(config().build());
        BatchedDecoder decoder = BatchedDecoder.builder(model).maxSessions(1).build();
        DecodingSession open = decoder.newSession();
        Exception e = assertThrows(TooManySessionsException.class, decoder::newSession);
        assertEquals("BatchedDecoder.newSession: no room for a session of 200 positions: 1 sessions are open "
                + "(maxSessions 1), with 200 positions (maxPositions 9223372036854775807), 0 more wait; close one, "
                + "try again later, or build the decoder with more", e.getMessage());
        assertThrows(IllegalStateException.class, () -> open.append(new int[POSITIONS + 1]));
        assertEquals(0, open.length());
        open.close();
        decoder.newSession().close();
        model.train();
        assertThrows(IllegalStateException.class, decoder::newSession);
        assertEquals(0, decoder.load().sessions());
        BatchedDecoder.Builder builder = BatchedDecoder.builder(model);
        assertThrows(IllegalArgumentException.class, () -> builder.maxSessions(0));
        assertThrows(IllegalArgumentException.class, () -> builder.maxPositions(0));
        assertThrows(IllegalArgumentException.class, () -> builder.stepTokens(0));
        assertThrows(IllegalArgumentException.class, () -> builder.admissionWait(Duration.ofNanos(-1)));
    }

    @Test
    void theThreadsAreThoseOfTheDecoderAndMemoryStays() {
        BitTransformer model = model(config().build());
        float[] expected = model.newSession().append(1, 2, 3).clone();
        BatchedDecoder decoder;
        try (Parallel parallel = Parallel.of(3)) {
            decoder = parallel.call(() -> BatchedDecoder.builder(model).build());
            for (int i = 0; i < 2000; i++) {
                try (DecodingSession session = decoder.newSession()) {
                    assertArrayEquals(expected, session.append(1, 2, 3));
                    assertTrue(session.bytes() < 1 << 20, "without the memory of steps: " + session.bytes());
                }
            }
        }
        assertTrue(decoder.load().stepBytes() < 1 << 20, decoder.load().toString());
        DecodingSession session = decoder.newSession();
        assertThrows(IllegalStateException.class, () -> session.append(1), "its threads have ended");
        assertEquals(0, session.length());
    }
}
