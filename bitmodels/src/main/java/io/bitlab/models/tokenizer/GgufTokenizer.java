package io.bitlab.models.tokenizer;

import io.bitlab.models.internal.Quote;
import io.bitlab.models.io.JsonObject;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.gguf.GgufValueType;
import io.bitlab.models.io.gguf.GgufWriter;
import io.bitlab.models.tokenizer.SentencePieceTokenizer.PrependScheme;
import io.bitlab.models.tokenizer.SentencePieceTokenizer.Settings;
import io.bitlab.models.tokenizer.SentencePieceTokenizer.Spaces;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tokenizers in the metadata of GGUF files, under keys that begin with {@code tokenizer.ggml}.
 *
 * {@snippet class="io.bitlab.models.snippets.TokenizerSnippets" region="gguf"}
 */
public final class GgufTokenizer {

    private static final String PREFIX = "tokenizer.ggml.";
    private static final String MODEL = "model";
    private static final String NO_MODEL = "no_vocab";
    private static final String ADD_BOS = "add_bos_token";
    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;

    /** The tokens of phi-3 that don't strip the white space after them. */
    private static final Set<String> PHI3_KEEPS_SPACE = Set.of("<unk>", "<s>", "<|endoftext|>");

    /** SentencePiece's own limit is 16 characters; the work grows with the square. */
    private static final int MAX_SCORED_TOKEN = 512;
    private static final long MOST_PAIRS_A_TOKEN = 32;

    private static final Logger LOG = LoggerFactory.getLogger(GgufTokenizer.class);

    private GgufTokenizer() {}

    /**
     * Whether metadata has a tokenizer.
     *
     * @param metadata the values of a GGUF file by key
     * @return false if the key of the tokenizer is missing, or says that there is none
     */
    public static boolean isIn(Map<String, ?> metadata) {
        Object model = metadata.get(PREFIX + MODEL);
        return model != null && !model.equals(NO_MODEL) && !model.equals("none");
    }

    /**
     * Writes metadata that says that a file has no tokenizer. llama.cpp doesn't load files without this entry.
     *
     * @param writer the file to write to
     */
    public static void writeNone(GgufWriter writer) {
        writer.put(PREFIX + MODEL, NO_MODEL);
    }

    /**
     * Reads a tokenizer of the model {@code gpt2} (byte-pair encoding of bytes) or {@code llama} (as in SentencePiece).
     *
     * @param metadata the values of a GGUF file by key: strings, numbers, booleans, and lists of them; not modified,
     *     other keys are ignored
     * @param source where they come from, for messages: usually the path of the file
     * @return the tokenizer
     * @throws ModelFormatException if something is missing, damaged or of a kind that this library lacks
     */
    public static Tokenizer read(Map<String, ?> metadata, String source) throws ModelFormatException {
        JsonObject keys = JsonObject.at("tokenizer.ggml", withoutPrefix(metadata));
        boolean phi3 = isPhi3(metadata.get("general.name"));
        try {
            String model = keys.string(MODEL);
            return switch (model) {
                case "gpt2" -> bytePairs(keys, phi3, source);
                case "llama" -> sentencePiece(keys, phi3);
                default -> throw keys.wrong(MODEL, "gpt2 or llama; others are not supported");
            };
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(source, e.getMessage(), e);
        }
    }

    private static Map<String, Object> withoutPrefix(Map<String, ?> metadata) {
        Map<String, Object> keys = new HashMap<>();
        metadata.forEach((key, value) -> {
            if (key.startsWith(PREFIX)) {
                keys.put(key.substring(PREFIX.length()), value);
            }
        });
        return keys;
    }

    /** GGUF doesn't store whether tokens strip white space; like llama.cpp, this goes by the name of the model. */
    private static boolean isPhi3(Object name) {
        String lower = String.valueOf(name).toLowerCase(Locale.ROOT);
        return lower.contains("phi-3") || lower.contains("phi3");
    }

    private static BpeTokenizer bytePairs(JsonObject keys, boolean phi3, String source) {
        if (!keys.has("pre")) {
            LOG.warn("{}: {}pre is missing, as in files of before May 2024; texts are cut as by 'default', which is"
                    + " wrong for most models: get a newer file, or put a tokenizer.json beside it", source, PREFIX);
        }
        GgufPretokenizer cut = GgufPretokenizer.named(keys.optionalString("pre").orElse("default"))
                .orElseThrow(() -> keys.wrong("pre", "one of " + GgufPretokenizer.NAMES));
        Map<String, Integer> ids = withoutPadding(keys, ids(keys));
        BpeTokenizer.Builder builder = BpeTokenizer.builder()
                .vocabulary(ids)
                .pretokenizer(cut.pretokenizer())
                .ignoreMerges(cut.ignoreMerges());
        added(keys, ids, phi3, CONTROL).forEach(token -> builder.added(token, ids.get(token.text())));
        TokenIds.optional(keys, "bos_token_id").ifPresent(builder::bos);
        builder.addsBos(keys.bool(ADD_BOS, cut.ignoreMerges())); // as in llama.cpp: the Llama 3 family does
        TokenIds.optional(keys, "eos_token_id").ifPresent(builder::eos);
        keys.strings("merges").forEach(builder::merge);
        return builder.build();
    }

