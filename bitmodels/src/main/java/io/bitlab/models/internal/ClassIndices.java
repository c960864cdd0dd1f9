package io.bitlab.models.internal;

import java.util.List;

/** The numbers that a model has for the classes of some data. */
public final class ClassIndices {

    private ClassIndices() {
    }

    /**
     * Looks classes up.
     *
     * @param operation name of the calling operation, for the message
     * @param data names of the data's classes
     * @param known names of the model's classes
     * @return for each class of the data, its index in {@code known}
     * @throws IllegalArgumentException if the model lacks a class of the data
     */
    public static int[] of(String operation, List<String> data, List<String> known) {
        List<String> unknown = data.stream().filter(name -> !known.contains(name)).toList();
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(operation + ": the data has the classes " + Quote.names(unknown)
                    + ", which the model does not know; it knows " + Quote.names(known)
                    + "; remove them from the data, or train a model that has them");
        }
        return data.stream().mapToInt(known::indexOf).toArray();
    }
}
