package io.bitlab.core.parallel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("fallback")
@Timeout(60)
class ParallelTest {

    private static final long LARGE = 1_000_000_000;

    @ParameterizedTest
    @CsvSource({"1, 1, 1", "1, 7, 3", "2, 1, 1", "2, 2, 1", "2, 1000, 1", "2, 1000, 128", "3, 17, 5", "4, 31, 32",
        "4, 4096, 64"})
    void coversEachItemOnceInAlignedParts(int threads, int items, int alignment) {
        try (Parallel parallel = Parallel.of(threads)) {
            for (int repeat = 0; repeat < 200; repeat++) {
                AtomicIntegerArray visits = new AtomicIntegerArray(items);
                parallel.forRange(items, alignment, LARGE, (from, to) -> {
                    assertEquals(0, from % alignment);
                    assertTrue(to == items || to % alignment == 0, "ends at " + to);
                    for (int i = from; i < to; i++) {
                        visits.incrementAndGet(i);
                    }
                });
                for (int i = 0; i < items; i++) {
                    assertEquals(1, visits.get(i), "item " + i);
                }
            }
        }
    }

    /** A late helper could take the sizes of a small range for those of the large one before, and find blocks left. */
    @Test
    void allPartsBelongToTheRangeThatHasBegun() {
        SharedRange work = new SharedRange(8);
        for (int blocks : new int[] {16, 2, 8, 3}) {
            work.begin(blocks, 1, blocks, Math.min(8, blocks), (thread, from, to) -> {});
            for (int part = 0; part < 8; part++) {
                assertEquals(work.generation(), work.rangeOf(part), "part " + part + " of " + blocks + " blocks");
            }
            work.takePart(0);
            work.await();
            work.end();
        }
    }

    /** As in a container with a limit of threads. */
    @Test
    void threadsThatCannotStartLeaveTheirWorkToTheOthers() {
        AtomicInteger asked = new AtomicInteger();
        ThreadFactory limited = helper -> asked.incrementAndGet() == 1 ? new Thread(helper) : new Thread(helper) {
            @Override
            public void start() {
                throw new OutOfMemoryError("unable to create native thread");
            }
        };
        try (Parallel parallel = new Parallel(4, "limited", 60 * LARGE, true, limited)) {
            for (int repeat = 0; repeat < 100; repeat++) {
                AtomicIntegerArray visits = new AtomicIntegerArray(64);
                parallel.forRange(64, 1, LARGE, (from, to) -> {
                    for (int i = from; i < to; i++) {
                        visits.incrementAndGet(i);
                    }
                });
                for (int i = 0; i < 64; i++) {
                    assertEquals(1, visits.get(i), "item " + i);
                }
            }
        }
        assertEquals(3, asked.get(), "a thread that could not start is not tried again at once");
    }

    /** Those that run compute with arrays of the caller, who must not go on before they are done. */
    @Test
    void anErrorOfTheFactoryComesOutWhenAllIsDone() {
        AtomicInteger asked = new AtomicInteger();
        ThreadFactory broken = helper -> {
            if (asked.incrementAndGet() == 2) {
                throw new StackOverflowError();
            }
            return new Thread(helper);
        };
        try (Parallel parallel = new Parallel(3, "broken", 60 * LARGE, true, broken)) {
            AtomicIntegerArray visits = new AtomicIntegerArray(64);
            Parallel.Range slow = (from, to) -> {
                for (int i = from; i < to; i++) {
                    visits.incrementAndGet(i);
                    Thread.onSpinWait();
                }
            };
            assertThrows(StackOverflowError.class, () -> parallel.forRange(64, 1, LARGE, slow));
            for (int i = 0; i < 64; i++) {
                assertEquals(1, visits.get(i), "item " + i);
            }
            parallel.forRange(64, 1, LARGE, slow);
            for (int i = 0; i < 64; i++) {
                assertEquals(2, visits.get(i), "item " + i);
            }
        }
    }

