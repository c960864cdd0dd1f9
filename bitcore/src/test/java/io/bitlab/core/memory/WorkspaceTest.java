package io.bitlab.core.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.ops.LinearCrossEntropy;
import io.bitlab.core.ops.LinearOps;
import io.bitlab.core.ops.Losses;
import io.bitlab.core.ops.Norms;
import io.bitlab.core.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fallback")
class WorkspaceTest {

    private static final int KEEP_RESETS = 8;

    private static List<Object> oneOfEach(int length) {
        return List.of(Workspace.floats(length), Workspace.bytes(length), Workspace.shorts(length),
                Workspace.ints(length));
    }

    private static void assertSameArrays(List<Object> expected, List<Object> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertSame(expected.get(i), actual.get(i), "array " + i);
        }
    }

    @Test
    void handsOutOrdinaryArraysWhenNoneIsBound() {
        assertNull(Workspace.current());
        assertNotSame(Workspace.floats(3), Workspace.floats(3));
        assertArrayEquals(new float[3], Workspace.zeros(3));
        assertEquals(3, Workspace.bytes(3).length);
        assertEquals(3, Workspace.shorts(3).length);
        assertEquals(3, Workspace.ints(3).length);
    }

    @Test
    void recyclesTheSameArrays() {
        Workspace workspace = new Workspace();
        List<Object> first = new ArrayList<>();
        int[] lengths = {5, 3, 5, 1, 0, 7, 3};
        workspace.run(() -> Arrays.stream(lengths).forEach(length -> first.addAll(oneOfEach(length))));
        Set<Object> distinct = Collections.newSetFromMap(new IdentityHashMap<>());
        distinct.addAll(first);
        assertEquals(first.size(), distinct.size(), "nothing is handed out twice");
        for (int round = 0; round < 3; round++) {
            workspace.reset();
            List<Object> again = new ArrayList<>();
            workspace.run(() -> Arrays.stream(lengths).forEach(length -> again.addAll(oneOfEach(length))));
            assertSameArrays(first, again);
        }
    }

    @Test
    void whatIsGivenBackIsHandedOutAgain() {
        Workspace workspace = new Workspace();
        workspace.run(() -> {
            float[] kept = Workspace.floats(5);
            float[] scratch = Workspace.floats(5);
            float[] later = Workspace.floats(5);
            Workspace.giveBack(scratch);
            assertSame(scratch, Workspace.floats(5));
            assertNotSame(kept, Workspace.floats(5));
            assertNotSame(later, Workspace.floats(5));
            Workspace.giveBack(new float[5]); // not from here: ignored
            Workspace.giveBack(new float[77]);
            short[] shorts = Workspace.shorts(5);
            Workspace.giveBack(shorts);
            assertSame(shorts, Workspace.shorts(5));
        });
        assertEquals(5 * 5 * Float.BYTES + 5 * Short.BYTES, workspace.residentBytes());
        Workspace.giveBack(new float[5]); // nothing is bound
        Workspace.giveBack(new short[5]);
    }

    /** Each product packs an operand; those of a chunked loss would add up to gigabytes. */
    @Test
    void productsKeepNoScratchMemory() {
        Workspace workspace = new Workspace();
        Tensor x = Tensor.randn(1, 600, 64).requiresGrad(true);
        Tensor w = Tensor.randn(2, 40_000, 64).requiresGrad(true);
        workspace.run(() -> LinearCrossEntropy.of(x, w, new int[600], "head"));
        long gradient = 4L * w.size(); // and as much packed; the logits of a chunk are 17 MB
        assertTrue(workspace.residentBytes() < 5 * gradient, workspace.residentBytes() + " bytes");
    }

    @Test
    void arraysOfOneLargeEpochAreDropped() {
        Workspace workspace = new Workspace();
        for (int epoch = 0; epoch < 3 * KEEP_RESETS; epoch++) {
            int count = epoch == 2 ? 50 : 2;
            workspace.run(() -> {
                for (int i = 0; i < count; i++) {
                    Workspace.floats(1000);
                }
            });
            workspace.reset();
        }
        assertEquals(2 * 1000 * Float.BYTES, workspace.residentBytes());
    }

    @Test
    void keepsWhatIsHandedOutUntilTheReset() {
        Workspace workspace = new Workspace();
        float[] first = workspace.call(() -> Workspace.floats(4));
        float[] second = workspace.call(() -> Workspace.floats(4));
        assertNotSame(first, second);
        assertEquals(4, second.length);
    }

    @Test
    void clearsZeros() {
        Workspace workspace = new Workspace();
        workspace.run(() -> Arrays.fill(Workspace.floats(3), Float.NaN));
        workspace.reset();
        assertArrayEquals(new float[3], workspace.call(() -> Workspace.zeros(3)));
    }

    @Test
    void countsResets() {
        Workspace workspace = new Workspace();
        assertEquals(0, workspace.epoch());
        workspace.reset();
        workspace.reset();
        assertEquals(2, workspace.epoch());
    }

    @Test
    void counts() {
        Workspace workspace = new Workspace();
        assertEquals(0, workspace.residentBytes());
        workspace.run(() -> {
            Workspace.floats(10);
            Workspace.floats(10);
            Workspace.bytes(7);
            Workspace.shorts(5);
            Workspace.ints(3);
        });
        long expected = 10 * 4 * 2 + 7 + 5 * 2 + 3 * 4;
        assertEquals(expected, workspace.residentBytes());
        workspace.reset();
        assertEquals(expected, workspace.residentBytes(), "waiting arrays count");
        workspace.run(() -> Workspace.floats(10));
        assertEquals(expected, workspace.residentBytes(), "recycled arrays count once");
    }

    @Test
    void dropsALengthThatWasNotAskedForDuringSomeResets() {
        Workspace workspace = new Workspace();
        workspace.run(() -> oneOfEach(100));
        workspace.run(() -> oneOfEach(10));
        workspace.reset();
        for (int idle = 1; idle <= KEEP_RESETS; idle++) {
            assertEquals((100 + 10) * (4 + 1 + 2 + 4), workspace.residentBytes(),
                    "after " + (idle - 1) + " idle resets");
            workspace.run(() -> oneOfEach(10));
            workspace.reset();
        }
        assertEquals(10 * (4 + 1 + 2 + 4), workspace.residentBytes());
        assertEquals(100, workspace.call(() -> Workspace.floats(100)).length);
    }

    @Test
    void growsNoFurtherThanItsRecentLengths() {
        Workspace workspace = new Workspace();
        for (int length = 1; length <= 1000; length++) {
            int n = length;
            workspace.run(() -> Workspace.floats(n));
            workspace.reset();
        }
        assertTrue(workspace.residentBytes() <= 4L * 1000 * (KEEP_RESETS + 1), workspace.residentBytes() + " bytes");
    }

    @Test
    void nests() {
        Workspace outer = new Workspace();
        Workspace inner = new Workspace();
        outer.run(() -> {
            assertSame(outer, Workspace.current());
            inner.run(() -> {
                assertSame(inner, Workspace.current());
                Workspace.floats(3);
                outer.run(() -> assertSame(outer, Workspace.current()));
                assertSame(inner, Workspace.current());
            });
            assertSame(outer, Workspace.current());
            assertEquals(0, outer.residentBytes());
            outer.run(() -> Workspace.floats(5)); // once more, by the same thread
            assertEquals(20, outer.residentBytes());
        });
        assertNull(Workspace.current());
        assertEquals(12, inner.residentBytes());
    }

    @Test
    void refusesAnotherThreadWhileBound() throws InterruptedException {
        Workspace workspace = new Workspace();
        Throwable[] thrown = new Throwable[2];
        workspace.run(() -> {
            workspace.run(() -> Workspace.floats(1)); // the end of a nested use does not release it
            Thread other = new Thread(() -> {
                assertNull(Workspace.current(), "a thread of its own is bound to nothing");
                thrown[0] = assertThrows(Throwable.class, () -> workspace.run(() -> Workspace.floats(3)));
                thrown[1] = assertThrows(Throwable.class, workspace::reset);
            }, "other");
            other.start();
            join(other);
        });
        for (Throwable refusal : thrown) {
            assertInstanceOf(IllegalStateException.class, refusal);
            assertEquals("Workspace: thread '" + Thread.currentThread().getName() + "' is using it and thread 'other' "
                    + "wants to; give each thread its own workspace", refusal.getMessage());
        }
        assertEquals(0, workspace.epoch());
        float[][] later = new float[1][];
        Thread next = new Thread(() -> later[0] = workspace.call(() -> Workspace.floats(3)));
        next.start();
        next.join();
        assertNotNull(later[0], "once released, another thread may use it");
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void staysUsableAfterAnException() throws InterruptedException {
        Workspace workspace = new Workspace();
        assertThrows(IOException.class, () -> workspace.call(() -> {
            Workspace.floats(3);
            throw new IOException("checked exceptions pass unchanged");
        }));
        assertNull(Workspace.current());
        workspace.reset();
        assertEquals(3, workspace.call(() -> Workspace.floats(3)).length);
        assertEquals(12, workspace.residentBytes());
        Throwable[] failure = new Throwable[1];
        Thread other = new Thread(() -> workspace.run(() -> Workspace.floats(3)));
        other.setUncaughtExceptionHandler((thread, e) -> failure[0] = e);
        other.start();
        other.join();
        assertNull(failure[0], "the thread that threw no longer holds it");
    }

    @Test
    void memoryOfATrainingRunStaysFlat() {
        Workspace workspace = new Workspace();
        Tensor x = Tensor.randn(1, 9, 13);
        int[] labels = {0, 1, 2, 3, 4, 0, 1, 2, 3};
        Tensor hidden = Tensor.randn(2, 17, 13).requiresGrad(true);
        Tensor scale = Tensor.full(1f, 17).requiresGrad(true);
        Tensor out = Tensor.randn(3, 5, 17).requiresGrad(true);
        Tensor bias = Tensor.zeros(5).requiresGrad(true);
        List<Tensor> parameters = List.of(hidden, scale, out, bias);
        long settled = 0;
        float firstLoss = 0;
        float lastLoss = 0;
        for (int step = 0; step < 1000; step++) {
            lastLoss = workspace.call(() -> {
                Tensor h = LinearOps.bitLinear(x, hidden, null, BitQuantConfig.defaults(), 1f, "hidden").relu();
                Tensor loss = Losses.crossEntropy(
                        LinearOps.linear(Norms.rmsNorm(h, scale, 1e-5f, "norm"), out, bias, "out"), labels, 0f, -100);
                loss.backward();
                return loss.item();
            });
            workspace.reset();
            parameters.forEach(WorkspaceTest::descend);
            if (step == 1) {
                settled = workspace.residentBytes();
                firstLoss = lastLoss;
            }
            if (step > 1) {
                assertEquals(settled, workspace.residentBytes(), "bytes after step " + step);
            }
        }
        assertTrue(settled > 0);
        assertTrue(lastLoss < firstLoss / 10, "loss fell from " + firstLoss + " to " + lastLoss);
    }

    private static void descend(Tensor parameter) {
        float[] values = parameter.data();
        float[] gradient = parameter.grad().data();
        for (int i = 0; i < values.length; i++) {
            values[i] -= 0.05f * gradient[i];
        }
        parameter.zeroGrad();
    }
}
