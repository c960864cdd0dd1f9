package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.memory.Workspace;
import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("fallback")
@Tag("parity")
class AttentionTest {

    /** The definition, position by position. */
    private static DoubleArray reference(DoubleArray q, DoubleArray k, DoubleArray v, int heads, int groups,
            boolean causal, int window, int[] lengths) {
        int length = q.length(1);
        int d = q.length(2) / heads;
        double[][][][] y = new double[q.length(0)][length][heads][];
        for (int b = 0; b < y.length; b++) {
            for (int i = 0; i < length; i++) {
                for (int head = 0; head < heads; head++) {
                    int end = lengths == null ? length : lengths[b];
                    int at = i;
                    int[] seen = IntStream.range(0, end)
                            .filter(j -> !causal || j <= at && j > (long) at - window).toArray();
                    y[b][i][head] = attendOne(q, k, v, b, i, head, head / (heads / groups), d, seen);
                }
            }
        }
        return DoubleArray.build(q.shape(), index -> y[index[0]][index[1]][index[2] / d][index[2] % d]);
    }

    private static double[] attendOne(DoubleArray q, DoubleArray k, DoubleArray v, int b, int i, int head, int group,
            int d, int[] seen) {
        double[] scores = new double[seen.length];
        for (int s = 0; s < seen.length; s++) {
            for (int f = 0; f < d; f++) {
                scores[s] += q.at(b, i, head * d + f) * k.at(b, seen[s], group * d + f) / Math.sqrt(d);
            }
        }
        double max = Arrays.stream(scores).max().orElse(0);
        double sum = Arrays.stream(scores).map(s -> Math.exp(s - max)).sum();
        double[] y = new double[d];
        for (int s = 0; s < seen.length; s++) {
            for (int f = 0; f < d; f++) {
                y[f] += Math.exp(scores[s] - max) / sum * v.at(b, seen[s], group * d + f);
            }
        }
        return y;
    }

    @ParameterizedTest
    @CsvSource({"1,1,1,1,2", "1,3,2,2,4", "2,5,4,2,6", "1,33,2,1,2", "1,34,1,1,3", "2,9,6,2,2"})
    void isNearItsDefinitionAndSoAreItsGradients(int batch, int length, int heads, int groups, int d) {
        long seed = length;
        Tensor q = Tensor.randn(seed, batch, length, heads * d);
        Tensor k = Tensor.randn(seed + 1, batch, length, groups * d);
        Tensor v = Tensor.randn(seed + 2, batch, length, groups * d);
        int[] lengths = IntStream.range(0, batch).map(b -> Math.max(1, length - b - 1)).toArray();
        for (int window : new int[] {AttentionMask.NO_WINDOW, 3}) {
            AttentionMask causal = AttentionMask.causal(window);
            GradientCheck.check(causal.toString(), seed,
                    t -> Attention.attend(t[0], t[1], t[2], heads, groups, causal),
                    t -> reference(t[0], t[1], t[2], heads, groups, true, window, null), q, k, v);
        }
        for (boolean isCausal : new boolean[] {true, false}) {
            AttentionMask padded = (isCausal ? AttentionMask.CAUSAL : AttentionMask.FULL).withLengths(lengths);
            GradientCheck.check(padded.toString(), seed,
                    t -> Attention.attend(t[0], t[1], t[2], heads, groups, padded),
                    t -> reference(t[0], t[1], t[2], heads, groups, isCausal, AttentionMask.NO_WINDOW, lengths), q, k,
                    v);
        }
    }

