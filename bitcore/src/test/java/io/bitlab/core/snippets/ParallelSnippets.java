package io.bitlab.core.snippets;

import io.bitlab.core.parallel.Parallel;
import io.bitlab.core.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/** Code of the documentation of {@code io.bitlab.core.parallel}. */
final class ParallelSnippets {

    private ParallelSnippets() {
    }

    static float[] range(float[] x) {
        // @start region="range"
        float[] y = new float[x.length];
        long nanos = x.length / 4; // about four values a nanosecond: only large arrays are shared
        Parallel.current().forRange(x.length, 16, nanos, (from, to) -> {
            for (int i = from; i < to; i++) {
                y[i] = 2 * x[i];
            }
        });
        // @end
        return y;
    }

    static List<Tensor> overview(UnaryOperator<Tensor> model, Tensor x) {
        // @start region="overview"
        Tensor y;
        try (Parallel two = Parallel.of(2)) {
            y = two.call(() -> model.apply(x)); // on two threads, one of them the caller's
        }
        Tensor z = Parallel.sequential().call(() -> model.apply(x)); // the same bits, on the calling thread only
        // @end
        return List.of(y, z);
    }
}
