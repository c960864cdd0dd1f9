package io.bitlab.core.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.Granularity;
import io.bitlab.core.WeightScale;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.quant.TernaryQuantizer;
import io.bitlab.core.tensor.Tensor;
import org.junit.jupiter.api.Test;

class QuantizedWeightCacheTest {

    @Test
    void weightsAreRoundedAnewOnlyWhenTheyChanged() {
        QuantizedWeightCache form = new QuantizedWeightCache(BitQuantConfig.defaults());
        float[] w = Tensor.randn(1, 6, 5).toArray();
        TernaryMatrix first = form.matrix(w, 6, 5);
        PackedWeights packed = form.quantized(w, 6, 5).packed();
        assertSame(first, form.matrix(w.clone(), 6, 5), "equal weights in another array");
        assertSame(packed, form.quantized(w, 6, 5).packed());

        w[29] = -w[29] * 3; // written to directly, as users do
        TernaryMatrix second = form.matrix(w, 6, 5);
        assertNotSame(first, second);
        assertEquals(TernaryQuantizer.quantize(w, 6, 5, Granularity.PER_TENSOR, WeightScale.ABS_MEAN), second);
        assertEquals(second, form.quantized(w, 6, 5).packed().unpack());
        assertNotSame(second, form.matrix(w, 5, 6), "another shape");
    }

    @Test
    void nothingIsKeptOfWeightsThatCantBeRounded() {
        QuantizedWeightCache form = new QuantizedWeightCache(BitQuantConfig.defaults());
        float[] w = Tensor.randn(1, 6, 5).toArray();
        TernaryMatrix before = form.matrix(w, 6, 5);
        float kept = w[7];
        w[7] = Float.NaN;
        assertThrows(IllegalArgumentException.class, () -> form.matrix(w, 6, 5));
        w[7] = kept;
        assertEquals(before, form.matrix(w, 6, 5));
    }
}
