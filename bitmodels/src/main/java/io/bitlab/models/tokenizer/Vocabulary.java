package io.bitlab.models.tokenizer;

import io.bitlab.models.io.Quote;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The tokens of a model by id and by text, and what the special ones are for. Immutable. */
public final class Vocabulary {

    /** What the ends of a text or an answer are called where nothing says it. */
    private static final Set<String> END_NAMES = Set.of("<|eot_id|>", "<|eom_id|>", "<|end_of_text|>",
            "<|endoftext|>", "<|im_end|>", "<|end|>", "</s>", "<end_of_turn>");

    private final String[] tokens;
    private final Map<String, Integer> ids;
    private final Map<String, Integer> special;
    private final Map<String, Integer> userDefined;
    private final List<AddedToken> added;
    private final BitSet learnt;
    private final BitSet ofText;
    private final OptionalInt bos;
    private final boolean addsBos;
    private final OptionalInt eos;
    private final Set<Integer> endTokens;

    /**
     * Every id from 0 on must have one token, also the added ones. The tokens for both ends of a text are special in
     * any case.
     *
     * @param learnt the tokens that text becomes by merges: special ones may be among them, but text never becomes them
     */
    Vocabulary(Map<String, Integer> ids, Set<String> learnt, Collection<AddedToken> added, OptionalInt bos,
            boolean addsBos, OptionalInt eos) {
        this.tokens = byId(ids);
        this.ids = new HashMap<>(ids);
        this.bos = requireToken("bos", bos);
        this.addsBos = addsBos && bos.isPresent();
        this.eos = requireToken("eos", eos);
        Map<String, AddedToken> byText = new LinkedHashMap<>();
        added.forEach(token -> byText.put(token.text(), token));
        Stream.of(bos, eos).flatMapToInt(OptionalInt::stream).mapToObj(id -> tokens[id]).forEach(token -> byText
                .put(token, byText.getOrDefault(token, AddedToken.special(token)).asSpecial()));
        this.added = List.copyOf(byText.values());
        this.special = part(true);
        this.userDefined = part(false);
        this.learnt = new BitSet();
        learnt.forEach(token -> this.learnt.set(ids.get(token)));
        this.ofText = (BitSet) this.learnt.clone();
        special.values().forEach(ofText::clear);
        Set<Integer> ends = new TreeSet<>();
        eos.ifPresent(ends::add);
        this.special.forEach((token, id) -> {
            if (END_NAMES.contains(token)) {
                ends.add(id);
            }
        });
        endTokens = Collections.unmodifiableSet(ends);
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

    private Map<String, Integer> part(boolean ofSpecial) {
        Map<String, Integer> part = new LinkedHashMap<>();
        added.stream()
                .filter(token -> token.special() == ofSpecial)
                .forEach(token -> part.put(token.text(), ids.get(token.text())));
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

    public String token(int id) {
        return tokens[id];
    }

    /** The id of a token, or -1. */
    int id(String token) {
        return ids.getOrDefault(token, -1);
    }

    /** As {@link #id}, but only of learnt tokens, and of no special one: text that is not trusted never becomes one. */
    int learntId(String token) {
        int id = id(token);
        return id >= 0 && ofText.get(id) ? id : -1;
    }

    List<String> tokens() {
        return Collections.unmodifiableList(Arrays.asList(tokens));
    }

    Map<String, Integer> special() {
        return special;
    }

    /** IntList by token, in their order, up to that of the last learnt token. Others may be among them. */
    Map<String, Integer> upToLastLearnt() {
        Map<String, Integer> ordered = new LinkedHashMap<>();
        for (int id = 0; id < learnt.length(); id++) {
            ordered.put(tokens[id], id);
        }
        return ordered;
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

    /** The special and the user-defined tokens. */
    List<AddedToken> added() {
        return added;
    }
}
