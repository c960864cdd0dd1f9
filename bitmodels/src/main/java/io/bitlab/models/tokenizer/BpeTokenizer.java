package io.bitlab.models.tokenizer;

import io.bitlab.models.io.Json;
import io.bitlab.models.io.JsonObject;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.Quote;
import io.bitlab.models.io.Uninterrupted;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Byte-pair encoding of bytes, as in GPT-2, Llama 3, Falcon 3 and BitNet b1.58 2B4T. Text is {@linkplain Pretokenizer
 * cut} into pieces; the bytes of a piece are tokens, and neighbours are merged in the order of the learnt merges until
 * none is left. The ids equal those of Hugging Face's tokenizers.
 *
 * <p>Sources: Sennrich, Haddow, Birch, "Neural Machine Translation of Rare Words with Subword Units" (2016); Radford et
 * al., "Language Models are Unsupervised Multitask Learners" (2019), section 2.2.
 */
public final class BpeTokenizer extends VocabularyTokenizer {

    private final Pretokenizer pretokenizer;
    private final boolean ignoreMerges;
    private final Unknown unknown;
    private final int[] byteIds = new int[256];

    private BpeTokenizer(Builder builder, Vocabulary vocabulary) {
        super(vocabulary, MergeTable.of(vocabulary, builder.merges), builder.pretokenizer::normalize, builder.steps);
        pretokenizer = builder.pretokenizer;
        ignoreMerges = builder.ignoreMerges;
        unknown = builder.unknown;
        for (int b = 0; b < byteIds.length; b++) {
            byteIds[b] = vocabulary.learntId(String.valueOf(ByteAlphabet.spell(b)));
        }
    }

    /**
     * Starts a tokenizer of one's own.
     *
     * @return a builder without any token
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Reads the two files that GPT-2 was published with.
     *
     * @param encoderJson {@code encoder.json}: ids by token
     * @param vocabBpe {@code vocab.bpe}: a line with the version, then one merge a line
     * @return the tokenizer, with {@code <|endoftext|>} for both ends of a text, if it is in the vocabulary
     * @throws ModelFormatException if a file is damaged
     * @throws IOException if a file cannot be read
     */
    public static BpeTokenizer readGpt2(Path encoderJson, Path vocabBpe) throws IOException {
        Map<String, Object> tokens = Json.read(encoderJson);
        List<String> lines;
        try {
            lines = Uninterrupted.call(() -> Files.readAllLines(vocabBpe));
        } catch (CharacterCodingException e) {
            throw new ModelFormatException(vocabBpe.toString(), "the text is not UTF-8", e);
        }
        try {
            Builder builder = builder().vocabulary(JsonObject.ids("", tokens)).pretokenizer(Pretokenizer.GPT2);
            for (String line : lines) {
                if (!line.startsWith("#version") && !line.isEmpty()) {
                    builder.merge(line);
                }
            }
            if (tokens.get("<|endoftext|>") instanceof Integer end) {
                builder.special("<|endoftext|>", end).bos(end).addsBos(false).eos(end);
            }
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(encoderJson + " and " + vocabBpe, e.getMessage(), e);
        }
    }

    /** The parts of a tokenizer. For one thread. */
    public static final class Builder {

        private final Map<String, Integer> ids = new HashMap<>();
        private final Set<String> learnt = new HashSet<>();
        private final Map<String, AddedToken> added = new LinkedHashMap<>();
        private final List<String> merges = new ArrayList<>(); // left, right, left, right, ...
        private OptionalInt bos = OptionalInt.empty();
        private boolean addsBos = true;
        private OptionalInt eos = OptionalInt.empty();
        private Pretokenizer pretokenizer = Pretokenizer.GPT2;
        private boolean ignoreMerges;
        private Unknown unknown = Unknown.NONE;
        private Map<String, Object> steps = Map.of();

        private Builder() {}

        /**
         * Adds tokens.
         *
         * @param tokens ids by token, bytes spelt in GPT-2's alphabet (a space is {@code \u0120})
         * @return this builder
         * @throws IllegalArgumentException if a token is there already with another id
         */
        public Builder vocabulary(Map<String, Integer> tokens) {
            tokens.forEach(this::token);
            learnt.addAll(tokens.keySet());
            return this;
        }

        /**
         * Adds the merge that comes after those added so far.
         *
         * @param merge two tokens with a space between them
         * @return this builder
         * @throws IllegalArgumentException if these are not two tokens
         */
        public Builder merge(String merge) {
            int space = merge.indexOf(' ');
            if (space <= 0 || space == merge.length() - 1 || merge.indexOf(' ', space + 1) >= 0) {
                throw new IllegalArgumentException(
                        "merge " + Quote.value(merge) + " is not two tokens with a space between them");
            }
            return merge(merge.substring(0, space), merge.substring(space + 1));
        }

        /**
         * Adds the merge that comes after those added so far.
         *
         * @param left a token
         * @param right the token after it
         * @return this builder
         */
        public Builder merge(String left, String right) {
            merges.add(left);
            merges.add(right);
            return this;
        }

        /**
         * Adds a special token, or says that a token of the vocabulary is special.
         *
         * @param text as it is written, not in GPT-2's alphabet
         * @param id its id
         * @return this builder
         * @throws IllegalArgumentException if it is there already with another id
         */
        public Builder special(String text, int id) {
            return added(AddedToken.special(text), id);
        }

