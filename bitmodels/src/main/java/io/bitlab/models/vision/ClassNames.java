package io.bitlab.models.vision;

import io.bitlab.models.internal.Quote;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The names of the classes that a model tells apart, in the order of its outputs. Immutable.
 *
 * {@snippet class="io.bitlab.models.snippets.ImageModelSnippets" region="classNames"}
 */
public final class ClassNames {

    private final List<String> names;
    private final Map<String, Integer> indices = new HashMap<>();

    private ClassNames(List<String> names) {
        this.names = List.copyOf(names);
        if (names.isEmpty()) {
            throw new IllegalArgumentException("ClassNames: there are no classes, expected at least 1");
        }
        for (int i = 0; i < this.names.size(); i++) {
            String name = this.names.get(i);
            Integer before = indices.putIfAbsent(name, i);
            boolean control = name.chars().anyMatch(Character::isISOControl); // would reach terminals
            if (name.isBlank() || control || before != null) {
                throw new IllegalArgumentException("ClassNames: the name of class " + i + " is "
                        + Quote.value(name)
                        + (before != null ? ", as that of class " + before
                                : control ? ", which has a control character" : ", which is blank")
                        + "; expected a name for each class, none twice");
            }
        }
    }

    /**
     * Names classes.
     *
     * @param names at least 1, none blank or with a control character, none twice; copied
     * @return the names in this order
     * @throws IllegalArgumentException if a name is one of these, or there are none
     */
    public static ClassNames of(List<String> names) {
        return new ClassNames(names);
    }

    /**
     * Names classes.
     *
     * @param names at least 1, none blank or with a control character, none twice
     * @return the names in this order
     * @throws IllegalArgumentException as {@link #of(List)}
     */
    public static ClassNames of(String... names) {
        return new ClassNames(List.of(names));
    }

    /**
     * Names for classes without names: 0, 1, 2 and so on.
     *
     * @param count how many, at least 1
     * @return their numbers
     * @throws IllegalArgumentException if there are none
     */
    public static ClassNames numbered(int count) {
        return new ClassNames(IntStream.range(0, count).mapToObj(Integer::toString).toList());
    }

    /**
     * The number of classes.
     *
     * @return at least 1; classifiers need 2, detectors and generators do with 1
     */
    public int size() {
        return names.size();
    }

    /**
     * The name of a class.
     *
     * @param index the class, from 0
     * @return its name
     * @throws IndexOutOfBoundsException if there is no such class
     */
    public String name(int index) {
        return names.get(index);
    }

    /**
     * The class of a name.
     *
     * @param name its name
     * @return the class, from 0
     * @throws IllegalArgumentException if there is no such class
     */
    public int index(String name) {
        Integer index = indices.get(name);
        if (index == null) {
            throw new IllegalArgumentException("ClassNames: there is no class " + Quote.value(name) + " among "
                    + Quote.names(names));
        }
        return index;
    }

    /**
     * All names.
     *
     * @return the name of class i at index i; unmodifiable
     */
    public List<String> toList() {
        return names;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ClassNames that && names.equals(that.names);
    }

    @Override
    public int hashCode() {
        return names.hashCode();
    }

    @Override
    public String toString() {
        return names.toString();
    }
}
