package io.bitlab.langchain4j;

import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import io.bitlab.models.generate.ChatTemplate;
import java.util.List;

/** What LangChain4j demands of a streaming chat model, by its own tests. */
class StreamingChatModelContractTest extends AbstractStreamingChatModelIT {

    @Override
    protected List<StreamingChatModel> models() {
        return List.of(BitLabStreamingChatModel.of(SmallTalk.generator(), ChatTemplate.CHATML));
    }

    @Override
    protected StreamingChatModel createModelWith(ChatRequestParameters parameters) {
        return BitLabStreamingChatModel.of(SmallTalk.generator(parameters), ChatTemplate.CHATML);
    }

    @Override
    public StreamingChatModel createModelWith(ChatModelListener listener) {
        return BitLabStreamingChatModel.of(SmallTalk.generator(), ChatTemplate.CHATML, listener);
    }

    @Override
    protected ChatRequestParameters createIntegrationSpecificParameters(int maxOutputTokens) {
        return ChatRequestParameters.builder().maxOutputTokens(maxOutputTokens).build();
    }

    @Override
    protected ImageContent catImageContentBase64() {
        return ImageContent.from("AAAA", "image/png"); // not one from the network
    }

    @Override
    protected boolean supportsDefaultRequestParameters() {
        return false; // these are the generator's settings
    }

    @Override
    protected boolean supportsModelNameParameter() {
        return false;
    }

    @Override
    protected boolean supportsTools() {
        return false;
    }

    @Override
    protected boolean supportsToolChoiceRequired() {
        return false;
    }

    @Override
    protected boolean supportsJsonResponseFormatWithSchema() {
        return false;
    }

    @Override
    protected boolean supportsJsonResponseFormatWithRawSchema() {
        return false;
    }

    @Override
    protected boolean supportsSingleImageInputAsBase64EncodedString() {
        return false;
    }

    @Override
    protected boolean supportsSingleImageInputAsPublicURL() {
        return false;
    }

    @Override
    protected boolean supportsStreamingCancellation() {
        return false; // that test waits for 30 s; StreamedAnswerTest shows it, and StreamingCancellationContractTest
    }
}
