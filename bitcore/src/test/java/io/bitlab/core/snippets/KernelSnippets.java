package io.bitlab.core.snippets;

import io.bitlab.core.BitQuantConfig;
import io.bitlab.core.kernel.KernelRegistry;
import io.bitlab.core.kernel.KernelReport;
import io.bitlab.core.kernel.PackedWeights;
import io.bitlab.core.kernel.PreparedActivations;
import io.bitlab.core.kernel.TernaryKernel;
import io.bitlab.core.kernel.TernaryMatmul;
import io.bitlab.core.quant.Activations;
import io.bitlab.core.quant.TernaryMatrix;

/** Code of the documentation of {@code io.bitlab.core.kernel}. */
final class KernelSnippets {

    private KernelSnippets() {
    }

    static void multiply(
            TernaryKernel kernel, TernaryMatrix matrix, Activations activations, float[] bias, float[] y) {
        // @start region="multiply"
        PackedWeights w = kernel.pack(matrix); // once
        PreparedActivations x = kernel.prepare(activations); // once for each input
        kernel.multiply(w, x, bias, y, 0, w.outFeatures()); // y[row * out + o]
        // @end
    }

    static void matmul(TernaryKernel kernel, TernaryMatrix matrix, float[] x, int rows, BitQuantConfig config) {
        // @start region="matmul"
        PackedWeights w = kernel.pack(matrix); // once
        float[] y = new float[rows * w.outFeatures()];
        Activations activations = TernaryMatmul.quantize(x, rows, w.inFeatures(), config, "my layer");
        TernaryMatmul.multiply(w, activations, null, y); // null: no bias
        // @end
    }

    static void explain(StringBuilder page) {
        // @start region="explain"
        BitQuantConfig config = BitQuantConfig.defaults();
        TernaryKernel kernel = KernelRegistry.kernelFor(config, 2560, 6912); // for a layer 6912 -> 2560
        for (KernelReport report : KernelRegistry.explain(config, 2560, 6912)) {
            page.append(report).append('\n'); // why this kernel, and why not the others
        }
        // @end
        page.append(kernel.name());
    }

    static void overview(TernaryMatrix matrix, float[] x, float[] y) {
        // @start region="overview"
        BitQuantConfig config = BitQuantConfig.defaults();
        TernaryKernel kernel = KernelRegistry.kernelFor(config, matrix.outFeatures(), matrix.inFeatures());
        PackedWeights w = kernel.pack(matrix);
        TernaryMatmul.multiply(w, TernaryMatmul.quantize(x, 1, w.inFeatures(), config, "my layer"), null, y);
        // @end
    }
}
