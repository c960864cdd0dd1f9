package io.bitlab.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.DefaultChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import io.bitlab.models.generate.ChatTemplate;
import io.bitlab.models.generate.Generation;
import io.bitlab.models.generate.SamplingConfig;
import io.bitlab.models.generate.TextGenerator;
import io.bitlab.models.generate.TextGeneratorBuilder;
import io.bitlab.models.grammar.Grammar;
import java.util.Objects;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** From a request of LangChain4j to an answer, for both chat models. */
final class ChatAnswers {

    private final TextGenerator generator;
    private final ChatTemplate template;
    private final String modelName;

    ChatAnswers(TextGenerator generator, ChatTemplate template) {
        this.generator = generator;
        this.template = Objects.requireNonNull(template, "template");
        this.modelName = generator.model().config().modelType();
    }

    /** What the generator does if a request leaves it open, for listeners to see. */
    ChatRequestParameters defaults() {
        SamplingConfig sampling = generator.sampling();
        DefaultChatRequestParameters.Builder<?> parameters = ChatRequestParameters.builder().modelName(modelName)
                .temperature(decimal(sampling.temperature())).topP(decimal(sampling.topP()));
        if (sampling.topK() > 0) {
            parameters.topK(sampling.topK());
        }
        return parameters.build();
    }

    /** 0.8f as 0.8, not as 0.800000011920929. */
    private static double decimal(float value) {
        return Double.parseDouble(Float.toString(value));
    }

    /** Refuses what would silently be ignored. */
    void requireSupported(ChatRequest request) {
        refuse(request.toolChoice() != null, "tools, and so no ToolChoice." + request.toolChoice());
        refuse(!request.toolSpecifications().isEmpty(), "tools, and so no toolSpecifications");
        refuse(request.frequencyPenalty() != null, "frequencyPenalty; set a repetition penalty in the generator");
        refuse(request.presencePenalty() != null, "presencePenalty; set a repetition penalty in the generator");
        refuse(request.modelName() != null && !request.modelName().equals(modelName), "modelName '"
                + request.modelName() + "'; leave it out, or give '" + modelName + "'");
        refuse(isJson(request) && request.responseFormat().jsonSchema() != null,
                "JSON response format with a schema; leave the schema out");
        Messages.of(request.messages());
    }

    private static void refuse(boolean asked, String feature) {
        if (asked) {
            throw new UnsupportedFeatureException("BitLab's chat models do not support " + feature);
        }
    }

    private static boolean isJson(ChatRequest request) {
        ResponseFormat format = request.responseFormat();
        return format != null && format.type() == ResponseFormatType.JSON;
    }

    /**
     * Generates an answer.
     *
     * @throws UnsupportedFeatureException if the request asks for what is not supported
     * @throws InvalidRequestException if the chat doesn't fit, or a value is out of its range
     */
    ChatResponse answer(ChatRequest request, Consumer<String> out, BooleanSupplier cancelled) {
        requireSupported(request);
        int[] prompt;
        Generation generation;
        try {
            prompt = template.encode(Messages.of(request.messages()), generator.tokenizer());
            generation = generatorFor(request).generate(prompt, out, cancelled);
        } catch (IllegalArgumentException e) {
            throw new InvalidRequestException(e.getMessage(), e);
        }
        return ChatResponse.builder().aiMessage(AiMessage.from(generation.text()))
                .metadata(ChatResponseMetadata.builder().id(UUID.randomUUID().toString()).modelName(modelName)
                        .tokenUsage(new TokenUsage(prompt.length, generation.tokens().length))
                        .finishReason(reason(generation)).build())
                .build();
    }

    private TextGenerator generatorFor(ChatRequest request) {
        SamplingConfig sampling = generator.sampling();
        if (request.temperature() != null) {
            sampling = sampling.withTemperature(request.temperature().floatValue());
        }
        if (request.topP() != null) {
            sampling = sampling.withTopP(request.topP().floatValue());
        }
        if (request.topK() != null) {
            sampling = sampling.withTopK(request.topK());
        }
        TextGeneratorBuilder builder = generator.toBuilder().sampling(sampling);
        if (request.maxOutputTokens() != null) {
            builder.maxTokens(request.maxOutputTokens());
        }
        if (!request.stopSequences().isEmpty()) {
            builder.stopStrings(request.stopSequences().toArray(String[]::new));
        }
        if (isJson(request)) {
            builder.grammar(Grammar.jsonObject());
        }
        return builder.build();
    }

    private static FinishReason reason(Generation generation) {
        return switch (generation.reason()) {
            case END_TOKEN, STOP_STRING, COMPLETE -> FinishReason.STOP;
            case MAX_TOKENS, CONTEXT_FULL -> FinishReason.LENGTH;
            case CANCELLED -> FinishReason.OTHER;
        };
    }

    @Override
    public String toString() {
        return generator + ", " + template;
    }
}
