package io.bitlab.models.io.folder;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Maps the names in a file to the names in a network. The rules apply in order, each to the result of the one before.
 * Immutable.
 *
 * {@snippet class="io.bitlab.models.snippets.FolderSnippets" region="nameMapping"}
 */
public final class NameMapping {

    /** Leaves every name as it is. */
    public static final NameMapping NONE = new NameMapping(List.of());

    private final List<UnaryOperator<String>> rules;

    private NameMapping(List<UnaryOperator<String>> rules) {
        this.rules = List.copyOf(rules);
    }

    /**
     * Adds a rule that rewrites every match of a pattern.
     *
     * @param regex a regular expression
     * @param replacement what a match becomes; {@code $1} inserts the first group
     * @return the longer mapping
     */
    public NameMapping replace(String regex, String replacement) {
        Pattern pattern = Pattern.compile(regex);
        return with(name -> pattern.matcher(name).replaceAll(replacement));
    }

    /**
     * Adds a rule that leaves out tensors whose names match a pattern somewhere.
     *
     * @param regex a regular expression
     * @return the longer mapping
     */
    public NameMapping drop(String regex) {
        Pattern pattern = Pattern.compile(regex);
        return with(name -> pattern.matcher(name).find() ? null : name);
    }

    private NameMapping with(UnaryOperator<String> rule) {
        List<UnaryOperator<String>> longer = new ArrayList<>(rules);
        longer.add(rule);
        return new NameMapping(longer);
    }

    /**
     * Maps a name.
     *
     * @param name the name in the file
     * @return the name in the network; empty if the tensor is left out
     */
    public Optional<String> map(String name) {
        String mapped = name;
        for (UnaryOperator<String> rule : rules) {
            mapped = rule.apply(mapped);
            if (mapped == null) {
                return Optional.empty();
            }
        }
        return Optional.of(mapped);
    }
}
