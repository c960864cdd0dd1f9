package io.bitlab.core.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.memory.Workspace;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

@Tag("fallback")
class AutogradTest {

    private static Tensor leaf(float... values) {
        return Tensor.of(values, values.length).requiresGrad(true);
    }

    private static String refusal(Executable action) {
        return assertThrows(IllegalStateException.class, action).getMessage();
    }

    @Test
    void addsUpTheUsesOfOneLeaf() {
        Tensor x = leaf(2, 3);
        x.mul(x).add(x.mul(5f)).sum().backward();
        assertArrayEquals(new float[] {2 * 2 + 5, 2 * 3 + 5}, x.grad().data());
    }

    @Test
    void addsUpSeveralBackwards() {
        Tensor x = leaf(2, 3);
        x.sum().backward();
        Tensor grad = x.grad();
        x.mul(10f).sum().backward();
        assertSame(grad, x.grad());
        assertArrayEquals(new float[] {11, 11}, grad.data());
        x.zeroGrad();
        assertSame(grad, x.grad());
        assertArrayEquals(new float[] {0, 0}, grad.data());
        x.sum().backward();
        assertArrayEquals(new float[] {1, 1}, grad.data());
    }

    @Test
    void zeroGradWithoutGradientDoesNothing() {
        Tensor x = leaf(2, 3);
        x.zeroGrad();
        assertNull(x.grad());
    }

    @Test
    void visitsEachOperationOfADiamondOnce() {
        Tensor x = leaf(3);
        int[] visits = {0};
        Tensor top = Autograd.result("top", new float[] {3}, new int[] {1}, g -> {
            visits[0]++;
            x.gradBuffer()[0] += g[0];
        }, x);
        Tensor left = top.mul(2f);
        Tensor right = top.mul(left);
        left.add(right).mul(right).sum().backward(); // (2x + 2x²) * 2x² = 4x³ + 4x⁴
        assertEquals(1, visits[0]);
        assertEquals(12 * 9 + 16 * 27, x.grad().item());
    }

    @Test
    void doublesThroughADeepLadderOfDiamondsInLinearTime() {
        Tensor x = leaf(1);
        Tensor y = x;
        for (int i = 0; i < 100; i++) {
            y = y.add(y);
        }
        y.backward();
        assertEquals((float) Math.scalb(1.0, 100), x.grad().item());
    }

    @Test
    void followsAVeryLongChain() {
        Tensor x = leaf(1);
        Tensor y = x;
        for (int i = 0; i < 100_000; i++) {
            y = y.add(1f);
        }
        y.backward();
        assertEquals(100_001f, y.item());
        assertEquals(1f, x.grad().item());
    }

    @Test
    void reachesOnlyTheLeavesThatAsk() {
        Tensor x = leaf(2);
        Tensor constant = Tensor.of(new float[] {7}, 1);
        Tensor y = x.mul(constant);
        assertTrue(y.needsGrad());
        assertFalse(y.requiresGrad());
        y.backward();
        assertEquals(7f, x.grad().item());
        assertNull(constant.grad());
        assertNull(y.grad(), "gradients of intermediate results are dropped");
    }

    @Test
    void noGradRecordsNothing() {
        Tensor x = leaf(2);
        Tensor y = Autograd.noGrad(() -> {
            assertFalse(Autograd.isRecording());
            assertFalse(Autograd.<Boolean>noGrad(Autograd::isRecording), "nested");
            return x.mul(3f);
        });
        assertTrue(Autograd.isRecording());
        assertEquals(6f, y.item());
        assertFalse(y.needsGrad());
        assertThrows(IllegalArgumentException.class, () -> Autograd.noGrad(() -> x.reshape(5)));
        assertTrue(Autograd.isRecording(), "after an exception");
        y.requiresGrad(true).mul(2f).backward();
        assertEquals(2f, y.grad().item());
        assertNull(x.grad());
    }

    @Test
    void refusesASecondBackward() {
        Tensor x = leaf(2);
        Tensor y = x.mul(3f).tanh();
        y.backward();
        float first = x.grad().item();
        String expected =
                "backward: the record of 'tanh' was used up by an earlier backward(); compute the result again "
                        + "before the next backward()";
        assertEquals(expected, refusal(y::backward));
        assertEquals(first, x.grad().item());
        assertNull(y.grad());
    }

    @Test
    void refusesAHalfUsedRecordBeforeItChangesAnything() {
        Tensor x = leaf(2);
        Tensor other = leaf(5);
        Tensor shared = x.exp();
        shared.sum().backward();
        float first = x.grad().item();
        Tensor second = shared.mul(other);
        assertEquals(
                "backward: the record of 'exp' was used up by an earlier backward(); compute the result again before "
                        + "the next backward()",
                refusal(second::backward));
        assertNull(other.grad());
        assertEquals(first, x.grad().item());
    }