    private static List<AddedToken> added(JsonObject keys, Map<String, Integer> ids, boolean phi3, int... special) {
        // tokens that end a turn are control tokens, whatever their type, as in llama.cpp
        Set<String> names = new LinkedHashSet<>(Vocabulary.END_NAMES.stream().filter(ids::containsKey).toList());
        IntStream.of(special).forEach(type -> names.addAll(ofType(keys, ids, type)));
        Stream<AddedToken> control = names.stream().map(AddedToken::special);
        return Stream.concat(control, ofType(keys, ids, USER_DEFINED).stream().filter(token -> !names.contains(token))
                .map(AddedToken::userDefined))
                .map(token -> phi3 && !PHI3_KEEPS_SPACE.contains(token.text()) ? token.withRightStrip() : token)
                .toList();
    }

    private static SentencePieceTokenizer sentencePiece(JsonObject keys, boolean phi3) {
        Map<String, Integer> ids = ids(keys);
        Vocabulary vocabulary = new Vocabulary(ids, ids.keySet(), added(keys, ids, phi3, CONTROL, UNKNOWN),
                TokenIds.optional(keys, "bos_token_id"), keys.bool(ADD_BOS, true),
                TokenIds.optional(keys, "eos_token_id"));
        OptionalInt unknown = TokenIds.optional(keys, "unknown_token_id");
        if (unknown.isPresent() && unknown.getAsInt() >= vocabulary.size()) {
            throw keys.wrong("unknown_token_id", "an id below " + vocabulary.size() + ", the number of tokens");
        }
        Spaces spaces = new Spaces(true,
                keys.bool("add_space_prefix", true) ? PrependScheme.ALWAYS : PrependScheme.NEVER, false);
        return new SentencePieceTokenizer(vocabulary, merges(vocabulary, scores(keys, vocabulary.size())), spaces,
                new Settings(new UnknownToken(unknown.orElse(-1), false), true, false), SentencePieceJson.usual(spaces),
                Map.of());
    }

    private static Map<String, Integer> ids(JsonObject keys) {
        List<String> tokens = keys.strings("tokens");
        if (tokens.isEmpty()) {
            throw keys.wrong("tokens", "a list of strings, one at least");
        }
        Map<String, Integer> ids = new LinkedHashMap<>();
        for (int id = 0; id < tokens.size(); id++) {
            Integer before = ids.put(tokens.get(id), id);
            if (before != null) {
                throw new IllegalArgumentException(PREFIX + "tokens has " + Quote.value(tokens.get(id))
                        + " twice, as token " + before + " and " + id);
            }
        }
        return ids;
    }

    /** Drops the padding tokens at the end, which exist because the model has more tokens than the tokenizer. */
    private static Map<String, Integer> withoutPadding(JsonObject keys, Map<String, Integer> ids) {
        Set<String> unused = ofType(keys, ids, UNUSED);
        for (int id = ids.size() - 1; id > 0 && unused.contains(padding(id)); id--) {
            if (!ids.remove(padding(id), id)) {
                break;
            }
        }
        return ids;
    }

    /** The name that llama.cpp's converter gives a padding token. */
    private static String padding(int id) {
        return "[PAD" + id + "]";
    }

    private static Set<String> ofType(JsonObject keys, Map<String, Integer> ids, int type) {
        List<?> types = keys.list("token_type");
        int tokens = keys.list("tokens").size();
        if (!types.isEmpty() && types.size() != tokens) {
            throw new IllegalArgumentException(PREFIX + "token_type has " + types.size() + " elements, expected "
                    + tokens + ", one for each token");
        }
        Set<String> found = new LinkedHashSet<>();
        ids.forEach((token, id) -> {
            if (!types.isEmpty() && requireNumber("token_type", id, types.get(id)) == type) {
                found.add(token);
            }
        });
        return found;
    }

    private static float[] scores(JsonObject keys, int size) {
        List<?> list = keys.list("scores");
        if (list.size() != size) {
            throw new IllegalArgumentException(PREFIX + "scores has " + list.size() + " elements, expected " + size
                    + ", one for each token");
        }
        float[] scores = new float[size];
        for (int id = 0; id < size; id++) {
            scores[id] = requireNumber("scores", id, list.get(id));
        }
        return scores;
    }

    private static float requireNumber(String name, int index, Object value) {
        if (value instanceof Number number && Float.isFinite(number.floatValue())) {
            return number.floatValue();
        }
        throw new IllegalArgumentException(
                PREFIX + name + " has " + Quote.value(value) + " at index " + index + ", expected a number");
    }

