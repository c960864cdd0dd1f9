package io.bitlab.layers;

import io.bitlab.core.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Somebody looking at what the layers of a network compute, until closed. Made by {@link Layer#observe}. */
public final class Observation implements AutoCloseable {

    private record Place(Layer layer, Consumer<Tensor> observer) {
    }

    private final List<Place> places = new ArrayList<>();

    Observation(Layer network, BiConsumer<String, Tensor> observer) {
        network.layers().forEach((path, layer) -> {
            Place place = new Place(layer, output -> observer.accept(path, output));
            places.add(place);
            layer.addObserver(place.observer);
        });
    }

    /** Ends the observation; a second call does nothing. */
    @Override
    public void close() {
        places.forEach(place -> place.layer.removeObserver(place.observer));
        places.clear();
    }
}
