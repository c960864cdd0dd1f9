package io.bitlab.models.transformer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.layers.Observation;
import io.bitlab.models.AutoBitModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@link BatchedDecoder}'s steps, each of which begins and ends when a test says so. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SharedStepsTest {

    private static final int VOCABULARY = 67;
    private static final int NAN_TOKEN = VOCABULARY - 1;

    private static BitTransformerConfig.Builder config() {
        return BitTransformerConfig.builder(VOCABULARY, 48, 2, 4).maxPositionEmbeddings(200);
    }

    private static BitTransformer model(BitTransformerConfig config) {
        BitTransformer model = AutoBitModel.fromConfig(config, 3);
        model.eval();
        return model;
    }

    /** Sees each step begin in the thread that leads it, and can make it wait or fail. */
    private static final class Steps implements AutoCloseable {
        private final Semaphore begun = new Semaphore(0);
        private final Semaphore allowed = new Semaphore(0);
        private final List<Integer> rows = Collections.synchronizedList(new ArrayList<>());
        private final Observation observation;
        private volatile Error failure;

        Steps(BitTransformer model) {
            observation = model.observe((path, output) -> {
                if (path.equals("model.embed_tokens") && output.length(1) > 0) {
                    begin(output.length(1));
                }
            });
        }

        private void begin(int tokens) {
            rows.add(tokens);
            begun.release();
            allowed.acquireUninterruptibly();
            if (failure != null) {
                throw failure;
            }
        }

        @Override
        public void close() {
            observation.close();
            allowed.release(1_000_000);
        }
    }

    private static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(100_000);
        }
    }

    private static Thread start(Runnable task) {
        return Thread.ofVirtual().start(task);
    }

    @Test
    void whatArrivesDuringAStepSharesTheNextOneAndALongPromptLeavesRoom() throws Exception {
        BitTransformer model = model(config().build());
        BatchedDecoder decoder = BatchedDecoder.builder(model).stepTokens(16).build();
        int[] prompt = new Random(1).ints(100, 0, VOCABULARY).toArray();
        List<Thread> threads = new ArrayList<>();
        try (Steps steps = new Steps(model)) {
            DecodingSession reader = decoder.newSession();
            threads.add(start(() -> reader.append(prompt)));
            steps.begun.acquire();
            for (int length : new int[] {1, 1, 7}) {
                DecodingSession other = decoder.newSession();
                threads.add(start(() -> other.append(Arrays.copyOf(prompt, length))));
            }
            until(() -> decoder.load().appending() == 4);
            steps.allowed.release();
            steps.begun.acquire(); // the three are in this step: 1, 1, 7 and 7 tokens
            assertEquals(4, decoder.load().appending());
            steps.allowed.release(1000);
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(100, reader.length());
            assertEquals(List.of(16, 16, 16, 16, 16, 16, 13), steps.rows);
        }
        assertEquals(7, decoder.load().steps());
        assertEquals(109, decoder.load().tokens());
    }

    @Test
    void aStepWaitsForTheSessionsOfTheLastOneOnlyAMoment() throws Exception {
        BitTransformer model = model(config().build());
        BatchedDecoder decoder = BatchedDecoder.builder(model).build();
        DecodingSession slow = decoder.newSession();
        DecodingSession fast = decoder.newSession();
        slow.append(1);
        for (int i = 0; i < 50; i++) {
            fast.append(2); // though the slow one doesn't come back, nor is closed
        }
        assertEquals(51, decoder.load().steps());
    }

    @Test
    void anErrorInASharedStepReachesAllAndChangesNothing() throws Exception {
        BitTransformer model = model(config().build());
        DecodingSession alone = model.newSession();
        alone.append(1, 2, 3);
        float[] expected = alone.append(4).clone();
        BatchedDecoder decoder = BatchedDecoder.builder(model).build();
        List<DecodingSession> sessions = List.of(decoder.newSession(), decoder.newSession(), decoder.newSession());
        List<Throwable> thrown = Collections.synchronizedList(new ArrayList<>());
        Error failure = new OutOfMemoryError("as if");
        try (Steps steps = new Steps(model)) {
            steps.allowed.release(3);
            for (DecodingSession session : sessions) {
                session.append(1, 2, 3);
            }
            steps.begun.acquire(3);
            DecodingSession blocker = decoder.newSession();
            List<Thread> threads = new ArrayList<>(List.of(start(() -> blocker.append(9))));
            steps.begun.acquire();
            for (DecodingSession session : sessions) {
                threads.add(start(() -> {
                    try {
                        session.append(4);
                    } catch (Throwable e) {
                        thrown.add(e);
                    }
                }));
            }
            until(() -> decoder.load().appending() == 4);
            steps.allowed.release();
            steps.begun.acquire();
            steps.failure = failure;
            steps.allowed.release();
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(List.of(3, 3, 3, 1, 3), steps.rows);
        }
        assertEquals(3, thrown.size());
        assertEquals(1, thrown.stream().filter(e -> e == failure).count(), "in the thread that led the step");
        for (Throwable e : thrown) {
            assertSame(failure, e == failure ? e : assertInstanceOf(IllegalStateException.class, e).getCause());
        }
        for (DecodingSession session : sessions) {
            assertEquals(3, session.length());
            assertArrayEquals(expected, session.append(4));
        }
    }

    @Test
    void whatOneSessionCausesOnlyThatOneFeels() throws Exception {
        BitTransformer model = AutoBitModel.fromConfig(config().build(), 3);
        Arrays.fill(model.parameters().getFirst().data(), NAN_TOKEN * 48, VOCABULARY * 48, Float.NaN);
        model.eval();
        float[] expected = model.newSession().append(5).clone();
        DecodingSession bad = model.newSession();
        Exception alone = assertThrows(IllegalArgumentException.class, () -> bad.append(1, 2, NAN_TOKEN, 4));
        BatchedDecoder decoder = BatchedDecoder.builder(model).build();
        DecodingSession guilty = decoder.newSession();
        List<Thread> threads = new ArrayList<>();
        List<float[]> logits = Collections.synchronizedList(new ArrayList<>());
        List<Throwable> thrown = Collections.synchronizedList(new ArrayList<>());
        try (Steps steps = new Steps(model)) {
            threads.add(start(() -> logits.add(decoder.newSession().append(5))));
            steps.begun.acquire();
            threads.add(start(() -> thrown.add(assertThrows(Exception.class,
                    () -> guilty.append(1, 2, NAN_TOKEN, 4)))));
            for (int i = 0; i < 3; i++) {
                threads.add(start(() -> logits.add(decoder.newSession().append(5))));
            }
            until(() -> decoder.load().appending() == 5);
            steps.allowed.release(100);
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(List.of(1, 7, 1, 1, 1, 4), steps.rows, "then each alone");
        }
        assertEquals(List.of(alone.getMessage()), thrown.stream().map(Throwable::getMessage).toList());
        assertEquals(0, guilty.length());
        assertEquals(4, logits.size());
        logits.forEach(result -> assertArrayEquals(expected, result));
    }

    @Test
    void aClosedSessionDropsWhatHasNotBegun() throws Exception {
        BitTransformer model = model(config().build());
        BatchedDecoder decoder = BatchedDecoder.builder(model).stepTokens(10).build();
        int[] prompt = new int[100];
        DecodingSession reader = decoder.newSession();
        DecodingSession other = decoder.newSession();
        List<Throwable> thrown = Collections.synchronizedList(new ArrayList<>());
        try (Steps steps = new Steps(model)) {
            Thread reading = start(() -> thrown.add(assertThrows(Exception.class, () -> reader.append(prompt))));
            steps.begun.acquire();
            Thread waiting = start(() -> thrown.add(assertThrows(Exception.class, () -> other.append(1))));
            until(() -> decoder.load().appending() == 2);
            other.close(); // at once: no step has begun with its token
            waiting.join();
            Thread closing = start(reader::close);
            until(reader::isClosed);
            assertEquals(1, decoder.load().sessions(), "keeps its room until the step ends");
            steps.allowed.release();
            closing.join();
            reading.join();
            assertEquals(List.of(10), steps.rows);
        }
        assertEquals(0, decoder.load().sessions());
        reader.close();
        assertEquals(0, decoder.load().sessions());
        String message = "DecodingSession.append: the session is closed; start a new one";
        assertEquals(List.of(message, message), thrown.stream().map(Throwable::getMessage).toList());
        assertEquals(message, assertThrows(IllegalStateException.class, () -> other.append(1)).getMessage());
        assertEquals(0, reader.length(), "as before the append");
    }
}
