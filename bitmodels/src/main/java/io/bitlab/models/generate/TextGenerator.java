package io.bitlab.models.generate;

import io.bitlab.layers.attention.KvCache;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.DecodingSession;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Generates text with a language model: encodes a prompt, samples tokens until a stop condition, and streams their
 * text.
 *
 * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="generate"}
 *
 * <p>Streamed pieces consist of whole characters. Text that may become a stop string is held back until that is
 * decided, so no part of one is ever streamed.
 *
 * <p>The same model, prompt and {@linkplain SamplingConfig configuration} give the same text, with any number of
 * threads.
 *
 * <p><b>Cancelling:</b> if the caller's function returns true, or the thread is interrupted, the generation ends with
 * {@link FinishReason#CANCELLED} and returns the text so far. Both are polled before each generated token, and every
 * 128 tokens of a prompt. The interrupt status of the thread is kept.
 *
 * <p><b>Thread safety:</b> immutable; threads may share one. Each call has its own {@link DecodingSession}.
 */
public final class TextGenerator {

    private final BitTransformer model;
    private final Tokenizer tokenizer;
    private final SamplingConfig sampling;
    private final int maxTokens;
    private final List<String> stopStrings;
    private final Set<Integer> stopTokens;
    private final UnaryOperator<KvCache.Builder> cache;
    private final boolean addBos;

    private TextGenerator(Builder builder) {
        this.model = builder.model;
        this.tokenizer = builder.tokenizer;
        this.sampling = builder.sampling;
        this.maxTokens = builder.maxTokens;
        this.stopStrings = builder.stopStrings;
        this.stopTokens = Set.copyOf(builder.stopTokens);
        this.cache = builder.cache;
        this.addBos = builder.addBos;
    }

    /**
     * Starts building a generator.
     *
     * @param model the language model; must be in evaluation mode when text is generated
     * @param tokenizer the tokenizer that the model was trained with
     * @return a builder with the defaults that its methods document
     * @throws IllegalArgumentException if the vocabulary of the tokenizer is larger than that of the model
     */
    public static Builder builder(BitTransformer model, Tokenizer tokenizer) {
        return new Builder(model, tokenizer);
    }

    /**
     * Continues a prompt.
     *
     * @param prompt plain text; special tokens in it are not recognised
     * @return the continuation
     * @throws IllegalArgumentException as {@link #generate(String, Consumer, BooleanSupplier)}
     * @throws IllegalStateException if the model is in training mode
     */
    public Generation generate(String prompt) {
        return generate(prompt, text -> {});
    }

    /**
     * Continues a prompt and streams the continuation.
     *
     * @param prompt plain text; special tokens in it are not recognised
     * @param out receives the text piece by piece, in the calling thread
     * @return the continuation
     * @throws IllegalArgumentException as {@link #generate(String, Consumer, BooleanSupplier)}
     * @throws IllegalStateException if the model is in training mode
     */
    public Generation generate(String prompt, Consumer<String> out) {
        return generate(prompt, out, () -> false);
    }

    /**
     * Continues a prompt, streams the continuation, and can be cancelled.
     *
     * @param prompt plain text; special tokens in it are not recognised. {@link Builder#addBos} decides whether the
     *     beginning-of-text token is put before it
     * @param out receives the text piece by piece, in the calling thread; an exception of it ends the generation and is
     *     rethrown
     * @param cancelled polled before each token; true ends the generation
     * @return the continuation
     * @throws IllegalArgumentException if the prompt is longer than the context, has a character that the vocabulary
     *     lacks, or is empty and the tokenizer has no beginning-of-text token
     * @throws IllegalStateException if the model is in training mode
     */
    public Generation generate(String prompt, Consumer<String> out, BooleanSupplier cancelled) {
        int[] tokens = tokenizer.encode(prompt);
        return generate(addBos ? prepend(tokenizer.bos().orElseThrow(), tokens) : tokens, out, cancelled);
    }

    /**
     * Continues a prompt of tokens, which may include special tokens, and streams the continuation.
     *
     * @param prompt the token ids; used as they are, except that an empty prompt becomes the beginning-of-text token.
     *     Not modified
     * @param out receives the text piece by piece, in the calling thread
     * @return the continuation
     * @throws IllegalArgumentException as {@link #generate(int[], Consumer, BooleanSupplier)}
     * @throws IllegalStateException if the model is in training mode
     */
    public Generation generate(int[] prompt, Consumer<String> out) {
        return generate(prompt, out, () -> false);
    }

    /**
     * Continues a prompt of tokens, which may include special tokens, streams the continuation, and can be cancelled.
     *
     * @param prompt the token ids; used as they are, except that an empty prompt becomes the beginning-of-text token.
     *     Not modified
     * @param out receives the text piece by piece, in the calling thread; an exception of it ends the generation and is
     *     rethrown
     * @param cancelled polled before each token; true ends the generation
     * @return the continuation
     * @throws IllegalArgumentException if the prompt is longer than the context, has a token that is not in the
     *     vocabulary, or is empty and the tokenizer has no beginning-of-text token
     * @throws IllegalStateException if the model is in training mode
     */
    public Generation generate(int[] prompt, Consumer<String> out, BooleanSupplier cancelled) {
        TokenSequence tokens = prompt.length > 0 ? new TokenSequence(prompt)
                : new TokenSequence(tokenizer.bos().orElseThrow(() -> new IllegalArgumentException(
                        "TextGenerator: the prompt is empty, expected at least one token, because the tokenizer has no"
                                + " beginning-of-text token; give a prompt")));
        DecodingSession session = newSession();
        GenerationRun.requireRoom(session, tokens.length());
        return new GenerationRun(this, session, out, cancelled).generate(tokens);
    }

    private static int[] prepend(int first, int... rest) {
        int[] all = new int[rest.length + 1];
        all[0] = first;
        System.arraycopy(rest, 0, all, 1, rest.length);
        return all;
    }

    /**
     * Starts a chat.
     *
     * @param template the format that the model was trained with. It decides about the beginning-of-text token,
     *     whatever {@link Builder#addBos} says
     * @param first messages to begin with, for example a system message; none allowed
     * @return a chat with its own key-value cache
     * @throws IllegalStateException if the model is in training mode
     */
    public ChatSession newChat(ChatTemplate template, ChatMessage... first) {
        return new ChatSession(this, template, List.of(first));
    }

    /**
     * Returns the language model.
     *
     * @return the model
     */
    public BitTransformer model() {
        return model;
    }

    /**
     * Returns the tokenizer.
     *
     * @return the tokenizer
     */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /**
     * Returns the sampling configuration.
     *
     * @return the configuration
     */
    public SamplingConfig sampling() {
        return sampling;
    }

    int maxTokens() {
        return maxTokens;
    }

    List<String> stopStrings() {
        return stopStrings;
    }

    Set<Integer> stopTokens() {
        return stopTokens;
    }

    DecodingSession newSession() {
        return model.newSession(cache.apply(model.cacheBuilder()).build());
    }

    @Override
    public String toString() {
        return "TextGenerator(" + model.config().vocabSize() + " tokens, " + sampling + ", up to " + maxTokens
                + " tokens)";
    }

    /** Collects the settings of a {@link TextGenerator}. For one thread. */
    public static final class Builder {
        private final BitTransformer model;
        private final Tokenizer tokenizer;
        private SamplingConfig sampling = SamplingConfig.TEXT;
        private int maxTokens = 256;
        private List<String> stopStrings = List.of();
        private Set<Integer> stopTokens;
        private UnaryOperator<KvCache.Builder> cache = UnaryOperator.identity();
        private boolean addBos;

        private Builder(BitTransformer model, Tokenizer tokenizer) {
            if (tokenizer.vocabularySize() > model.config().vocabSize()) {
                throw new IllegalArgumentException("TextGenerator: the tokenizer has " + tokenizer.vocabularySize()
                        + " tokens, expected at most " + model.config().vocabSize()
                        + ", those of the model; use the tokenizer that it was trained with");
            }
            this.model = model;
            this.tokenizer = tokenizer;
            this.stopTokens = tokenizer.endTokens();
            this.addBos = tokenizer.addsBos();
        }

        /**
         * Sets how tokens are chosen.
         *
         * @param value default {@link SamplingConfig#TEXT}
         * @return this builder
         */
        public Builder sampling(SamplingConfig value) {
            sampling = value;
            return this;
        }

        /**
         * Sets the maximum number of tokens to generate.
         *
         * @param value at least 1; default 256
         * @return this builder
         * @throws IllegalArgumentException if it is less
         */
        public Builder maxTokens(int value) {
            if (value < 1) {
                throw new IllegalArgumentException("TextGenerator: maxTokens is " + value + ", expected at least 1");
            }
            maxTokens = value;
            return this;
        }

        /**
         * Sets the strings that end the generation. They are not part of the text.
         *
         * @param values none of them empty; default none
         * @return this builder
         * @throws IllegalArgumentException if one is empty
         */
        public Builder stopStrings(String... values) {
            stopStrings = List.of(values);
            if (stopStrings.contains("")) {
                throw new IllegalArgumentException("TextGenerator: stopStrings are " + stopStrings
                        + ", expected no empty string: it would stop before the first character");
            }
            return this;
        }

        /**
         * Sets the tokens that end the generation. Their text is not part of it.
         *
         * @param ids replace the default, {@link Tokenizer#endTokens()}; none to never stop at a token
         * @return this builder
         */
        public Builder stopTokens(int... ids) {
            stopTokens = new TreeSet<>(Arrays.stream(ids).boxed().toList());
            return this;
        }

        /**
         * Configures the key-value cache: its capacity, its precision, and whether it slides when it is full.
         *
         * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="cache"}
         *
         * @param settings changes the builder it is given, and returns it; the default cache has
         *     {@code maxPositionEmbeddings} positions in float32 and does not slide
         * @return this builder
         */
        public Builder cache(UnaryOperator<KvCache.Builder> settings) {
            cache = settings;
            return this;
        }

        /**
         * Sets whether the beginning-of-text token is put before a text prompt. An empty prompt becomes this token in
         * any case.
         *
         * @param value default: {@link Tokenizer#addsBos}
         * @return this builder
         * @throws IllegalArgumentException if it is true and the tokenizer has no such token
         */
        public Builder addBos(boolean value) {
            if (value && tokenizer.bos().isEmpty()) {
                throw new IllegalArgumentException(
                        "TextGenerator: addBos is true, expected false: the tokenizer has no beginning-of-text token");
            }
            addBos = value;
            return this;
        }

        /**
         * Builds the generator.
         *
         * @return the generator
         */
        public TextGenerator build() {
            return new TextGenerator(this);
        }
    }
}
