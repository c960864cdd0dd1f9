package io.bitlab.layers;

import io.bitlab.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Registration of an observer of layer outputs, made by {@link Layer#observe}; close it to stop observing.
 *
 * {@snippet class="io.bitlab.layers.snippets.LayersSnippets" region="observe"}
 */
public final class Observation implements AutoCloseable {

    private record Entry(Layer layer, Consumer<Tensor> observer) {
    }

    private final List<Entry> entries = new ArrayList<>();

    Observation(Layer network, BiConsumer<String, Tensor> observer) {
        network.layers().forEach((path, layer) -> {
            Entry entry = new Entry(layer, output -> observer.accept(path, output));
            entries.add(entry);
            layer.node().observers().add(entry.observer);
        });
    }

    /** Stops observing; a second call does nothing. */
    @Override
    public void close() {
        entries.forEach(entry -> entry.layer.node().observers().remove(entry.observer));
        entries.clear();
    }
}