        /**
         * Adds a token that is found in any text before it is cut and merged, and that stands for its own text.
         *
         * @param text as it is written, not in GPT-2's alphabet
         * @param id its id
         * @return this builder
         * @throws IllegalArgumentException if it is there already with another id
         */
        public Builder userDefined(String text, int id) {
            return added(AddedToken.userDefined(text), id);
        }

        /** Adds a token that is found in text; a special one is so in any case. */
        Builder added(AddedToken token, int id) {
            token(token.text(), id);
            AddedToken before = added.get(token.text());
            added.put(token.text(), before != null && before.special() ? token.asSpecial() : token);
            return this;
        }

        /** Chooses what stands for bytes that the vocabulary lacks; they are refused unless chosen. */
        Builder unknown(Unknown chosen) {
            unknown = chosen;
            return this;
        }

        /** Keeps what the tokenizer's file says about everything but tokens and merges. */
        Builder steps(Map<String, Object> ofFile) {
            steps = ofFile;
            return this;
        }

        private void token(String text, int id) {
            Integer before = ids.put(text, id);
            if (before != null && before != id) {
                throw new IllegalArgumentException(
                        "token " + Quote.value(text) + " has the ids " + before + " and " + id + ", expected one");
            }
        }

        /**
         * Chooses the token that begins a text.
         *
         * @param id a token
         * @return this builder
         */
        public Builder bos(int id) {
            bos = OptionalInt.of(id);
            return this;
        }

        /**
         * Chooses whether the token that begins a text is put before each; it is unless chosen.
         *
         * @param chosen what {@link Tokenizer#addsBos} says, if there is such a token
         * @return this builder
         */
        public Builder addsBos(boolean chosen) {
            addsBos = chosen;
            return this;
        }

        /**
         * Chooses the token that ends a text.
         *
         * @param id a token
         * @return this builder
         */
        public Builder eos(int id) {
            eos = OptionalInt.of(id);
            return this;
        }

        /**
         * Chooses how text is cut; GPT-2's way unless chosen.
         *
         * @param chosen the pretokenizer
         * @return this builder
         */
        public Builder pretokenizer(Pretokenizer chosen) {
            pretokenizer = chosen;
            return this;
        }

        /**
         * Chooses whether a piece that is in the vocabulary as a whole is taken as it is, whatever the merges would
         * make of it; they decide unless chosen. Llama 3 does so.
         *
         * @param chosen true to take it
         * @return this builder
         */
        public Builder ignoreMerges(boolean chosen) {
            ignoreMerges = chosen;
            return this;
        }

        /**
         * Builds the tokenizer.
         *
         * @return the tokenizer
         * @throws IllegalArgumentException if the ids are not 0, 1, 2 and so on, or a merge is of tokens, or makes one,
         *     that the vocabulary lacks, or stands there twice
         */
        public BpeTokenizer build() {
            return new BpeTokenizer(this, new Vocabulary(ids, learnt, added.values(), bos, addsBos, eos));
        }
    }

    @Override
    void encodeStretch(String text, boolean first, IntList ids) {
        for (String piece : pretokenizer.cut(text)) {
            byte[] bytes = Utf8.encode(piece);
            int whole = ignoreMerges ? vocabulary().learntId(ByteAlphabet.spell(bytes)) : -1;
            if (whole >= 0) {
                ids.add(whole);
            } else {
                ids.add(merges().apply(tokens(bytes, piece)));
            }
        }
    }

    private int[] tokens(byte[] bytes, String piece) {
        int[] tokens = new int[bytes.length];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = byteIds[bytes[i] & 0xff];
            if (tokens[i] < 0) {
                return withUnknown(bytes, i, piece);
            }
        }
        return tokens;
    }

    private int[] withUnknown(byte[] bytes, int missing, String piece) {
        if (unknown.id() < 0) {
            throw new IllegalArgumentException("BpeTokenizer.encode: the vocabulary has no token for byte "
                    + "0x%02X".formatted(bytes[missing]) + " of the text " + Quote.value(piece)
                    + "; leave such text out, or use a vocabulary with all 256 bytes");
        }
        Unknown.Sequence tokens = unknown.new Sequence();
        for (byte b : bytes) {
            if (byteIds[b & 0xff] < 0) {
                tokens.unknown();
            } else {
                tokens.known(byteIds[b & 0xff]);
            }
        }
        return tokens.toArray();
    }

    @Override
    byte[] spelt(String token) {
        return vocabulary().userDefined().containsKey(token)
                ? Utf8.encode(token)
                : ByteAlphabet.bytes(token).orElseGet(() -> Utf8.encode(token));
    }

    Pretokenizer pretokenizer() {
        return pretokenizer;
    }

    boolean ignoreMerges() {
        return ignoreMerges;
    }

    Unknown unknown() {
        return unknown;
    }

    /** Whether every text has tokens, so that none is ever unknown. */
    boolean hasAllBytes() {
        return IntStream.of(byteIds).allMatch(id -> id >= 0);
    }

    /** In the form of Hugging Face's {@code tokenizer.json}. */
    @Override
    public Map<String, Object> toMap() {
        return ByteLevelJson.describe(this);
    }

    /**
     * Describes the tokenizer in the metadata of a GGUF file, from which {@link GgufTokenizer#read} builds an equal
     * one.
     *
     * @return values by key: strings, lists of strings, integers and lists of integers
     * @throws IllegalStateException if GGUF has no name for the way that text is cut
     */
    public Map<String, Object> toGguf() {
        return GgufTokenizer.describe(this);
    }
}
