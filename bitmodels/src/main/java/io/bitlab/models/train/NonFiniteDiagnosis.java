package io.bitlab.models.train;

import io.bitlab.core.tensor.Autograd;
import io.bitlab.layers.Layer;
import io.bitlab.layers.Observation;
import java.util.concurrent.atomic.AtomicReference;

/** Finds where a NaN or infinite loss originates. */
final class NonFiniteDiagnosis {

    private NonFiniteDiagnosis() {
    }

    /** Describes the first layer of the forward pass with a non-finite output, or else a non-finite parameter. */
    static String of(Layer model, Task.Batch batch) {
        AtomicReference<String> first = new AtomicReference<>();
        try (Observation _ = model.observe((path, output) -> {
            if (!isFinite(output.data())) {
                first.compareAndSet(null, path.isEmpty() ? "the model" : "layer '" + path + "'");
            }
        })) {
            Autograd.noGrad(() -> {
                batch.forward();
                return null;
            });
        } catch (IllegalArgumentException e) {
            return "the forward stops with: " + e.getMessage(); // int8 layers refuse such inputs
        }
        if (!batch.isFinite()) {
            return "the batch itself holds NaN or infinity";
        }
        if (first.get() != null) {
            return "the first output that is not finite is that of " + first.get();
        }
        return model.namedParameters().entrySet().stream().filter(p -> !isFinite(p.getValue().data()))
                .map(p -> "parameter '" + p.getKey() + "' is not finite").findFirst()
                .orElse("all outputs of layers are finite, so it arises in the objective");
    }

    static boolean isFinite(float... values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }
}
