package io.bitlab.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.embedding.response.EmbeddingResponseMetadata;
import dev.langchain4j.model.output.TokenUsage;
import io.bitlab.models.generate.TextEncoder;
import io.bitlab.models.transformer.BitTransformerConfig;
import java.util.List;

/**
 * A ternary language model as an embedding model of LangChain4j.
 *
 * {@snippet class="io.bitlab.langchain4j.snippets.LangChain4jSnippets" region="embed"}
 *
 * <p>Requests are texts without parameters: another number of dimensions, kinds of input and images end one with an
 * {@link dev.langchain4j.exception.UnsupportedFeatureException}. A text that is longer than the model's context, or has
 * no token at all, is refused with an {@link InvalidRequestException}.
 *
 * <p><b>Thread safety:</b> threads may share one. Requests are answered in the calling thread.
 */
public final class BitLabEmbeddingModel implements EmbeddingModel {

    private final TextEncoder encoder;
    private final List<EmbeddingModelListener> listeners;

    private BitLabEmbeddingModel(TextEncoder encoder, List<EmbeddingModelListener> listeners) {
        this.encoder = encoder;
        this.listeners = listeners;
    }

    /**
     * Makes an embedding model.
     *
     * @param encoder turns texts into vectors
     * @param listeners are told of requests, answers and errors; none allowed
     * @return the embedding model
     */
    public static BitLabEmbeddingModel of(TextEncoder encoder, EmbeddingModelListener... listeners) {
        return new BitLabEmbeddingModel(encoder, List.of(listeners));
    }

    @Override
    public EmbeddingResponse doEmbed(EmbeddingRequest request) {
        List<String> texts = request.inputs().stream().map(EmbeddingInput::text).toList();
        try {
            return EmbeddingResponse.builder()
                    .embeddings(encoder.encode(texts).stream().map(Embedding::from).toList())
                    .metadata(EmbeddingResponseMetadata.builder().modelName(modelName())
                            .tokenUsage(new TokenUsage(texts.stream().mapToInt(encoder::count).sum())).build())
                    .build();
        } catch (IllegalArgumentException e) {
            throw new InvalidRequestException(e.getMessage(), e);
        }
    }

    @Override
    public int dimension() {
        return encoder.dimension();
    }

    @Override
    public String modelName() {
        return BitTransformerConfig.MODEL_TYPE;
    }

    @Override
    public List<EmbeddingModelListener> listeners() {
        return listeners;
    }

    @Override
    public String toString() {
        return "BitLabEmbeddingModel(" + encoder + ")";
    }
}
