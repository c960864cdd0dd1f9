package io.bitlab.core.snippets;

import io.bitlab.core.memory.Workspace;
import io.bitlab.core.tensor.Tensor;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Code of the documentation of {@code io.bitlab.core.memory}. */
final class MemorySnippets {

    private MemorySnippets() {
    }

    static void scratch() {
        // @start region="scratch"
        Workspace workspace = new Workspace();
        for (int step = 0; step < 100; step++) {
            workspace.run(() -> {
                float[] scratch = Workspace.floats(1024); // from the second step on the same array
                scratch[0] = 1f;
            });
            workspace.reset();
        }
        // @end
    }

    static void overview(UnaryOperator<Tensor> model, List<float[]> samples, Consumer<float[]> results) {
        // @start region="overview"
        Workspace workspace = new Workspace();
        for (float[] sample : samples) {
            float[] y = workspace.call(() -> model.apply(Tensor.of(sample, 1, 256)).toArray()); // a copy, valid later
            workspace.reset();
            results.accept(y);
        }
        // @end
    }
}
