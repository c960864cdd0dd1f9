package io.bitlab.models.generate;

import io.bitlab.layers.attention.KvCache;
import io.bitlab.models.tokenizer.IntList;
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
 * Writes text with a language model: encodes a prompt, draws tokens until there is a reason to stop, and hands out
 * their text while it comes.
 *
 * {@snippet :
 * TextGenerator generator = TextGenerator.builder(model, tokenizer)
 *         .sampling(SamplingConfig.TEXT.withSeed(7)).maxTokens(200).stopStrings("\n\n").build();
 * Generation story = generator.generate("Once upon a time", System.out::print);
 * }
 *
 * <p>The text that is handed out is whole characters, and never has a part of a stop string in it: what may become one
 * is held back until that is known.
 *
 * <p>The same model, prompt and {@linkplain SamplingConfig configuration} give the same text, however many threads
 * compute.
 *
 * <p><b>Cancelling:</b> a generation ends with {@link FinishReason#CANCELLED}, and returns what there is, if the
 * caller's function says so or the thread is interrupted; both are looked at before each token, and every 128 tokens of
 * a prompt. The thread stays interrupted.
 *
 * <p><b>Thread safety:</b> immutable; threads may share one. Each call has a conversation of its own.
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
     * @param model what to draw tokens from; in evaluation when text is generated
     * @param tokenizer the one that the model was trained with
     * @return a builder with the defaults that its methods name
     * @throws IllegalArgumentException if the tokenizer has more tokens than the model
     */
    public static Builder builder(BitTransformer model, Tokenizer tokenizer) {
        return new Builder(model, tokenizer);
    }

    /**
     * Continues a text.
     *
     * @param prompt its beginning, in which special tokens are text like any other
     * @return the continuation
     * @throws IllegalArgumentException as {@link #generate(String, Consumer, BooleanSupplier)}
     * @throws IllegalStateException if the model is in training
     */
    public Generation generate(String prompt) {
        return generate(prompt, text -> {});
    }

    /**
     * Continues a text, and shows it while it comes.
     *
     * @param prompt its beginning, in which special tokens are text like any other
     * @param out gets the text piece by piece, in the calling thread
     * @return the continuation
     * @throws IllegalArgumentException as {@link #generate(String, Consumer, BooleanSupplier)}
     * @throws IllegalStateException if the model is in training
     */
    public Generation generate(String prompt, Consumer<String> out) {
        return generate(prompt, out, () -> false);
    }

    /**
     * Continues a text, shows it while it comes, and can be cancelled.
     *
     * @param prompt its beginning, in which special tokens are text like any other; {@link Builder#addBos} says what is
     *     put before it
     * @param out gets the text piece by piece, in the calling thread; what it throws ends the generation
     * @param cancelled is asked before each step whether to stop
     * @return the continuation
     * @throws IllegalArgumentException if the prompt is longer than the context, empty though the tokenizer has no
     *     token to begin with, or has a character that the vocabulary lacks
     * @throws IllegalStateException if the model is in training
     */
    public Generation generate(String prompt, Consumer<String> out, BooleanSupplier cancelled) {
        int[] tokens = tokenizer.encode(prompt);
        IntList text = new IntList();
        if (addBos) {
            text.add(tokenizer.bos().orElseThrow());
        }
        text.add(tokens);
        return generate(text, out, cancelled);
    }

    /**
     * Continues a text of tokens, such as one with special tokens in it.
     *
     * @param prompt the tokens, to which none is added unless there are none; not modified
     * @param out gets the text piece by piece, in the calling thread
     * @return the continuation
     * @throws IllegalArgumentException as {@link #generate(int[], Consumer, BooleanSupplier)}
     * @throws IllegalStateException if the model is in training
     */
    public Generation generate(int[] prompt, Consumer<String> out) {
        return generate(prompt, out, () -> false);
    }

    /**
     * Continues a text of tokens, such as one with special tokens in it, and can be cancelled.
     *
     * @param prompt the tokens, to which none is added unless there are none; not modified
     * @param out gets the text piece by piece, in the calling thread; what it throws ends the generation
     * @param cancelled is asked before each step whether to stop
     * @return the continuation
     * @throws IllegalArgumentException if the prompt is longer than the context, empty though the tokenizer has no
     *     token to begin with, or has a token that is not in the vocabulary
     * @throws IllegalStateException if the model is in training
     */
    public Generation generate(int[] prompt, Consumer<String> out, BooleanSupplier cancelled) {
        IntList text = new IntList();
        text.add(prompt);
        return generate(text, out, cancelled);
    }

    private Generation generate(IntList text, Consumer<String> out, BooleanSupplier cancelled) {
        if (text.size() == 0) {
            text.add(tokenizer.bos().orElseThrow(() -> new IllegalArgumentException(
                    "TextGenerator: the prompt is empty, expected at least one token, for the tokenizer has none that"
                            + " begins a text")));
        }
        DecodingSession conversation = newConversation();
        GenerationRun.requireRoom(conversation, text.size());
        return new GenerationRun(this, conversation, out, cancelled).generate(text);
    }

    /**
     * Starts a chat.
     *
     * @param template the form that the model was trained with; it says what begins a text, not {@link Builder#addBos}
     * @param first messages to begin with, such as instructions for the model
     * @return a chat with a conversation of its own
     * @throws IllegalStateException if the model is in training
     */
    public ChatSession newChat(ChatTemplate template, ChatMessage... first) {
        return new ChatSession(this, template, List.of(first));
    }

    /**
     * What tokens are drawn from.
     *
     * @return the model
     */
    public BitTransformer model() {
        return model;
    }

    /**
     * What makes tokens of text.
     *
     * @return the tokenizer
     */
    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /**
     * How tokens are chosen.
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

    DecodingSession newConversation() {
        return model.newConversation(cache.apply(model.newCache()).build());
    }

    @Override
    public String toString() {
        return "TextGenerator(" + model.config().vocabSize() + " tokens, " + sampling + ", up to " + maxTokens
                + " tokens)";
    }

    /** Collects what a {@link TextGenerator} does. */
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
                        + ", those of the model; take the tokenizer that it was trained with");
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
         * Sets how many tokens are drawn at most.
         *
         * @param value at least 1; default 256
         * @return this builder
         */
        public Builder maxTokens(int value) {
            if (value < 1) {
                throw new IllegalArgumentException("TextGenerator: maxTokens is " + value + ", expected at least 1");
            }
            maxTokens = value;
            return this;
        }

        /**
         * Sets texts that end the generation and are not part of it.
         *
         * @param values none of them empty; default none
         * @return this builder
         */
        public Builder stopStrings(String... values) {
            stopStrings = List.of(values);
            if (stopStrings.contains("")) {
                throw new IllegalArgumentException("TextGenerator: stopStrings are " + stopStrings
                        + ", expected none that is empty: it would stop before the first character");
            }
            return this;
        }

        /**
         * Sets tokens that end the generation and whose text is not part of it.
         *
         * @param ids in place of the default, {@link Tokenizer#endTokens()}; none for no such end
         * @return this builder
         */
        public Builder stopTokens(int... ids) {
            stopTokens = new TreeSet<>(Arrays.stream(ids).boxed().toList());
            return this;
        }

        /**
         * Sets what keeps keys and values: the capacity, whether to slide on beyond it, and in which precision.
         *
         * <p>Such as {@code cache(c -> c.capacity(512).slidingWindow(true).bfloat16(true))}.
         *
         * @param settings changes the builder that it gets, and returns it; default: {@code maxPositionEmbeddings}
         *     positions in float32, without a sliding window
         * @return this builder
         */
        public Builder cache(UnaryOperator<KvCache.Builder> settings) {
            cache = settings;
            return this;
        }

        /**
         * Says whether the tokenizer's token for the beginning of a text is put before a prompt of text. It stands for
         * an empty prompt in any case.
         *
         * @param value default: {@link Tokenizer#addsBos}
         * @return this builder
         * @throws IllegalArgumentException if it has none and shall be put there
         */
        public Builder addBos(boolean value) {
            if (value && tokenizer.bos().isEmpty()) {
                throw new IllegalArgumentException(
                        "TextGenerator: addBos is true, expected false: the tokenizer has no token that begins a text");
            }
            addBos = value;
            return this;
        }

        /**
         * Makes the generator.
         *
         * @return the generator
         */
        public TextGenerator build() {
            return new TextGenerator(this);
        }
    }
}
