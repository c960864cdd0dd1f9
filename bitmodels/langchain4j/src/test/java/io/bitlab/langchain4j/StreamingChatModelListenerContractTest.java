package io.bitlab.langchain4j;

import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import io.bitlab.models.generate.ChatTemplate;
import io.bitlab.models.generate.TextGenerator;

/** What LangChain4j demands of the listeners of a streaming chat model, by its own tests. */
class StreamingChatModelListenerContractTest extends AbstractStreamingChatModelListenerIT {

    @Override
    protected StreamingChatModel createModel(ChatModelListener listener) {
        TextGenerator generator = SmallTalk.generator();
        return BitLabStreamingChatModel.of(generator.toBuilder().sampling(generator.sampling()
                .withTemperature(temperature().floatValue()).withTopP(topP().floatValue())).maxTokens(maxTokens())
                .build(),
                ChatTemplate.CHATML, listener);
    }

    @Override
    protected String modelName() {
        return "bittransformer";
    }

    @Override
    protected StreamingChatModel createFailingModel(ChatModelListener listener) {
        return BitLabStreamingChatModel.of(SmallTalk.generator(), ChatTemplate.LLAMA3, listener); // lacks its special tokens
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