    @Test
    void everyThreadHasANumberOfItsOwnInAllRanges() {
        try (Parallel parallel = Parallel.of(3)) {
            Thread[] known = new Thread[3];
            known[0] = Thread.currentThread();
            for (int repeat = 0; repeat < 500; repeat++) {
                parallel.forRange(30, 1, LARGE, (thread, from, to) -> {
                    if (known[thread] == null) {
                        known[thread] = Thread.currentThread();
                    }
                    assertSame(known[thread], Thread.currentThread());
                });
            }
            parallel.forRange(30, 1, 0, (thread, from, to) -> assertEquals(0, thread, "small work is the caller's"));
        }
    }

    @Test
    void severalThreadsComputeAtOnce() throws InterruptedException {
        try (Parallel parallel = Parallel.of(3)) {
            CountDownLatch allHere = new CountDownLatch(3);
            Set<Thread> threads = ConcurrentHashMap.newKeySet();
            parallel.forRange(3, 1, LARGE, (from, to) -> {
                threads.add(Thread.currentThread());
                allHere.countDown();
                awaitQuietly(allHere); // returns only if three threads are in here together
            });
            assertEquals(3, threads.size());
            assertTrue(threads.remove(Thread.currentThread()), "the caller computes too");
            assertTrue(threads.stream().allMatch(Thread::isDaemon));
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertTrue(latch.await(30, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** A helper outlives the call: what it kept of the caller's application could never be unloaded. */
    @Test
    void helpersKeepNothingOfTheCallersClassLoader() {
        Thread caller = Thread.currentThread();
        ClassLoader before = caller.getContextClassLoader();
        CountDownLatch bothHere = new CountDownLatch(2);
        Set<ClassLoader> contexts = ConcurrentHashMap.newKeySet();
        try (Parallel parallel = Parallel.of(2)) {
            caller.setContextClassLoader(new ClassLoader(before) {
            });
            parallel.forRange(2, 1, LARGE, (from, to) -> {
                bothHere.countDown();
                awaitQuietly(bothHere);
                if (Thread.currentThread() != caller) {
                    contexts.add(Thread.currentThread().getContextClassLoader());
                }
            });
        } finally {
            caller.setContextClassLoader(before);
        }
        assertEquals(Set.of(Parallel.class.getClassLoader()), contexts);
    }

    @Test
    void smallWorkWakesNobody() {
        try (Parallel parallel = Parallel.of(4)) {
            AtomicInteger calls = new AtomicInteger();
            parallel.forRange(1000, 1, 100, (from, to) -> {
                calls.incrementAndGet();
                assertEquals(0, from);
                assertEquals(1000, to);
            });
            assertEquals(1, calls.get());
        }
    }

    @Test
    void busyHelpersLeaveASecondCallerAlone() throws InterruptedException {
        try (Parallel parallel = Parallel.of(2)) {
            parallel.forRange(2, 1, LARGE, (from, to) -> {
                Set<Thread> nested = ConcurrentHashMap.newKeySet();
                parallel.forRange(100, 1, LARGE, (innerFrom, innerTo) -> nested.add(Thread.currentThread()));
                assertEquals(Set.of(Thread.currentThread()), nested);
            });
        }
    }

    @Test
    void failureReachesTheCallerAndThePoolStaysUsable() {
        try (Parallel parallel = Parallel.of(2)) {
            for (int repeat = 0; repeat < 100; repeat++) {
                IllegalArgumentException failure = assertThrows(IllegalArgumentException.class,
                        () -> parallel.forRange(100, 1, LARGE, (from, to) -> {
                            throw new IllegalArgumentException("item " + from);
                        }));
                assertTrue(failure.getMessage().startsWith("item "));
                assertThrows(AssertionError.class, () -> parallel.forRange(100, 1, LARGE, (from, to) -> {
                    throw new AssertionError();
                }));
                int[] sum = new int[100];
                parallel.forRange(100, 1, LARGE, (from, to) -> Arrays.fill(sum, from, to, 1));
                assertEquals(100, Arrays.stream(sum).sum());
            }
        }
    }

    @Test
    void manyCallersGetTheirOwnResults() throws InterruptedException {
        try (Parallel parallel = Parallel.of(3)) {
            Thread[] callers = new Thread[6];
            AtomicInteger wrong = new AtomicInteger();
            for (int c = 0; c < callers.length; c++) {
                int own = c;
                callers[c] = new Thread(() -> {
                    for (int repeat = 0; repeat < 500; repeat++) {
                        int[] result = new int[257];
                        parallel.forRange(257, 2, LARGE, (from, to) -> Arrays.fill(result, from, to, own));
                        wrong.addAndGet(Arrays.stream(result).allMatch(v -> v == own) ? 0 : 1);
                    }
                });
                callers[c].start();
            }
            for (Thread caller : callers) {
                caller.join();
            }
            assertEquals(0, wrong.get());
        }
    }

    @Test
    void idleHelpersEndAndComeBack() throws InterruptedException {
        Set<Thread> seen = ConcurrentHashMap.newKeySet();
        try (Parallel parallel = new Parallel(2, "test", 1_000_000)) {
            for (int repeat = 0; repeat < 50; repeat++) {
                CountDownLatch bothHere = new CountDownLatch(2);
                parallel.forRange(2, 1, LARGE, (from, to) -> {
                    seen.add(Thread.currentThread());
                    bothHere.countDown();
                    awaitQuietly(bothHere);
                });
                Thread.sleep(repeat % 4); // around the moment when the helper gives up
            }
            seen.remove(Thread.currentThread());
            for (Thread helper : seen) {
                helper.join(10_000);
                assertFalse(helper.isAlive(), helper.getName());
            }
        }
    }

    @Test
    void closingEndsTheHelpers() throws InterruptedException {
        Parallel parallel = Parallel.of(2);
        CountDownLatch bothHere = new CountDownLatch(2);
        Set<Thread> seen = ConcurrentHashMap.newKeySet();
        parallel.forRange(2, 1, LARGE, (from, to) -> {
            seen.add(Thread.currentThread());
            bothHere.countDown();
            awaitQuietly(bothHere);
        });
        parallel.close();
        seen.remove(Thread.currentThread());
        for (Thread helper : seen) {
            helper.join(10_000);
            assertFalse(helper.isAlive());
        }
        assertEquals("Parallel: this instance was closed",
                assertThrows(IllegalStateException.class, () -> parallel.forRange(1, 1, 0, (from, to) -> {
                })).getMessage());
    }

    @Test
    void theCallerChoosesTheInstance() {
        assertSame(Parallel.shared(), Parallel.current());
        assertSame(Parallel.sequential(), Parallel.sequential().call(Parallel::current));
        assertEquals(1, Parallel.sequential().threads());
        Parallel.sequential().close();
        Parallel.shared().close();
        int[] result = new int[10];
        Parallel.sequential().forRange(10, 1, LARGE, (from, to) -> Arrays.fill(result, from, to, 1));
        Parallel.shared().forRange(10, 1, LARGE, (from, to) -> Arrays.fill(result, from, to, 2));
        assertArrayEquals(new int[] {2, 2, 2, 2, 2, 2, 2, 2, 2, 2}, result);
    }

    @Test
    void threadsComeFromTheProperty() {
        assertEquals(3, Parallel.threadsOf(" 3 "));
        assertEquals(Runtime.getRuntime().availableProcessors(), Parallel.threadsOf(null));
        assertEquals(Runtime.getRuntime().availableProcessors(), Parallel.threadsOf(""));
        for (String wrong : new String[] {"0", "-1", "two"}) {
            assertEquals("Parallel: bitlab.threads=" + wrong + ", expected a number of threads of at least 1",
                    assertThrows(IllegalStateException.class, () -> Parallel.threadsOf(wrong)).getMessage());
        }
        assertEquals("Parallel: 0 threads, expected at least 1",
                assertThrows(IllegalArgumentException.class, () -> Parallel.of(0)).getMessage());
    }
}
