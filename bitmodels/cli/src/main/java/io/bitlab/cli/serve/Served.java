package io.bitlab.cli.serve;

import java.util.Objects;

/**
 * A model and its name.
 *
 * @param <M> the kind of model
 * @param id what clients call it
 * @param model the model
 */
record Served<M>(String id, M model) {

    Served {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(model, "model");
    }
}
