package io.bitlab.langchain4j;

import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import io.bitlab.models.generate.ChatTemplate;
import io.bitlab.models.generate.SamplingConfig;
import io.bitlab.models.generate.TextGenerator;

/** What LangChain4j demands of the listeners of a streaming chat model, by its own tests. */
class StreamingChatModelListenerContractTest extends AbstractStreamingChatModelListenerIT {

    @Override
    protected StreamingChatModel createModel(ChatModelListener listener) {
        SamplingConfig sampling = SmallTalk.generator().sampling()
                .withTemperature(temperature().floatValue()).withTopP(topP().floatValue());
        TextGenerator generator = SmallTalk.generator().toBuilder().sampling(sampling).maxTokens(maxTokens()).build();
        return BitLabStreamingChatModel.of(generator, ChatTemplate.CHATML, listener);
    }

    @Override
    protected String modelName() {
        return "bittransformer";
    }

    @Override
    protected StreamingChatModel createFailingModel(ChatModelListener listener) {
        // whose special tokens are not in the vocabulary
        return BitLabStreamingChatModel.of(SmallTalk.generator(), ChatTemplate.LLAMA3, listener);
    }

    @Override
    protected Class<? extends Exception> expectedExceptionClass() {
        return InvalidRequestException.class;
    }

    @Override
    protected boolean supportsTools() {
        return false;
    }

    @Override
    protected boolean assertMaxOutputTokens() {
        return false; // the generator doesn't tell
    }
}
