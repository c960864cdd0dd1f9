package io.bitlab.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Who may compute, who waits, and who is sent away. */
class AdmissionTest {

    private static Admission admission(int running, int queued, Duration wait) {
        return new Admission(ServerLimits.DEFAULTS.withAnswers(running, queued, wait));
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        while (!condition.call()) {
            Thread.sleep(1);
        }
    }

    @Test
    void aBoundedNumberRunsAndWaits() throws Exception {
        Admission admission = admission(1, 1, Duration.ofMinutes(1));
        CountDownLatch end = new CountDownLatch(1);
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Object> first = clients.submit(() -> run(admission, end));
            await(() -> admission.running() == 1);
            Future<Object> second = clients.submit(() -> run(admission, end));
            await(() -> admission.waiting() == 1);
            ApiError third = assertThrows(ApiError.class, () -> run(admission, end));
            assertEquals(429, third.status());
            assertTrue(third.mayRetry());
            end.countDown();
            first.get();
            second.get();
        }
        assertEquals(0, admission.running());
        assertEquals(0, admission.waiting());
    }

    private static Object run(Admission admission, CountDownLatch end) throws IOException {
        admission.run(() -> {
            try {
                end.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        return null;
    }

    @Test
    void whoWaitsTooLongIsSentAway() throws Exception {
        Admission admission = admission(1, 1, Duration.ofMillis(10));
        CountDownLatch end = new CountDownLatch(1);
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Object> first = clients.submit(() -> run(admission, end));
            await(() -> admission.running() == 1);
            assertEquals(503, assertThrows(ApiError.class, () -> run(admission, end)).status());
            assertEquals(0, admission.waiting());
            end.countDown();
            first.get();
        }
    }

    @Test
    void noWorkBeginsAfterTheStop() {
        Admission admission = admission(1, 1, Duration.ZERO);
        admission.stop();
        assertEquals(503, assertThrows(ApiError.class, () -> admission.run(() -> {})).status());
        assertEquals(0, admission.running());
    }

    @Test
    void failuresReachTheCaller() {
        Admission admission = admission(1, 0, Duration.ZERO);
        for (Throwable failure : List.of(new IOException("a"), new IllegalStateException("b"), new StackOverflowError(),
                ApiError.internal())) {
            assertSame(failure, assertThrows(Throwable.class, () -> admission.run(() -> {
                switch (failure) {
                    case IOException e -> throw e;
                    case RuntimeException e -> throw e;
                    case Error e -> throw e;
                    default -> throw new AssertionError(failure);
                }
            })));
        }
        assertEquals(0, admission.running());
    }

    @Test
    void workRunsInAPlatformThreadOfItsOwn() throws IOException {
        Thread[] thread = new Thread[1];
        admission(1, 0, Duration.ZERO).run(() -> thread[0] = Thread.currentThread());
        assertFalse(thread[0].isVirtual());
        assertFalse(thread[0].isAlive());
    }
}
