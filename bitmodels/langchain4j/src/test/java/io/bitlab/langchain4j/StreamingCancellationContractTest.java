package io.bitlab.langchain4j;

import org.junit.jupiter.api.Tag;

/** LangChain4j's own tests with that of cancelling, which waits for half a minute whether an answer comes after all. */
@Tag("long")
class StreamingCancellationContractTest extends StreamingChatModelContractTest {

    @Override
    protected boolean supportsStreamingCancellation() {
        return true;
    }
}
