package io.bitlab.models.text;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/** The tokens of a model by id and by text, and what the special ones are for. Immutable. */
final class Vocabulary {

    /** What the ends of a text or an answer are called where nothing says it. */
    private static final Set<String> END_NAMES = Set.of("<|eot_id|>", "<|eom_id|>", "<|end_of_text|>",
            "<|endoftext|>", "<|im_end|>", "<|end|>", "</s>", "<end_of_turn>");

    private final String[] tokens;
    private final Map<String, Integer> ids;
    private final Map<String, Integer> special;
    private final Map<String, Integer> userDefined;
    private final OptionalInt bos;
    private final boolean addsBos;
    private final OptionalInt eos;
    private final Set<Integer> endTokens;
    private final AddedTokens alwaysFound;
    private final AddedTokens foundInTrusted;

    /**
     * Every id from 0 on must have one token; {@code special} and {@code userDefined} are parts of {@code ids}. The
     * tokens for both ends of a text are special in any case.
     */
    Vocabulary(Map<String, Integer> ids, Set<String> special, Set<String> userDefined, OptionalInt bos,
            boolean addsBos, OptionalInt eos) {
        this.tokens = byId(ids);
        this.ids = new HashMap<>(ids);
        this.bos = requireToken("bos", bos);
        this.addsBos = addsBos && bos.isPresent();
        this.eos = requireToken("eos", eos);
        Set<String> control = new LinkedHashSet<>(special);
        bos.ifPresent(id -> control.add(tokens[id]));
        eos.ifPresent(id -> control.add(tokens[id]));
        Set<String> text = new LinkedHashSet<>(userDefined);
        text.removeAll(control);
        this.special = part(control);
        this.userDefined = part(text);
        Set<Integer> ends = new TreeSet<>();
        eos.ifPresent(ends::add);
        this.special.forEach((token, id) -> {
            if (END_NAMES.contains(token)) {
                ends.add(id);
            }
        });
        endTokens = Collections.unmodifiableSet(ends);
        alwaysFound = new AddedTokens(this.userDefined);
        Map<String, Integer> added = new HashMap<>(this.userDefined);
        added.putAll(this.special);
        foundInTrusted = new AddedTokens(added);
    }

    private static String[] byId(Map<String, Integer> ids) {
        String[] tokens = new String[ids.size()];
        ids.forEach((token, id) -> {
            if (id < 0 || id >= tokens.length) {
                throw new IllegalArgumentException("token " + Quote.value(token) + " has id " + id
                        + ", expected the ids 0 to " + (tokens.length - 1) + " for " + tokens.length
                        + " tokens; some id is missing or far off");
            }
            if (tokens[id] != null) {
                throw new IllegalArgumentException("tokens " + Quote.value(tokens[id]) + " and " + Quote.value(token)
                        + " both have id " + id + ", expected one token for each id");
            }
            tokens[id] = token;
        });
        return tokens;
    }

    private Map<String, Integer> part(Set<String> names) {
        Map<String, Integer> part = new LinkedHashMap<>();
        for (String name : names) {
            if (name.isEmpty()) {
                throw new IllegalArgumentException("an added token is empty, expected some text");
            }
            part.put(name, ids.get(name));
        }
        return Collections.unmodifiableMap(part);
    }

    private OptionalInt requireToken(String role, OptionalInt id) {
        if (id.isPresent() && (id.getAsInt() < 0 || id.getAsInt() >= tokens.length)) {
            throw new IllegalArgumentException(role + " token is " + id.getAsInt() + ", expected an id below "
                    + tokens.length + ", the number of tokens");
        }
        return id;
    }

    int size() {
        return tokens.length;
    }

    String token(int id) {
        return tokens[id];
    }

    /** The id of a token, or -1. */
    int id(String token) {
        return ids.getOrDefault(token, -1);
    }

    List<String> tokens() {
        return Collections.unmodifiableList(Arrays.asList(tokens));
    }

    Map<String, Integer> special() {
        return special;
    }

    /** Ids by token, in the order of the ids. */
    Map<String, Integer> all() {
        Map<String, Integer> all = new LinkedHashMap<>();
        for (int id = 0; id < tokens.length; id++) {
            all.put(tokens[id], id);
        }
        return all;
    }

    Map<String, Integer> userDefined() {
        return userDefined;
    }

    OptionalInt bos() {
        return bos;
    }

    boolean addsBos() {
        return addsBos;
    }

    OptionalInt eos() {
        return eos;
    }

    Set<Integer> endTokens() {
        return endTokens;
    }

    /** The tokens that are found in text as they stand there: special ones only where the text is trusted. */
    AddedTokens added(boolean trusted) {
        return trusted ? foundInTrusted : alwaysFound;
    }
}
