package io.bitlab.models.io;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * The header of a file up to the first fault in it, for tools that show damaged files.
 *
 * @param <T> the description of a tensor
 * @param metadata the metadata in file order; not modifiable
 * @param tensors the tensors in file order; not modifiable. If there is a problem, some of their data may be missing
 * @param problem what opening the file throws; empty if the file can be opened
 */
public record FileOutline<T>(Map<String, ?> metadata, List<T> tensors, Optional<ModelFormatException> problem) {

    /**
     * Reads a header.
     *
     * @param <M> the values of the metadata
     * @param <T> the description of a tensor
     */
    @FunctionalInterface
    public interface HeaderReader<M, T> {

        /**
         * Called once.
         *
         * @param metadata receives the metadata
         * @param tensors receives the tensors by name
         * @throws ModelFormatException at the first fault; the maps then hold what precedes it
         */
        void read(SequencedMap<String, M> metadata, SequencedMap<String, T> tensors) throws ModelFormatException;
    }

    /**
     * Reads a header as far as possible.
     *
     * @param <M> the values of the metadata
     * @param <T> the description of a tensor
     * @param reader reads it
     * @return what it read, and the fault if there is one
     */
    public static <M, T> FileOutline<T> of(HeaderReader<M, T> reader) {
        SequencedMap<String, M> metadata = new LinkedHashMap<>();
        SequencedMap<String, T> tensors = new LinkedHashMap<>();
        ModelFormatException problem = null;
        try {
            reader.read(metadata, tensors);
        } catch (ModelFormatException e) {
            problem = e;
        }
        return new FileOutline<>(Collections.unmodifiableMap(metadata), List.copyOf(tensors.values()),
                Optional.ofNullable(problem));
    }
}
