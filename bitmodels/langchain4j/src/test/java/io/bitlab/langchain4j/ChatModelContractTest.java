package io.bitlab.langchain4j;

import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelIT;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import io.bitlab.models.generate.ChatTemplate;
import java.util.List;

/** What LangChain4j demands of a chat model, by its own tests. */
class ChatModelContractTest extends AbstractChatModelIT {

    @Override
    protected List<ChatModel> models() {
        return List.of(BitLabChatModel.of(SmallTalk.generator(), ChatTemplate.CHATML));
    }

    @Override
    protected ChatModel createModelWith(ChatRequestParameters parameters) {
        return BitLabChatModel.of(SmallTalk.generator(parameters), ChatTemplate.CHATML);
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
}
