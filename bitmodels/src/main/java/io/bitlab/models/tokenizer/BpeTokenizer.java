package io.bitlab.models.tokenizer;

import io.bitlab.models.internal.Quote;
import io.bitlab.models.internal.Uninterrupted;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.JsonObject;
import io.bitlab.models.io.ModelFormatException;
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
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Byte-level byte-pair encoding (BPE), as in GPT-2, Llama 3, Falcon 3 and BitNet b1.58 2B4T. A {@link Pretokenizer}
 * splits the text into pieces; the bytes of a piece are its first tokens, and adjacent tokens are merged in the order
 * of the learnt merges until no merge applies. The ids equal those of Hugging Face's tokenizers.
 *
 * {@snippet class="io.bitlab.models.snippets.TokenizerSnippets" region="bpe"}
 *
 * <p>Published tokenizers are read with {@link Tokenizers#read}, {@link GgufTokenizer#read} or {@link #readGpt2}.
 *
 * <p>Sources: Sennrich, Haddow, Birch, "Neural Machine Translation of Rare Words with Subword Units" (2016); Radford et
 * al., "Language Models are Unsupervised Multitask Learners" (2019), section 2.2.
 */
public final class BpeTokenizer extends VocabularyTokenizer {

    private final Pretokenizer pretokenizer;
    private final boolean ignoreMerges;
    private final UnknownToken unknown;
    private final int[] byteIds = new int[256];

    private BpeTokenizer(Builder builder, Vocabulary vocabulary) {
        super(vocabulary, MergeTable.of(vocabulary, builder.merges), builder.pretokenizer::normalize,
                builder.fileSettings);
        pretokenizer = builder.pretokenizer;
        ignoreMerges = builder.ignoreMerges;
        unknown = builder.unknown;
        for (int b = 0; b < byteIds.length; b++) {
            byteIds[b] = vocabulary.learntId(String.valueOf(ByteAlphabet.spell(b)));
        }
    }

    /**
     * Starts building a tokenizer.
     *
     * @return a builder without tokens
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Reads the two files of GPT-2.
     *
     * @param encoderJson {@code encoder.json}: ids by token
     * @param vocabBpe {@code vocab.bpe}: a line with the version, then one merge per line
     * @return the tokenizer; {@code <|endoftext|>} is its BOS and EOS token if the vocabulary has it
     * @throws ModelFormatException if a file is damaged; the message says where
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
            Builder builder =
                    builder().vocabulary(TokenIds.of(JsonObject.at("", tokens))).pretokenizer(Pretokenizer.GPT2);
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

    /** Collects the vocabulary, merges and settings of a {@link BpeTokenizer}. For one thread. */
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
        private UnknownToken unknown = UnknownToken.NONE;
        private Map<String, Object> fileSettings = Map.of();

        private Builder() {}

        /**
         * Adds tokens.
         *
         * @param tokens ids by token, spelt in GPT-2's byte alphabet (a space is {@code \u0120}); not modified
         * @return this builder
         * @throws IllegalArgumentException if a token was added before with another id
         */
        public Builder vocabulary(Map<String, Integer> tokens) {
            tokens.forEach(this::token);
            learnt.addAll(tokens.keySet());
            return this;
        }

        /**
         * Adds a merge. Its rank follows those of the merges added before.
         *
         * @param merge two tokens, separated by a space
         * @return this builder
         * @throws IllegalArgumentException if these are not two tokens
         */
        public Builder merge(String merge) {
            int space = merge.indexOf(' ');
            if (space <= 0 || space == merge.length() - 1 || merge.indexOf(' ', space + 1) >= 0) {
                throw new IllegalArgumentException(
                        "merge " + Quote.value(merge) + ", expected two tokens with a space between them");
            }
            return merge(merge.substring(0, space), merge.substring(space + 1));
        }

        /**
         * Adds a merge. Its rank follows those of the merges added before.
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
         * Adds a special token, or marks a token of the vocabulary as special. It decodes to no text, and is only
         * matched in trusted text.
         *
         * @param text its spelling in plain text, not in GPT-2's byte alphabet
         * @param id its id
         * @return this builder
         * @throws IllegalArgumentException if it was added before with another id
         */
        public Builder special(String text, int id) {
            return added(AddedToken.special(text), id);
        }

        /**
         * Adds a token that is matched in any text before pretokenization, and that decodes to its own text.
         *
         * @param text its spelling in plain text, not in GPT-2's byte alphabet
         * @param id its id
         * @return this builder
         * @throws IllegalArgumentException if it was added before with another id
         */
        public Builder userDefined(String text, int id) {
            return added(AddedToken.userDefined(text), id);
        }

        /** Adds an added token. A token that was special stays special. */
        Builder added(AddedToken token, int id) {
            token(token.text(), id);
            AddedToken before = added.get(token.text());
            added.put(token.text(), before != null && before.special() ? token.asSpecial() : token);
            return this;
        }

        /** Sets the token for bytes that the vocabulary lacks; by default they are refused. */
        Builder unknown(UnknownToken chosen) {
            unknown = chosen;
            return this;
        }

        /** Keeps everything but tokens and merges of the tokenizer's file. */
        Builder fileSettings(Map<String, Object> settings) {
            fileSettings = settings;
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
         * Sets the token that begins a text (BOS). It becomes special.
         *
         * @param id a token
         * @return this builder
         */
        public Builder bos(int id) {
            bos = OptionalInt.of(id);
            return this;
        }

        /**
         * Sets whether the BOS token is put before each text.
         *
         * @param chosen what {@link Tokenizer#addsBos} returns if there is a BOS token; default true
         * @return this builder
         */
        public Builder addsBos(boolean chosen) {
            addsBos = chosen;
            return this;
        }

        /**
         * Sets the token that ends a text (EOS). It becomes special.
         *
         * @param id a token
         * @return this builder
         */
        public Builder eos(int id) {
            eos = OptionalInt.of(id);
            return this;
        }

        /**
         * Sets the pretokenizer.
         *
         * @param chosen default {@link Pretokenizer#GPT2}
         * @return this builder
         */
        public Builder pretokenizer(Pretokenizer chosen) {
            pretokenizer = chosen;
            return this;
        }

        /**
         * Sets whether a piece that is a token itself becomes that token, whatever the merges would make of it. Llama 3
         * does so.
         *
         * @param chosen default false: the merges decide
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
         * @throws IllegalArgumentException if the ids are not 0, 1, 2 and so on; or if the vocabulary lacks a token of
         *     a merge or its result, or a merge was added twice
         */
        public BpeTokenizer build() {
            return new BpeTokenizer(this, new Vocabulary(ids, learnt, added.values(), bos, addsBos, eos));
        }
    }

    @Override
    void encodeSpan(String text, boolean first, IntConsumer ids) {
        for (String piece : pretokenizer.splitNormalized(text)) {
            byte[] bytes = Utf8.encode(piece);
            int whole = ignoreMerges ? vocabulary().learntId(ByteAlphabet.spell(bytes)) : -1;
            if (whole >= 0) {
                ids.accept(whole);
            } else {
                for (int id : merges().apply(tokens(bytes, piece))) {
                    ids.accept(id);
                }
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
                    + "; remove it from the text, or use a vocabulary with all 256 bytes");
        }
        UnknownToken.Sequence tokens = unknown.new Sequence();
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
    byte[] spelledBytes(String token) {
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

    UnknownToken unknown() {
        return unknown;
    }

    /** Whether the vocabulary has all bytes, so that every text can be encoded. */
    boolean hasAllBytes() {
        return IntStream.of(byteIds).allMatch(id -> id >= 0);
    }

    /** {@inheritDoc} The content is in the format of Hugging Face's {@code tokenizer.json}. */
    @Override
    public Map<String, Object> toMap() {
        return ByteLevelJson.describe(this);
    }

    /**
     * Returns the metadata of a GGUF file that describes this tokenizer; {@link GgufTokenizer#read} builds an equal one
     * from it.
     *
     * @return values by key: strings, booleans, integers, and lists of strings or integers
     * @throws IllegalStateException if GGUF cannot represent the tokenizer: it has no name for the pretokenizer, or an
     *     added token strips white space, for example
     */
    public Map<String, Object> toGguf() {
        return GgufTokenizer.describe(this);
    }
}