    @Test
    void aSequenceHasTheSameBitsAloneAndInABatchAndCutShort() {
        int length = 70;
        Tensor q = Tensor.randn(1, 3, length, 64);
        Tensor k = Tensor.randn(2, 3, length, 32);
        Tensor v = Tensor.randn(3, 3, length, 32);
        for (AttentionMask mask : new AttentionMask[] {AttentionMask.CAUSAL, AttentionMask.causal(17)}) {
            Tensor all = Attention.attend(q, k, v, 4, 2, mask);
            Tensor alone = Parallel.sequential().call(() -> Attention.attend(q.slice(0, 1, 2), k.slice(0, 1, 2),
                    v.slice(0, 1, 2), 4, 2, mask));
            assertArrayEquals(all.slice(0, 1, 2).toArray(), alone.toArray(), mask + ", alone");
            for (int cut : new int[] {1, 31, 32, 33, 69}) {
                Tensor shorter = Attention.attend(q.slice(1, 0, cut), k.slice(1, 0, cut), v.slice(1, 0, cut), 4, 2,
                        mask);
                assertArrayEquals(all.slice(1, 0, cut).toArray(), shorter.toArray(), mask + ", cut to " + cut);
            }
        }
    }

    /** A long text would need gigabytes for the probabilities that only a backward reads. */
    @Test
    void withoutABackwardProbabilitiesAreForgotten() {
        Tensor q = Tensor.randn(1, 2, 1000, 64).requiresGrad(true);
        Tensor k = Tensor.randn(2, 2, 1000, 32);
        Tensor v = Tensor.randn(3, 2, 1000, 32);
        for (AttentionMask mask : new AttentionMask[] {AttentionMask.CAUSAL, AttentionMask.FULL.withLengths(1000, 7)}) {
            float[] recorded = Attention.attend(q, k, v, 4, 2, mask).toArray();
            Workspace workspace = new Workspace();
            float[] found =
                    workspace.call(() -> Autograd.noGrad(() -> Attention.attend(q, k, v, 4, 2, mask)).toArray());
            assertArrayEquals(recorded, found, mask.toString());
            long all = 2L * 4 * 1000 * 1024 * Float.BYTES;
            assertTrue(workspace.residentBytes() < all / 8, workspace.residentBytes() + " bytes");
        }
    }

    @Test
    void nobodySeesThePadding() {
        Tensor q = Tensor.randn(1, 1, 8, 4);
        Tensor k = Tensor.randn(2, 1, 8, 4);
        Tensor v = Tensor.randn(3, 1, 8, 4);
        AttentionMask mask = AttentionMask.FULL.withLengths(5);
        Tensor before = Attention.attend(q, k, v, 2, 2, mask);
        CounterRandom random = new CounterRandom(4, 1);
        for (int i = 5 * 4; i < 8 * 4; i++) {
            k.data()[i] = random.nextFloat();
            v.data()[i] = random.nextFloat();
        }
        assertArrayEquals(before.toArray(), Attention.attend(q, k, v, 2, 2, mask).toArray());
    }

    @Test
    void refusesWhatDoesNotFit() {
        Tensor q = Tensor.zeros(1, 4, 8);
        Exception e = assertThrows(IllegalArgumentException.class,
                () -> Attention.attend(q, q, q, 4, 3, AttentionMask.CAUSAL));
        assertEquals(
                "attention: queries [1, 4, 8] of 4 heads, keys [1, 4, 8] and values [1, 4, 8] of 3 heads; expected "
                        + "queries [batch, length, heads * d], keys and values [batch, length, keyValueHeads * d], and "
                        + "keyValueHeads to divide heads",
                e.getMessage());
        e = assertThrows(IllegalArgumentException.class,
                () -> Attention.attend(q, q, q, 4, 4, AttentionMask.FULL.withLengths(5)));
        assertEquals("attention: lengths [5] for 1 sequences of 4 positions; expected one for each, from 1 to 4",
                e.getMessage());
        e = assertThrows(IllegalArgumentException.class, () -> AttentionMask.causal(0));
        assertEquals("AttentionMask: window 0, expected at least 1 position", e.getMessage());
        e = assertThrows(IllegalArgumentException.class, () -> new AttentionMask(false, 3, null));
        assertEquals("AttentionMask: a window of 3 positions looks backwards, so it needs a causal mask",
                e.getMessage());
    }
}
