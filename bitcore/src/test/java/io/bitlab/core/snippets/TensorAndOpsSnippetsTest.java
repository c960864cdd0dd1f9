package io.bitlab.core.snippets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.math.ActivationFunction;
import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.ops.AttentionMask;
import io.bitlab.core.ops.Window;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** The code in the Javadoc runs, and gives the shapes that its comments say. */
class TensorAndOpsSnippetsTest {

    private static void assertShape(Tensor tensor, int... shape) {
        assertArrayEquals(shape, tensor.shape());
    }

    @Test
    void configuration() {
        assertEquals(BitQuantConfig.defaults().withWeightGranularity(Granularity.PER_CHANNEL), CoreSnippets.builder());
        assertTrue(CoreSnippets.json());
    }

    @Test
    void tensors() {
        assertEquals(6, TensorSnippets.backward().length);
        assertFalse(TensorSnippets.noGrad(Tensor.randn(1, 2, 3), Tensor.randn(2, 3, 4).requiresGrad(true)).needsGrad());
        assertEquals(6, TensorSnippets.shape(Tensor.randn(1, 2, 3, 4)));
        Tensor x = Tensor.of(new float[] {3}, 1).requiresGrad(true);
        TensorSnippets.square(x).backward();
        assertEquals(6f, x.grad().item());
    }

    @Test
    void math() {
        assertEquals(6, MathSnippets.gemm(new float[8], new float[12]).length);
        float y = ActivationFunction.SILU.apply(2f);
        assertArrayEquals(new float[] {y + ActivationFunction.SILU.derivative(2f, y)},
                MathSnippets.activation(new float[] {2}));
        CounterRandom random = new CounterRandom(42, CounterRandom.stream("dropout"));
        double first = random.nextFloat();
        double second = random.nextGaussian();
        assertEquals(first + second + second, MathSnippets.random());
    }

    @Test
    void linearAlgebra() {
        assertShape(OpsSnippets.linear(), 32, 256);
        assertShape(OpsSnippets.cache(Tensor.randn(1, 3, 4), Tensor.randn(2, 5, 4), Tensor.randn(3, 5, 4)), 5, 3);
        assertShape(OpsSnippets.broadcast(), 3, 4);
        assertShape(OpsSnippets.matmul(), 8, 5, 2, 4);
        assertShape(OpsSnippets.indexing(Tensor.randn(1, 4, 6)), 4, 6);
        assertShape(OpsSnippets.reductions(), 10);
    }

    @Test
    void elementwise() {
        Tensor x = Tensor.randn(1, 2, 512);
        assertShape(OpsSnippets.dropout(x), 2, 512);
        assertShape(OpsSnippets.norms(x), 2, 512);
        assertShape(OpsSnippets.pointwise(x, x), 2, 512);
    }

    @Test
    void losses() {
        assertShape(OpsSnippets.losses(Tensor.randn(1, 3, 5)));
        Tensor hidden = Tensor.randn(1, 2, 4).requiresGrad(true);
        double accuracy = OpsSnippets.linearCrossEntropy(hidden, Tensor.randn(2, 3, 4), new int[] {0, 2});
        assertTrue(accuracy >= 0 && accuracy <= 1);
    }

    @Test
    void transformers() {
        assertShape(
                OpsSnippets.attention(Tensor.randn(1, 2, 5, 32), Tensor.randn(2, 2, 5, 8), Tensor.randn(3, 2, 5, 8)),
                2, 5, 32);
        assertEquals(AttentionMask.causal(4096), OpsSnippets.mask());
        assertShape(OpsSnippets.sinusoids(), 3, 64);
        assertShape(OpsSnippets.rotary(Tensor.randn(1, 2, 5, 128)), 2, 5, 128);
    }

    @Test
    void images() {
        assertEquals(Window.of(3, 3).withStride(2, 2).withPadding(1, 1), OpsSnippets.window());
        assertShape(OpsSnippets.convolution(Tensor.randn(1, 16, 3, 3, 3)), 8, 16, 28, 28);
        assertShape(OpsSnippets.ternaryConvolution(Tensor.randn(1, 2, 3, 6, 6),
                TernaryMatrix.of(new byte[16 * 27], 16, 27, new float[] {1f})), 2, 16, 4, 4);
        assertShape(OpsSnippets.imageNorms(), 8, 16, 28, 28);
        assertShape(OpsSnippets.resampling(), 8, 16, 42, 42);
        assertShape(OpsSnippets.pooling(), 8, 16, 28, 28);
    }
}
