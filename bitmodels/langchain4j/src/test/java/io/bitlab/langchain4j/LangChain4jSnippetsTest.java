package io.bitlab.langchain4j;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.bitlab.langchain4j.snippets.LangChain4jSnippets;
import io.bitlab.models.generate.ChatMessage;
import io.bitlab.models.generate.ChatTemplate;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.transformer.BitTransformer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The code in the Javadoc and in the guide does what is said. */
class LangChain4jSnippetsTest {

    @Test
    void snippetsRun() {
        BitTransformer model = SmallTalk.model();
        Tokenizer tokenizer = SmallTalk.generator().tokenizer();
        assertEquals("Berlin", LangChain4jSnippets.chat(model, tokenizer, ChatTemplate.CHATML));
        assertEquals("Hello World",
                LangChain4jSnippets.stream(SmallTalk.generator(), ChatTemplate.CHATML).aiMessage().text());
        assertEquals(model.config().hiddenSize(), LangChain4jSnippets.embed(model, tokenizer).dimension());
        assertEquals(SmallTalk.generator().count(
                List.of(ChatMessage.system("Be brief."), ChatMessage.user("What is a trit?")), ChatTemplate.CHATML),
                LangChain4jSnippets.count(SmallTalk.generator(), ChatTemplate.CHATML));
    }
}
