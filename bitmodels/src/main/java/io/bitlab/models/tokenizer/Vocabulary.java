package io.bitlab.models.tokenizer;

import io.bitlab.models.internal.Quote;
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

/** The tokens of a model by id and by spelling, and the roles of the special ones. Immutable. */
final class Vocabulary {

    /** Names by which an end-of-text or end-of-turn token is recognised, in addition to the EOS token. */
    static final Set<String> END_NAMES = Set.of("<|eot_id|>", "<|eom_id|>", "<|end_of_text|>",
            "<|endoftext|>", "<|im_end|>", "<|end|>", "</s>", "<end_of_turn>");

    private final String[] tokens;
    private final Map<String, Integer> ids;
    private final Map<String, Integer> special;
    private final Map<String, Integer> userDefined;
    private final List<AddedToken> added;
    private final BitSet learnt;
    private final BitSet ofPlainText; // learnt and not special
    private final OptionalInt bos;
    private final boolean addsBos;
    private final OptionalInt eos;
    private final Set<Integer> endTokens;

    /**
     * Creates a vocabulary. The ids must be 0, 1, 2 and so on, added tokens included. BOS and EOS are special in any
     * case.
     *
     * @param learnt the tokens that merges may produce. Special tokens among them are never produced from plain text
     */
    Vocabulary(Map<String, Integer> ids, Set<String> learnt, Collection<AddedToken> added, OptionalInt bos,
            boolean addsBos, OptionalInt eos) {
        this.tokens = byId(ids);
        this.ids = new HashMap<>(ids);
        this.bos = requireToken("bos", bos);
        this.addsBos = addsBos && bos.isPresent();
        this.eos = requireToken("eos", eos);
        Map<String, AddedToken> byText = new LinkedHashMap<>();
        added.forEach(token -> byText.merge(token.text(), token, (a, b) -> a.special() ? a : b)); // special stays so
        Stream.of(bos, eos).flatMapToInt(OptionalInt::stream).mapToObj(id -> tokens[id]).forEach(token -> byText
                .put(token, byText.getOrDefault(token, AddedToken.special(token)).asSpecial()));
        this.added = List.copyOf(byText.values());
        this.special = addedIds(true);
        this.userDefined = addedIds(false);
        this.learnt = new BitSet();
        learnt.forEach(token -> this.learnt.set(ids.get(token)));
        this.ofPlainText = (BitSet) this.learnt.clone();
        special.values().forEach(ofPlainText::clear);
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
                        + " tokens; the ids must have no gaps");
            }
            if (tokens[id] != null) {
                throw new IllegalArgumentException("tokens " + Quote.value(tokens[id]) + " and " + Quote.value(token)
                        + " both have id " + id + ", expected one token for each id");
            }
            tokens[id] = token;
        });
        return tokens;
    }

    private Map<String, Integer> addedIds(boolean ofSpecial) {
        Map<String, Integer> byText = new LinkedHashMap<>();
        added.stream()
                .filter(token -> token.special() == ofSpecial)
                .forEach(token -> byText.put(token.text(), ids.get(token.text())));
        return Collections.unmodifiableMap(byText);
    }

    private OptionalInt requireToken(String role, OptionalInt id) {
        if (id.isPresent() && (id.getAsInt() < 0 || id.getAsInt() >= tokens.length)) {
            throw new IllegalArgumentException(role + " token is " + id.getAsInt() + ", expected an id below "
                    + tokens.length + ", the number of tokens");
        }
        return id;
    }

    /** Refuses an id that is not in a vocabulary of this size. */
    static void requireId(String tokenizer, int id, int vocabularySize) {
        if (id < 0 || id >= vocabularySize) {
            throw new IllegalArgumentException(tokenizer + ": token " + id + " is not in the vocabulary of "
                    + vocabularySize + " tokens; is this the tokenizer that the model was trained with?");
        }
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

    /** The id of a learnt token that is not special, or -1: the tokens that untrusted text may become. */
    int learntId(String token) {
        int id = id(token);
        return id >= 0 && ofPlainText.get(id) ? id : -1;
    }

    List<String> tokens() {
        return Collections.unmodifiableList(Arrays.asList(tokens));
    }

    Map<String, Integer> special() {
        return special;
    }

    /** The ids by token, in ascending order up to the last learnt token; added tokens may be among them. */
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
