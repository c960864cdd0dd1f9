package io.bitlab.models.generate;

import io.bitlab.layers.attention.KvCache;
import io.bitlab.models.grammar.Grammar;
import io.bitlab.models.grammar.TokenGrammars;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.transformer.BatchedDecoder;
import io.bitlab.models.transformer.BitTransformer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Collects the settings of a {@link TextGenerator}.
 *
 * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="settings"}
 *
 * <p><b>Thread safety:</b> for one thread.
 */
public final class TextGeneratorBuilder {

    final BitTransformer model;
    final Tokenizer tokenizer;
    SamplingConfig sampling = SamplingConfig.TEXT;
    int maxTokens = 256;
    List<String> stopStrings = List.of();
    Set<Integer> stopTokens;
    UnaryOperator<KvCache.Builder> cache = UnaryOperator.identity();
    BatchedDecoder decoder; // null to decode alone
    Speculation speculation; // null for none
    boolean addBos;
    List<Supplier<? extends LogitsProcessor>> processors = List.of();
    Grammar grammar; // null for none
    int mostLikely = -1; // no log-probabilities
    Consumer<LogProbabilities> logProbabilityReceiver = all -> {};
    TokenGrammars grammars; // what grammars mean for this vocabulary; shared by all copies

    TextGeneratorBuilder(BitTransformer model, Tokenizer tokenizer) {
        if (tokenizer.vocabularySize() > model.config().vocabSize()) {
            throw new IllegalArgumentException("TextGenerator: the tokenizer has " + tokenizer.vocabularySize()
                    + " tokens, expected at most " + model.config().vocabSize()
                    + ", those of the model; use the tokenizer that it was trained with");
        }
        this.model = model;
        this.tokenizer = tokenizer;
        this.stopTokens = Set.copyOf(tokenizer.endTokens());
        this.addBos = tokenizer.addsBos();
        this.grammars = new TokenGrammars(tokenizer, stopTokens);
    }

    /** A copy. */
    TextGeneratorBuilder(TextGeneratorBuilder other) {
        model = other.model;
        tokenizer = other.tokenizer;
        sampling = other.sampling;
        maxTokens = other.maxTokens;
        stopStrings = other.stopStrings;
        stopTokens = other.stopTokens;
        cache = other.cache;
        decoder = other.decoder;
        speculation = other.speculation;
        addBos = other.addBos;
        processors = other.processors;
        grammar = other.grammar;
        mostLikely = other.mostLikely;
        logProbabilityReceiver = other.logProbabilityReceiver;
        grammars = other.grammars;
    }

    /**
     * Sets how tokens are chosen.
     *
     * @param value default {@link SamplingConfig#TEXT}
     * @return this builder
     */
    public TextGeneratorBuilder sampling(SamplingConfig value) {
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
    public TextGeneratorBuilder maxTokens(int value) {
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
    public TextGeneratorBuilder stopStrings(String... values) {
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
    public TextGeneratorBuilder stopTokens(int... ids) {
        stopTokens = Set.copyOf(Arrays.stream(ids).boxed().toList());
        grammars = new TokenGrammars(tokenizer, stopTokens);
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
    public TextGeneratorBuilder cache(UnaryOperator<KvCache.Builder> settings) {
        cache = settings;
        return this;
    }

    /**
     * Decodes together with everything else that uses a decoder, such as generations in other threads. The text is the
     * same, and several texts at once take less time. A generation, and a chat, may then be refused with a
     * {@link io.bitlab.models.transformer.TooManySessionsException}.
     *
     * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="decoder"}
     *
     * @param value a decoder of the same model; null, the default, decodes each text alone
     * @return this builder
     * @throws IllegalArgumentException if its model is another one
     */
    public TextGeneratorBuilder decoder(BatchedDecoder value) {
        if (value != null && value.model() != model) {
            throw new IllegalArgumentException("TextGenerator: " + value + " decodes another model than " + model
                    + ", expected one that was built with this model");
        }
        decoder = value;
        return this;
    }

    /**
     * Lets the generator guess several tokens at a time, which is faster where guesses are right. What is generated
     * stays the same, to the bit.
     *
     * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="speculation"}
     *
     * @param value how to guess; null, the default, for no guesses
     * @return this builder
     * @throws IllegalArgumentException if it has a draft model with another number of tokens than the model
     */
    public TextGeneratorBuilder speculation(Speculation value) {
        if (value != null) {
            value.requireSameVocabulary(model);
        }
        speculation = value;
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
    public TextGeneratorBuilder addBos(boolean value) {
        if (value && tokenizer.bos().isEmpty()) {
            throw new IllegalArgumentException(
                    "TextGenerator: addBos is true, expected false: the tokenizer has no beginning-of-text token");
        }
        addBos = value;
        return this;
    }

    /**
     * Adds a hook that changes the logits before a token is chosen. Several work in the order in which they were added,
     * all of them before the grammar.
     *
     * @param processor called once for each generation, in its thread
     * @return this builder
     */
    public TextGeneratorBuilder logits(Supplier<? extends LogitsProcessor> processor) {
        List<Supplier<? extends LogitsProcessor>> all = new ArrayList<>(processors);
        all.add(processor);
        processors = List.copyOf(all);
        return this;
    }

    /**
     * Sets a grammar that the generated text must obey, for instance {@link Grammar#jsonObject}. Only tokens are chosen
     * that can still lead to a complete text of the grammar, and stop tokens only after a complete one. So a generation
     * that ends with {@link FinishReason#COMPLETE} or {@link FinishReason#END_TOKEN} is complete; with any other
     * reason, the text was cut.
     *
     * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="grammar"}
     *
     * <p>What a grammar means for a vocabulary is kept for the last grammars, by this builder, its generators and their
     * {@linkplain TextGenerator#toBuilder builders} together.
     *
     * @param value default none
     * @return this builder
     */
    public TextGeneratorBuilder grammar(Grammar value) {
        grammar = Objects.requireNonNull(value, "grammar");
        return this;
    }

    /**
     * Records for each generated token how likely it was, in {@link Generation#logProbabilities}.
     *
     * @param tokens how many of the most likely tokens to record, too; 0 for the generated ones only
     * @return this builder
     * @throws IllegalArgumentException if it is negative
     */
    public TextGeneratorBuilder logProbabilities(int tokens) {
        return logProbabilities(tokens, all -> {});
    }

    /**
     * Records for each generated token how likely it was, and tells it at once.
     *
     * @param tokens how many of the most likely tokens to record, too; 0 for the generated ones only
     * @param receiver called after each token, stop tokens included, and before the text that the token completes is
     *     streamed, in the thread of the generation; an exception of it ends the generation and is rethrown
     * @return this builder
     * @throws IllegalArgumentException if {@code tokens} is negative
     */
    public TextGeneratorBuilder logProbabilities(int tokens, Consumer<LogProbabilities> receiver) {
        if (tokens < 0) {
            throw new IllegalArgumentException("TextGenerator: logProbabilities for the " + tokens
                    + " most likely tokens, expected at least 0, for the generated tokens only");
        }
        mostLikely = tokens;
        logProbabilityReceiver = receiver;
        return this;
    }

    /**
     * Builds the generator.
     *
     * @return the generator; later changes of this builder don't affect it
     * @throws IllegalArgumentException if the vocabulary can't spell any text of the grammar
     */
    public TextGenerator build() {
        if (grammar != null) {
            grammars.constraint(grammar);
        }
        return new TextGenerator(new TextGeneratorBuilder(this));
    }
}