    @Test
    void refusesWhatRecordsNoGradients() {
        assertEquals("Tensor.backward: this tensor records no gradients. Either no leaf that it was computed from has "
                + "requiresGrad(true), or it was computed inside Autograd.noGrad, or by a layer in evaluation: call "
                + "train() on the model and run forward again",
                refusal(() -> Tensor.scalar(1f).mul(2f).backward()));
    }

    @Test
    void refusesWhatHasNoGradientBeforeItChangesAnything() {
        Tensor x = leaf(2);
        Tensor other = leaf(5);
        int[] described = {0};
        Tensor y = Autograd.unrecorded("head", () -> "Head(1) " + ++described[0], new float[] {7}, new int[] {1},
                Tensor.scalar(0f), x);
        assertEquals(7f, y.item());
        assertTrue(y.needsGrad());
        assertEquals("Tensor[1]([7.0], by head)", y.toString());
        Tensor loss = y.mul(other);
        assertEquals(0, described[0]);
        assertEquals("backward: Head(1) 1 is in evaluation and records no gradients; call train() on the model and "
                + "run forward again", refusal(loss::backward));
        assertNull(other.grad());
        assertNull(x.grad());
    }

    @Test
    void whatHasNoGradientIsAConstantIfNoneIsNeeded() {
        Tensor x = leaf(2);
        float[] values = {7};
        int[] shape = {1};
        assertFalse(Autograd.unrecorded("head", () -> "Head", values, shape).needsGrad());
        assertFalse(Autograd.unrecorded("head", () -> "Head", values, shape, x.detach()).needsGrad());
        Tensor y = Autograd.noGrad(() -> Autograd.unrecorded("head", () -> "Head", values, shape, x));
        assertFalse(y.needsGrad());
        x.mul(y).backward();
        assertEquals(7f, x.grad().item());
    }

    @Test
    void refusesToMakeAResultALeaf() {
        Tensor y = leaf(2).mul(2f);
        assertEquals(
                "Tensor.requiresGrad: this tensor is the result of 'mul'; only leaves keep gradients: call detach() "
                        + "first",
                refusal(() -> y.requiresGrad(true)));
        assertTrue(y.detach().requiresGrad(true).requiresGrad());
    }

    @Test
    void wantsAScalarOrTheGradient() {
        Tensor x = leaf(2, 3);
        Tensor y = x.mul(2f);
        assertEquals("Tensor.backward: shape [2] is not a single value; reduce it with sum() or mean(), or call "
                + "backward(gradient)", refusal(y::backward));
        assertEquals("Tensor.backward: the gradient has 3 elements, shape [2] has 2",
                assertThrows(IllegalArgumentException.class, () -> y.backward(new float[3])).getMessage());
        float[] gradient = {10, 100};
        y.backward(gradient);
        assertArrayEquals(new float[] {20, 200}, x.grad().data());
        assertArrayEquals(new float[] {10, 100}, gradient);
    }

    @Test
    void startsAtALeaf() {
        Tensor x = leaf(2, 3);
        x.backward(new float[] {4, 5});
        x.backward(new float[] {1, 1});
        assertArrayEquals(new float[] {5, 6}, x.grad().data());
    }

    @Test
    void detachCutsTheConnection() {
        Tensor x = leaf(2, 3);
        Tensor y = x.mul(2f);
        Tensor cut = y.detach();
        assertFalse(cut.needsGrad());
        assertNotSame(y.data(), cut.data());
        cut.mul(x).sum().backward();
        assertArrayEquals(new float[] {4, 6}, x.grad().data());
    }

    @Test
    void leafGradientsOutliveTheWorkspace() {
        Workspace workspace = new Workspace();
        Tensor x = leaf(2, 3);
        for (int step = 1; step <= 3; step++) {
            workspace.run(() -> x.mul(x).sum().backward());
            workspace.reset();
            workspace.run(() -> Workspace.zeros(2)); // would wipe the gradient, were it in the workspace
            assertArrayEquals(new float[] {4 * step, 6 * step}, x.grad().data());
        }
    }

    @Test
    void leavesThatAWorkspaceHoldsHaveGradientsThatOutliveIt() {
        Workspace workspace = new Workspace();
        Tensor x = workspace.call(() -> {
            Tensor made = Tensor.of(new float[] {2, 3}, 2).mul(2f).requiresGrad(true);
            made.mul(made).sum().backward();
            return made;
        });
        Tensor grad = x.grad();
        workspace.reset();
        assertArrayEquals(new float[] {8, 12}, grad.data());
    }

