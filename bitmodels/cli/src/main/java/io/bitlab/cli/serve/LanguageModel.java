package io.bitlab.cli.serve;

import io.bitlab.models.generate.ChatMessage;
import io.bitlab.models.generate.ChatTemplate;
import io.bitlab.models.generate.LogProbabilities;
import io.bitlab.models.generate.TextEncoder;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.generate.TextGeneratorBuilder;
import io.bitlab.models.grammar.Grammar;
import io.bitlab.models.tokenizer.Tokenizer;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A language model as the server sees it: prompts of tokens, and generations with the settings of a request.
 *
 * <p><b>Thread safety:</b> immutable; any number of threads may generate at the same time.
 */
public final class LanguageModel {

    private final TextGenerator generator;
    private final TextEncoder encoder;
    private final ChatTemplate template;
    private final boolean sliding;
    private final int longestToken;

    /**
     * Creates the view of a model.
     *
     * @param generator the model, its tokenizer, and the settings for requests that say nothing
     * @param template the format of chats
     * @param sliding whether the generator's cache slides, so that texts may become longer than the context
     */
    public LanguageModel(TextGenerator generator, ChatTemplate template, boolean sliding) {
        this.generator = generator;
        this.encoder = TextEncoder.builder(generator.model(), generator.tokenizer()).build();
        this.template = template;
        this.sliding = sliding;
        Tokenizer tokenizer = generator.tokenizer();
        longestToken = IntStream.range(0, tokenizer.vocabularySize()).map(id -> tokenizer.bytes(id).length).max()
                .orElseThrow();
    }

    TextGenerator generator() {
        return generator;
    }

    /** Makes vectors of texts. */
    TextEncoder encoder() {
        return encoder;
    }

    /** How many tokens a text may have, prompt and answer together. */
    int context() {
        return sliding ? Integer.MAX_VALUE : generator.model().config().maxPositionEmbeddings();
    }

    /** Refuses more characters than this many tokens can have, before encoding, which takes time and memory. */
    void requireShort(String parameter, String what, long characters, int tokens) {
        if (characters > (long) tokens * longestToken) {
            throw ApiError.invalid(parameter, "context_length_exceeded", what + " has " + characters
                    + " characters, more than the " + tokens + " tokens that are allowed can have; shorten it");
        }
    }

    /**
     * The prompt of a chat.
     *
     * @throws IllegalArgumentException if the template or the vocabulary can't express it
     */
    int[] prompt(List<ChatMessage> messages) {
        return template.encode(messages, generator.tokenizer());
    }

    /**
     * The prompt of a text.
     *
     * @throws IllegalArgumentException if the vocabulary can't express it
     */
    int[] prompt(String text) {
        int[] tokens = generator.tokenizer().encode(text);
        if (!generator.tokenizer().addsBos()) {
            return tokens;
        }
        int[] all = new int[tokens.length + 1];
        all[0] = generator.tokenizer().bos().orElseThrow();
        System.arraycopy(tokens, 0, all, 1, tokens.length);
        return all;
    }

    /**
     * A generator with the settings of a request.
     *
     * @param told receives how likely each token was, if the settings ask for it
     * @throws IllegalArgumentException if the vocabulary can't spell JSON, but the settings ask for it
     */
    TextGenerator generator(TextSettings settings, Consumer<LogProbabilities> told) {
        TextGeneratorBuilder builder = generator.toBuilder().sampling(settings.sampling())
                .maxTokens(settings.maxTokens()).stopStrings(settings.stop().toArray(String[]::new));
        if (settings.json()) {
            builder.grammar(Grammar.jsonObject());
        }
        if (settings.logProbabilities() >= 0) {
            builder.logProbabilities(settings.logProbabilities(), told);
        }
        return builder.build();
    }
}
