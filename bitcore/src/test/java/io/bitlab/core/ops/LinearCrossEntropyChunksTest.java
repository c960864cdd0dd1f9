package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.bitlab.core.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** So many classes that a batch is divided: seconds, and so once, not at every width of vectors. */
class LinearCrossEntropyChunksTest {

    @Test
    void chunksMakeNoDifference() {
        int classes = 1 << 21; // two rows a chunk
        Tensor x = Tensor.randn(1, 5, 2).requiresGrad(true);
        Tensor w = Tensor.randn(2, classes, 2);
        int[] targets = {3, classes - 1, 7, -1, 9};
        LinearCrossEntropy.Result all = LinearCrossEntropy.of(x, w, targets, "test");
        all.loss().backward();
        for (int r = 0; r < 5; r++) {
            Tensor row = x.slice(0, r, r + 1).detach().requiresGrad(true);
            LinearCrossEntropy.of(row, w, new int[] {targets[r]}, "test").loss().mul(0.25f).backward();
            assertArrayEquals(row.grad().toArray(), x.grad().slice(0, r, r + 1).toArray(), 1e-6f, "row " + r);
        }
    }
}