    /** SentencePiece merges any two tokens whose concatenation is a token; the highest score goes first. */
    private static MergeTable merges(Vocabulary vocabulary, float[] scores) {
        int[] byScore = IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer id) -> -scores[id]))
                .mapToInt(Integer::intValue)
                .toArray();
        record Pair(int left, int right, int rank, int merged) {}
        List<Pair> pairs = new ArrayList<>();
        int rank = 0;
        for (int i = 0; i < byScore.length; i++) {
            int merged = byScore[i];
            // equal scores have equal ranks, so that the leftmost pair goes first
            rank = i > 0 && scores[merged] == scores[byScore[i - 1]] ? rank : i;
            String token = vocabulary.token(merged);
            if (vocabulary.learntId(token) < 0) {
                continue; // plain text never becomes a special token
            }
            if (token.length() > MAX_SCORED_TOKEN) {
                throw new IllegalArgumentException(PREFIX + "tokens has one of " + token.length()
                        + " characters, expected at most " + MAX_SCORED_TOKEN + ": " + Quote.value(token));
            }
            for (int cut = 1; cut < token.length(); cut++) {
                int left = vocabulary.id(token.substring(0, cut));
                int right = left < 0 ? -1 : vocabulary.id(token.substring(cut));
                if (right >= 0) {
                    pairs.add(new Pair(left, right, rank, merged));
                }
            }
            if (pairs.size() > MOST_PAIRS_A_TOKEN * scores.length) {
                throw new IllegalArgumentException(PREFIX + "tokens: more than " + MOST_PAIRS_A_TOKEN
                        + " pairs of tokens for each token make another one, where vocabularies have two; the file is"
                        + " damaged or made to exhaust memory");
            }
        }
        MergeTable merges = new MergeTable(pairs.size());
        pairs.forEach(pair -> merges.put(pair.left, pair.right, pair.rank, pair.merged));
        return merges;
    }

    /**
     * Writes a tokenizer to the metadata of a file, with the types that llama.cpp expects. If the model has more tokens
     * than the tokenizer, the others are written as {@code [PAD<id>]}, as by llama.cpp's converter.
     *
     * @param tokenizer the tokenizer
     * @param vocabularySize number of tokens of the model, at least that of the tokenizer
     * @param writer the file to write to
     * @return false, with nothing written, if GGUF cannot represent the tokenizer: it has no name for the pretokenizer,
     *     an added token depends on its surroundings, or there is a token for unknown bytes
     */
    public static boolean write(BpeTokenizer tokenizer, int vocabularySize, GgufWriter writer) {
        if (name(tokenizer).isEmpty()) {
            return false;
        }
        describe(tokenizer).forEach((key, value) -> {
            switch (value) {
                case Integer id -> writer.put(key, GgufValueType.U32, id);
                case List<?> list when key.endsWith("tokens") -> writer.putArray(key, GgufValueType.STRING,
                        padded(list, vocabularySize, GgufTokenizer::padding));
                case List<?> list when key.endsWith("token_type") -> writer.putArray(key, GgufValueType.I32,
                        padded(list, vocabularySize, _ -> UNUSED));
                case List<?> list -> writer.putArray(key, GgufValueType.STRING, list);
                default -> writer.put(key, value);
            }
        });
        return true;
    }

    private static Optional<String> name(BpeTokenizer tokenizer) {
        return GgufPretokenizer.nameOf(tokenizer.pretokenizer(), tokenizer.ignoreMerges())
                .filter(_ -> tokenizer.vocabulary().added().stream().allMatch(AddedToken::isPlain)
                        && (tokenizer.unknown().id() < 0 || tokenizer.hasAllBytes()));
    }

    private static List<Object> padded(List<?> values, int size, IntFunction<Object> padding) {
        List<Object> all = new ArrayList<>(values);
        for (int id = values.size(); id < size; id++) {
            all.add(padding.apply(id));
        }
        return all;
    }

    static Map<String, Object> describe(BpeTokenizer tokenizer) {
        Vocabulary vocabulary = tokenizer.vocabulary();
        Optional<String> cut = name(tokenizer);
        if (cut.isEmpty()) {
            throw new IllegalStateException("BpeTokenizer.toGguf: GGUF has no name for a pretokenizer of the patterns "
                    + tokenizer.pretokenizer().patterns() + " with ignoreMerges = " + tokenizer.ignoreMerges()
                    + ", or no place for what its added tokens do; write a tokenizer.json beside the GGUF file, or"
                    + " build the tokenizer with Pretokenizer.GPT2 or, with ignoreMerges, Pretokenizer.LLAMA3");
        }
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put(PREFIX + MODEL, "gpt2");
        metadata.put(PREFIX + "pre", cut.get());
        metadata.put(PREFIX + "tokens", vocabulary.tokens());
        metadata.put(PREFIX + "token_type", vocabulary.tokens().stream()
                .map(token -> vocabulary.special().containsKey(token)
                        ? CONTROL
                        : vocabulary.userDefined().containsKey(token) ? USER_DEFINED : NORMAL)
                .toList());
        metadata.put(PREFIX + "merges",
                tokenizer.mergePairs().stream().map(pair -> String.join(" ", pair)).toList());
        vocabulary.bos().ifPresent(id -> metadata.put(PREFIX + "bos_token_id", id));
        metadata.put(PREFIX + ADD_BOS, vocabulary.addsBos());
        vocabulary.eos().ifPresent(id -> metadata.put(PREFIX + "eos_token_id", id));
        return metadata;
    }
}
