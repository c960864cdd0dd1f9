package io.bitlab.langchain4j;

import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import io.bitlab.models.generate.ChatTemplate;
import io.bitlab.models.generate.SamplingConfig;
import io.bitlab.models.generate.TextGenerator;

/** What LangChain4j demands of the listeners of a chat model, by its own tests. */
class ChatModelListenerContractTest extends AbstractChatModelListenerIT {

    @Override
    protected ChatModel createModel(ChatModelListener listener) {
        SamplingConfig sampling = SmallTalk.generator().sampling()
                .withTemperature(temperature().floatValue()).withTopP(topP().floatValue());
        TextGenerator generator = SmallTalk.generator().toBuilder().sampling(sampling).maxTokens(maxTokens()).build();
        return BitLabChatModel.of(generator, ChatTemplate.CHATML, listener);
    }

    @Override
    protected String modelName() {
        return "bittransformer";
    }

    @Override
    protected ChatModel createFailingModel(ChatModelListener listener) {
        // whose special tokens are not in the vocabulary
        return BitLabChatModel.of(SmallTalk.generator(), ChatTemplate.LLAMA3, listener);
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
