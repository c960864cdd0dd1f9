package io.bitlab.spark;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;

/**
 * A model as Spark broadcasts it: the bytes of its files, and in each JVM the one model that is loaded from them when
 * the first task needs it. Spark keeps one broadcast value a JVM, which all tasks share, and drops it with the
 * broadcast, or earlier if memory is short; the model goes with it, so nothing else has to own it.
 *
 * <p><b>Thread safety:</b> tasks may share one.
 */
final class SharedModel implements Serializable {

    private static final long serialVersionUID = 1;

    private final ModelFiles files;
    private transient volatile LoadedModel loaded;

    /**
     * Creates a value to broadcast.
     *
     * @param loaded the model that these are the files of, for tasks in this JVM
     */
    SharedModel(ModelFiles files, LoadedModel loaded) {
        this.files = files;
        this.loaded = loaded;
    }

    /** The model; loaded now if this is the first call in this JVM. */
    LoadedModel loaded() {
        LoadedModel known = loaded;
        return known != null ? known : load();
    }

    private synchronized LoadedModel load() {
        if (loaded == null) {
            try {
                loaded = files.load(LoadedModel::of);
            } catch (IOException e) {
                throw new UncheckedIOException("TernaryScorer: the model can't be loaded in this executor", e);
            }
        }
        return loaded;
    }

    ModelFiles files() {
        return files;
    }
}
