package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Autograd;
import io.bitlab.core.tensor.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fallback")
@Tag("parity")
class LinearCrossEntropyTest {

    private static DoubleArray reference(DoubleArray x, DoubleArray w, int[] targets) {
        int features = w.length(1);
        double loss = 0;
        int counted = 0;
        for (int r = 0; r < targets.length; r++) {
            double sum = 0;
            double wanted = 0;
            for (int c = 0; c < w.length(0); c++) {
                double logit = 0;
                for (int f = 0; f < features; f++) {
                    logit += x.values()[r * features + f] * w.at(c, f);
                }
                sum += Math.exp(logit);
                wanted = c == targets[r] ? logit : wanted;
            }
            loss += targets[r] < 0 ? 0 : Math.log(sum) - wanted;
            counted += targets[r] < 0 ? 0 : 1;
        }
        double mean = loss / Math.max(1, counted);
        return DoubleArray.build(new int[0], i -> mean);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 17, 40})
    void isTheCrossEntropyOfTheHead(int classes) {
        int[] targets = {0, classes - 1, -1, classes / 2, classes / 3, 0};
        Tensor x = Tensor.randn(classes, 2, 3, 5);
        Tensor w = Tensor.randn(classes + 1, classes, 5);
        GradientCheck.check("linearCrossEntropy", classes,
                t -> LinearCrossEntropy.of(t[0], t[1], targets, "test").loss(), t -> reference(t[0], t[1], targets), x,
                w);
    }

    /** A limit below one row, rows one by one, some together with a rest, and all at once. */
    @ParameterizedTest
    @ValueSource(ints = {1, 37, 2 * 37 + 5, 5 * 37})
    void chunksMakeNoDifference(int mostLogits) {
        int[] targets = {3, 36, 7, -1, 9};
        Tensor x = Tensor.randn(1, 5, 4).requiresGrad(true);
        Tensor w = Tensor.randn(2, 37, 4).requiresGrad(true);
        Tensor x2 = x.detach().requiresGrad(true);
        Tensor w2 = w.detach().requiresGrad(true);
        LinearCrossEntropy.Result all = LinearCrossEntropy.of(x, w, targets, "test");
        LinearCrossEntropy.Result chunks = LinearCrossEntropy.of(x2, w2, targets, "test", mostLogits);
        all.loss().backward();
        chunks.loss().backward();
        assertEquals(all.loss().item(), chunks.loss().item());
        assertEquals(all.correct(), chunks.correct());
        assertArrayEquals(x.grad().toArray(), x2.grad().toArray(), 1e-6f);
        assertArrayEquals(w.grad().toArray(), w2.grad().toArray(), 1e-6f);
    }

    @Test
    void countsWhatIsRight() {
        Tensor x = Tensor.of(new float[] {1, 0, 0, 1, 1, 0}, 3, 2);
        Tensor w = Tensor.of(new float[] {2, 0, 0, 2, 1, 1}, 3, 2);
        LinearCrossEntropy.Result result =
                Autograd.noGrad(() -> LinearCrossEntropy.of(x, w, new int[] {0, 2, -1}, "t"));
        assertEquals(1, result.correct());
        assertEquals(2, result.counted());
        assertTrue(Float.isNaN(Autograd.noGrad(() -> LinearCrossEntropy.of(Tensor.full(Float.NaN, 3, 2), w,
                new int[] {0, 2, 1}, "t")).loss().item()), "NaN shows");
        assertEquals(0, Autograd.noGrad(() -> LinearCrossEntropy.of(Tensor.full(Float.NaN, 3, 2), w,
                new int[] {0, 1, 2}, "t")).correct(), "and is not right");
        assertEquals(0f, LinearCrossEntropy.of(x, w, new int[] {-1, -1, -1}, "t").loss().item());
    }

    @Test
    void refusesWhatDoesNotFit() {
        Tensor x = Tensor.zeros(3, 2);
        Tensor w = Tensor.zeros(4, 2);
        Exception e = assertThrows(IllegalArgumentException.class,
                () -> LinearCrossEntropy.of(x, w, new int[2], "head"));
        assertEquals("head: 2 targets for 3 rows", e.getMessage());
        e = assertThrows(IllegalArgumentException.class,
                () -> LinearCrossEntropy.of(x, Tensor.zeros(4, 2, 1), new int[3], "head"));
        assertEquals("head: weight [4, 2, 1], expected [out, in]", e.getMessage());
        e = assertThrows(IllegalArgumentException.class,
                () -> LinearOps.linear(x, Tensor.zeros(4, 2, 3), null, "layer"));
        assertEquals("layer: weight [4, 2, 3], expected [out, in]", e.getMessage());
        e = assertThrows(IllegalArgumentException.class,
                () -> LinearCrossEntropy.of(x, w, new int[] {0, 4, 1}, "head"));
        assertEquals("head: target 4 of row 1 is not one of the 4 classes 0 to 3; a negative target "
                + "marks a row to ignore",
                e.getMessage());
    }
}
