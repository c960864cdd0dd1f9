package io.bitlab.core.snippets;

import io.bitlab.core.Granularity;
import io.bitlab.core.WeightScale;
import io.bitlab.core.quant.ActivationQuantizer;
import io.bitlab.core.quant.PatchColumns;
import io.bitlab.core.quant.PatchGrid;
import io.bitlab.core.quant.QuantizedActivations;
import io.bitlab.core.quant.QuantizedPatches;
import io.bitlab.core.quant.TernaryMatrix;
import io.bitlab.core.quant.TernaryQuantizer;

/** Code of the documentation of {@code io.bitlab.core.quant}. */
final class QuantSnippets {

    private QuantSnippets() {
    }

    static float[] matrix() {
        // @start region="matrix"
        byte[] trits = {1, 0, -1, 0, 1, 1}; // [2, 3]
        TernaryMatrix w = TernaryMatrix.of(trits, 2, 3, new float[] {0.5f});
        float[] weights = w.dequantize(); // 0.5, 0, -0.5, 0, 0.5, 0.5
        // @end
        return weights;
    }

    static float[] activations(float[] x, int rows, int columns) {
        // @start region="activations"
        QuantizedActivations q =
                ActivationQuantizer.quantize(x, rows, columns, Granularity.PER_CHANNEL, "my layer");
        float[] rounded = q.dequantize(); // value * scale of the row
        // @end
        return rounded;
    }

    static double weights(float[] latentWeights, int out, int in) {
        // @start region="weights"
        TernaryMatrix w =
                TernaryQuantizer.quantize(latentWeights, out, in, Granularity.PER_TENSOR, WeightScale.ABS_MEAN);
        double sparsity = w.zeroFraction(); // about a third
        // @end
        return sparsity;
    }

    static void overview(float[] w, int out, int in, float[] x, int rows) {
        // @start region="overview"
        TernaryMatrix ternary = TernaryQuantizer.quantize(w, out, in, Granularity.PER_TENSOR, WeightScale.ABS_MEAN);
        int[] trits = ternary.distinctValues(); // -1, 0, 1
        double bits = ternary.bitsPerWeight(); // 1.6
        float[] rounded = ternary.dequantize(); // trit * scale

        QuantizedActivations q = ActivationQuantizer.quantize(x, rows, in, Granularity.PER_CHANNEL, "my layer");
        // @end
        assert trits.length + bits + rounded.length + q.rows() > 0;
    }

    static QuantizedActivations patches(byte[] pixels, float[] scales, TernaryMatrix byChannel) {
        // @start region="patches"
        PatchGrid grid = new PatchGrid(8, 28, 28, 64, 0, 64, 3, 3, 1, 1, 1, 1, 1, 1); // 3 x 3 on 8 images of 28 x 28
        QuantizedPatches patches = new QuantizedPatches(pixels, scales, grid); // [8 * 28 * 28, 3 * 3 * 64]
        TernaryMatrix byTap = PatchColumns.byTap(byChannel, 64); // the weights in the order of patches
        QuantizedActivations first = patches.unfold(0, 28); // a row of positions of the first image
        // @end
        assert byTap.inFeatures() == first.columns();
        return first;
    }
}
