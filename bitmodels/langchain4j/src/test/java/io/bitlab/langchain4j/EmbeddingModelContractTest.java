package io.bitlab.langchain4j;

import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.common.AbstractEmbeddingModelIT;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import io.bitlab.models.generate.TextEncoder;
import java.util.List;

/** What LangChain4j demands of an embedding model, by its own tests. */
class EmbeddingModelContractTest extends AbstractEmbeddingModelIT {

    @Override
    protected List<EmbeddingModel> models() {
        return List.of(BitLabEmbeddingModel.of(SmallTalk.encoder()));
    }

    @Override
    protected EmbeddingModel modelWith(EmbeddingModelListener listener) {
        return BitLabEmbeddingModel.of(SmallTalk.encoder(), listener);
    }

    @Override
    protected EmbeddingModel failingModelWith(EmbeddingModelListener listener) {
        TextEncoder lacksLetters = TextEncoder.builder(SmallTalk.model(), new WordTokenizer(List.of("a"))).build();
        return BitLabEmbeddingModel.of(lacksLetters, listener);
    }

    @Override
    protected boolean supportsInputTypeParameter() {
        return false;
    }

    @Override
    protected boolean supportsDimensionsParameter() {
        return false;
    }

    @Override
    protected boolean supportsImageInput() {
        return false;
    }
}
