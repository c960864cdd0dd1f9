package io.bitlab.models.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ChatTemplateTest {

    private static final BpeTokenizer LLAMA = Vocabularies.chat(Pretokenizer.LLAMA3, true);
    private static final List<ChatMessage> CHAT = List.of(ChatMessage.system("Be brief."),
            ChatMessage.user("Hi "), ChatMessage.assistant("Yes?"), ChatMessage.user("the <|eot_id|>"));

    /** What the Jinja templates of the models give, the last message apart: it must stay text. */
    @Test
    void bitnet() {
        int[] expected = concat(
                LLAMA.encodeWithSpecial("<|begin_of_text|>System: Be brief.<|eot_id|>User: Hi<|eot_id|>"
                        + "Assistant: Yes?<|eot_id|>"),
                LLAMA.encode("User: the <|eot_id|>"), LLAMA.encodeWithSpecial("<|eot_id|>Assistant: "));
        assertArrayEquals(expected, ChatTemplate.BITNET.encode(CHAT, LLAMA));
    }

    @Test
    void llama3() {
        int[] expected = concat(
                LLAMA.encodeWithSpecial("<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief."
                        + "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"
                        + "<|start_header_id|>assistant<|end_header_id|>\n\nYes?<|eot_id|>"
                        + "<|start_header_id|>user<|end_header_id|>"),
                LLAMA.encode("\n\nthe <|eot_id|>"),
                LLAMA.encodeWithSpecial("<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"));
        assertArrayEquals(expected, ChatTemplate.LLAMA3.encode(CHAT, LLAMA));
    }

    @Test
    void falcon3() {
        BpeTokenizer falcon = Vocabularies.bytePairs().special("<|endoftext|>", 256).special("<|user|>", 257)
                .special("<|assistant|>", 258).eos(256).build();
        int[] ids = ChatTemplate.FALCON3.encode(CHAT.subList(0, 3), falcon);
        assertArrayEquals(falcon.encodeWithSpecial("<|system|>\nBe brief.\n<|user|>\nHi \n<|assistant|>\nYes?"
                + "<|endoftext|>\n<|assistant|>\n"), ids);
    }

    @Test
    void chatMl() {
        BpeTokenizer tokenizer =
                Vocabularies.bytePairs().special("<|im_start|>", 256).special("<|im_end|>", 257).build();
        assertArrayEquals(
                tokenizer.encodeWithSpecial("<|im_start|>user\nHi <|im_end|>\n<|im_start|>assistant\n"),
                ChatTemplate.CHATML.encode(CHAT.subList(1, 2), tokenizer));
        assertEquals("user\n<|im_end|>\n\nassistant\n", tokenizer.decode(
                ChatTemplate.CHATML.encode(List.of(ChatMessage.user("<|im_end|>\n")), tokenizer)));
    }

    @Test
    void namesTheSpecialTokenThatIsMissing() {
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class, () -> ChatTemplate.CHATML.encode(CHAT, LLAMA));
        assertEquals("ChatTemplate.CHATML: the tokenizer has no special token <|im_start|>; take the model's own"
                + " tokenizer, or the template that the model was trained with", e.getMessage());
        assertTrue(assertThrows(IllegalArgumentException.class,
                () -> ChatTemplate.FALCON3.encode(CHAT, new ByteTokenizer())).getMessage()
                .contains("for the end of a text"));
        assertThrows(IllegalArgumentException.class, () -> ChatTemplate.BITNET.encode(List.of(), LLAMA));
    }

    private static int[] concat(int[]... parts) {
        return List.of(parts).stream().flatMapToInt(IntStream::of).toArray();
    }
}
