package io.bitlab.models.generate;

import io.bitlab.layers.attention.KvCache;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.transformer.BitTransformer;
import io.bitlab.models.transformer.DecodingSession;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

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

    private final TextGeneratorBuilder settings; // a copy that nobody modifies

    TextGenerator(TextGeneratorBuilder settings) {
        this.settings = settings;
    }

    /**
     * Starts building a generator.
     *
     * @param model the language model; must be in evaluation mode when text is generated
     * @param tokenizer the tokenizer that the model was trained with
     * @return a builder with the defaults that its methods document
     * @throws IllegalArgumentException if the vocabulary of the tokenizer is larger than that of the model
     */
    public static TextGeneratorBuilder builder(BitTransformer model, Tokenizer tokenizer) {
        return new TextGeneratorBuilder(model, tokenizer);
    }

    /**
     * Starts building a generator with the settings of this one. This costs next to nothing, so a server can do it for
     * each request.
     *
     * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="settings"}
     *
     * @return a builder
     */
    public TextGeneratorBuilder toBuilder() {
        return new TextGeneratorBuilder(settings);
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
     * @param prompt plain text; special tokens in it are not recognised. {@link TextGeneratorBuilder#addBos} decides
     *     whether the beginning-of-text token is put before it
     * @param out receives the text piece by piece, in the calling thread; an exception of it ends the generation and is
     *     rethrown
     * @param cancelled polled before each token; true ends the generation
     * @return the continuation
     * @throws IllegalArgumentException if the prompt is longer than the context, has a character that the vocabulary
     *     lacks, or is empty and the tokenizer has no beginning-of-text token
     * @throws IllegalStateException if the model is in training mode
     */
    public Generation generate(String prompt, Consumer<String> out, BooleanSupplier cancelled) {
        return generate(encode(prompt), out, cancelled);
    }

    /**
     * Generates the next answer of a chat and streams it.
     *
     * @param messages the chat so far, at least one message; not modified
     * @param template the format that the model was trained with. It decides about the beginning-of-text token,
     *     whatever {@link TextGeneratorBuilder#addBos} says
     * @param out receives the text piece by piece, in the calling thread
     * @return the answer
     * @throws IllegalArgumentException as {@link #generate(List, ChatTemplate, Consumer, BooleanSupplier)}
     * @throws IllegalStateException if the model is in training mode
     */
    public Generation generate(List<ChatMessage> messages, ChatTemplate template, Consumer<String> out) {
        return generate(messages, template, out, () -> false);
    }

    /**
     * Generates the next answer of a chat, streams it, and can be cancelled. Nothing is kept: for a chat that goes on,
     * a {@link ChatSession} is faster.
     *
     * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="messages"}
     *
     * @param messages the chat so far, at least one message; not modified. Special tokens in their text are not
     *     recognised
     * @param template the format that the model was trained with. It decides about the beginning-of-text token,
     *     whatever {@link TextGeneratorBuilder#addBos} says
     * @param out receives the text piece by piece, in the calling thread; an exception of it ends the generation and is
     *     rethrown
     * @param cancelled polled before each token; true ends the generation
     * @return the answer
     * @throws IllegalArgumentException if there is no message, the chat is longer than the context, the format can't
     *     express it, or the tokenizer lacks a special token of the format
     * @throws IllegalStateException if the model is in training mode
     */
    public Generation generate(List<ChatMessage> messages, ChatTemplate template, Consumer<String> out,
            BooleanSupplier cancelled) {
        return generate(template.encode(messages, tokenizer()), out, cancelled);
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
        TokenSequence tokens = new TokenSequence(prompt.length > 0 ? prompt : new int[] {beginning()});
        try (Lookahead lookahead = newLookahead()) {
            GenerationRun.requireRoom(lookahead.session(), tokens.length());
            return new GenerationRun(this, lookahead, out, cancelled).generate(tokens);
        }
    }

    /**
     * Counts the tokens that {@link #generate(String)} reads.
     *
     * @param prompt plain text
     * @return the number of tokens, the beginning-of-text token included if it is added
     * @throws IllegalArgumentException if the vocabulary lacks a character, or the text is empty and the tokenizer has
     *     no beginning-of-text token
     */
    public int count(String prompt) {
        return encode(prompt).length;
    }

    /**
     * Counts the tokens that {@link #generate(List, ChatTemplate, Consumer)} reads.
     *
     * @param messages the chat, at least one message; not modified
     * @param template the format of the chat
     * @return the number of tokens, those of the format included
     * @throws IllegalArgumentException as {@link ChatTemplate#encode}
     */
    public int count(List<ChatMessage> messages, ChatTemplate template) {
        return template.encode(messages, tokenizer()).length;
    }

    private int[] encode(String prompt) {
        int[] tokens = tokenizer().encode(prompt);
        if (!settings.addBos && tokens.length > 0) {
            return tokens;
        }
        int[] all = new int[tokens.length + 1];
        all[0] = beginning();
        System.arraycopy(tokens, 0, all, 1, tokens.length);
        return all;
    }

    private int beginning() {
        return tokenizer().bos().orElseThrow(() -> new IllegalArgumentException(
                "TextGenerator: the prompt is empty, expected at least one token, because the tokenizer has no"
                        + " beginning-of-text token; give a prompt"));
    }

    /**
     * Starts a chat.
     *
     * @param template the format that the model was trained with. It decides about the beginning-of-text token,
     *     whatever {@link TextGeneratorBuilder#addBos} says
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
        return settings.model;
    }

    /**
     * Returns the tokenizer.
     *
     * @return the tokenizer
     */
    public Tokenizer tokenizer() {
        return settings.tokenizer;
    }

    /**
     * Returns the sampling configuration.
     *
     * @return the configuration
     */
    public SamplingConfig sampling() {
        return settings.sampling;
    }

    TextGeneratorBuilder settings() {
        return settings;
    }

    /** A new session, to be closed by the caller. */
    Lookahead newLookahead() {
        return new Lookahead(this::newSession, settings.speculation);
    }

    private DecodingSession newSession() {
        KvCache cache = settings.cache.apply(model().cacheBuilder()).build();
        return settings.decoder == null ? model().newSession(cache) : settings.decoder.newSession(cache);
    }

    @Override
    public String toString() {
        return "TextGenerator(" + model().config().vocabSize() + " tokens, " + sampling() + ", up to "
                + settings.maxTokens + " tokens)";
    }
}