    @Test
    void refusesARecordWhoseMemoryWasRecycled() {
        Workspace workspace = new Workspace();
        Tensor x = leaf(2, 3);
        Tensor loss = workspace.call(() -> x.mul(x).sum());
        workspace.reset();
        assertTrue(refusal(loss::backward).contains("recycled by Workspace.reset()"));
        assertNull(x.grad());
    }

    /** The gradient of the weight is made of the features, whose array belongs to somebody else by now. */
    @Test
    void refusesInputsWhoseMemoryWasRecycled() {
        Workspace workspace = new Workspace();
        Tensor features = workspace.call(() -> Autograd.noGrad(() -> Tensor.randn(1, 2).mul(2f)));
        Tensor weight = leaf(2, 3);
        Tensor loss = weight.mul(features).sum();
        workspace.reset();
        assertTrue(refusal(loss::backward).contains("recycled by Workspace.reset()"));
        assertNull(weight.grad());
    }

    private static final int CHAIN = 20;

    /** x -> x * 0.5 + 1 in three arrays, again and again. */
    private static Tensor chain(Tensor x, List<Tensor> inside) {
        Tensor y = x;
        for (int i = 0; i < CHAIN; i++) {
            Tensor in = y;
            y = Autograd.recycling(() -> {
                Tensor half = in.mul(0.5f);
                inside.add(half);
                return half.mul(1f).add(1f);
            });
        }
        return y;
    }

    @Test
    void aChainOfRecycledPartsTakesTheMemoryOfOneAndOfTheResults() {
        Tensor x = Tensor.randn(1, 1000);
        float[] expected = Autograd.noGrad(() -> chain(x, new ArrayList<>())).toArray();
        Workspace workspace = new Workspace();
        List<Tensor> inside = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            Tensor y = workspace.call(() -> Autograd.noGrad(() -> chain(x, inside)));
            assertArrayEquals(expected, y.toArray());
            assertEquals((CHAIN + 3) * 1000 * Float.BYTES, workspace.residentBytes());
            assertThrows(IllegalStateException.class, inside.getLast()::data);
            workspace.reset();
            assertThrows(IllegalStateException.class, y::data);
        }
    }

    @Test
    void recordedPartsAreKeptForTheirGradients() {
        Tensor x = Tensor.randn(1, 10).requiresGrad(true);
        List<Tensor> inside = new ArrayList<>();
        new Workspace().run(() -> {
            chain(x, inside).sum().backward();
            inside.getFirst().data();
        });
        assertEquals(Math.pow(0.5, CHAIN), x.grad().toArray()[0], 1e-9);
    }

    @Test
    void aRecycledPartThatFailsIsRecycledToo() {
        Workspace workspace = new Workspace();
        Tensor x = Tensor.randn(1, 10);
        float[] expected = Autograd.noGrad(() -> chain(x, new ArrayList<>())).toArray();
        List<Tensor> inside = new ArrayList<>();
        float[] after = workspace.call(() -> Autograd.noGrad(() -> {
            assertThrows(IllegalArgumentException.class, () -> Autograd.recycling(() -> {
                inside.add(x.mul(2f));
                return x.add(Tensor.randn(1, 7));
            }));
            assertThrows(IllegalStateException.class, inside.getFirst()::data);
            return chain(x, inside).toArray();
        }));
        assertArrayEquals(expected, after);
    }

    @Test
    void aPartThatBindsTheSameWorkspaceAgainKeepsItsMemory() {
        Workspace workspace = new Workspace();
        Tensor x = Tensor.randn(1, 10);
        float[] expected = x.mul(2f).add(x.mul(3f)).toArray();
        float[] y = workspace.call(() -> Autograd.noGrad(() -> Autograd.recycling(() -> {
            Tensor twice = x.mul(2f);
            return twice.add(workspace.call(() -> Autograd.recycling(() -> x.mul(3f))));
        })).toArray());
        assertArrayEquals(expected, y);
    }

    /** Sizes that alternate are kept, however many parts there are. */
    @Test
    void recycledMemoryIsKeptForTheNextChain() {
        Workspace workspace = new Workspace();
        for (int round = 0; round < 6; round++) {
            int length = round % 2 == 0 ? 100 : 10;
            workspace.run(() -> Autograd.noGrad(() -> chain(Tensor.randn(1, length), new ArrayList<>())));
            workspace.reset();
        }
        assertEquals((CHAIN + 3) * (100 + 10) * Float.BYTES, workspace.residentBytes());
    }
}
