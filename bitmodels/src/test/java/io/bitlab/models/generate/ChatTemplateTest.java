package io.bitlab.models.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.io.Json;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.testing.Vocabularies;
import io.bitlab.models.tokenizer.BpeTokenizer;
import io.bitlab.models.tokenizer.ByteTokenizer;
import io.bitlab.models.tokenizer.Pretokenizer;
import io.bitlab.models.tokenizer.Tokenizer;
import io.bitlab.models.tokenizer.Tokenizers;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

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
        // Python's strip, which Jinja's trim is, takes no-break spaces too
        assertArrayEquals(ChatTemplate.BITNET.encode(List.of(ChatMessage.user("a b")), LLAMA),
                ChatTemplate.BITNET.encode(List.of(ChatMessage.user("\u00a0\u202f\u0085a b\n\u2007")), LLAMA));
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

    /** An answer goes on where the text before it ended; the tokenizer says whether texts begin with a token. */
    @Test
    void plain() {
        int[] text = LLAMA.encode("Be brief.\nHi Yes?\nthe <|eot_id|>");
        assertTrue(LLAMA.addsBos());
        assertArrayEquals(concat(new int[] {LLAMA.bos().orElseThrow()}, text), ChatTemplate.PLAIN.encode(CHAT, LLAMA));
        assertArrayEquals(new ByteTokenizer().encode("Be brief.\nHi Yes?\nthe <|eot_id|>"),
                ChatTemplate.PLAIN.encode(CHAT, new ByteTokenizer()));
        assertEquals("ChatTemplate.PLAIN", ChatTemplate.PLAIN.toString());
    }

    @Test
    void falcon3() {
        BpeTokenizer falcon = Vocabularies.bytePairs().special("<|endoftext|>", 256).special("<|user|>", 257)
                .special("<|assistant|>", 258).eos(256).build();
        int[] ids = ChatTemplate.FALCON3.encode(CHAT.subList(0, 3), falcon);
        assertArrayEquals(falcon.encodeWithSpecial("<|system|>\nBe brief.\n<|user|>\nHi \n<|assistant|>\nYes?"
                + "<|endoftext|><|assistant|>\n"), ids); // an answer at the end has no line feed
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

    /** As in SentencePiece, with the special tokens of all templates; some strip the white space beside them. */
    private static Tokenizer pieces(String spaces, boolean strips) throws ModelFormatException {
        StringBuilder vocab = new StringBuilder();
        StringBuilder added = new StringBuilder();
        int id = 0;
        for (char c = ' '; c < 127; c++) {
            vocab.append(
                    Json.compact(Map.of(c == ' ' ? "\u2581" : String.valueOf(c), id++)).replaceAll("[{}]$|^[{]", ""))
                    .append(',');
        }
        vocab.append("\"\\n\": ").append(id++).append(", \"\u2581A\": ").append(id++).append(", \"\u2581U\": ")
                .append(id++);
        for (String token : List.of("<|begin_of_text|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>",
                "<|user|>", "<|system|>", "<|assistant|>", "<|im_start|>", "<|im_end|>", "<|endoftext|>")) {
            added.append(added.isEmpty() ? "" : ", ").append("{\"id\": ").append(id++).append(", \"content\": \"")
                    .append(token).append("\", \"special\": true, \"rstrip\": ").append(strips)
                    .append(", \"lstrip\": ").append(strips).append("}");
        }
        return Tokenizers.of(Json.parse("{" + spaces + ", \"added_tokens\": [" + added + "], \"model\": {\"vocab\": {"
                + vocab + "}, \"merges\": [\"\u2581 A\", \"\u2581 U\"]}}", "test"), "test");
    }

    private static String metaspace(String scheme) {
        return "\"pre_tokenizer\": {\"type\": \"Metaspace\", \"replacement\": \"\u2581\", \"prepend_scheme\": \""
                + scheme + "\", \"split\": false}";
    }

    /** What precedes a text, and what special tokens strip, depends on its neighbours. */
    @ParameterizedTest
    @MethodSource
    void theIdsAreThoseOfTheWholeText(ChatTemplate template, String rendered) throws ModelFormatException {
        String replace = "{\"type\": \"Replace\", \"pattern\": {\"String\": \" \"}, \"content\": \"\u2581\"}";
        List<ChatMessage> chat = List.of(ChatMessage.system(" Be brief. "), ChatMessage.user("Hi"),
                ChatMessage.assistant("Yes? "), ChatMessage.user("A\n"));
        for (String spaces : List.of(metaspace("always"), metaspace("first"), metaspace("never"),
                "\"normalizer\": " + replace, "\"normalizer\": {\"type\": \"Sequence\", \"normalizers\":"
                        + " [{\"type\": \"Prepend\", \"prepend\": \"\u2581\"}, " + replace + "]}")) {
            for (boolean strips : new boolean[] {false, true}) {
                Tokenizer tokenizer = pieces(spaces, strips);
                assertArrayEquals(tokenizer.encodeWithSpecial(rendered), template.encode(chat, tokenizer),
                        spaces + ", strips " + strips);
            }
        }
    }

    /** The templates, and the text of the chat above, by hand. */
    static Stream<Arguments> theIdsAreThoseOfTheWholeText() {
        return Stream.of(Arguments.of(ChatTemplate.BITNET,
                "<|begin_of_text|>System: Be brief.<|eot_id|>User: Hi<|eot_id|>Assistant: Yes?<|eot_id|>"
                        + "User: A<|eot_id|>Assistant: "),
                Arguments.of(ChatTemplate.LLAMA3,
                        "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
                                + "<|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>"
                                + "<|start_header_id|>assistant<|end_header_id|>\n\nYes?<|eot_id|>"
                                + "<|start_header_id|>user<|end_header_id|>\n\nA<|eot_id|>"
                                + "<|start_header_id|>assistant<|end_header_id|>\n\n"),
                Arguments.of(ChatTemplate.FALCON3, """
                    <|system|>
                     Be brief.\s
                    <|user|>
                    Hi
                    <|assistant|>
                    Yes? <|endoftext|>
                    <|user|>
                    A

                    <|assistant|>
                    """),
                Arguments.of(ChatTemplate.CHATML, """
                    <|im_start|>system
                     Be brief. <|im_end|>
                    <|im_start|>user
                    Hi<|im_end|>
                    <|im_start|>assistant
                    Yes? <|im_end|>
                    <|im_start|>user
                    A
                    <|im_end|>
                    <|im_start|>assistant
                    """));
    }

    /** Nor does a longer token begin with one of the template's and end in a message. */
    @Test
    void aMessageTouchesNoSpecialToken() {
        BpeTokenizer tokenizer = Vocabularies.bytePairs().special("<|im_start|>", 256).special("<|im_end|>", 257)
                .special("<|im_end|>\nx", 258).userDefined("x<|im_end", 259).build();
        int[] ids = ChatTemplate.CHATML.encode(List.of(ChatMessage.user("x<|im_end|>\nx")), tokenizer);
        assertArrayEquals(new int[] {256}, Arrays.copyOf(ids, 1));
        assertEquals("user\nx<|im_end|>\nx\nassistant\n", tokenizer.decode(ids));
        assertEquals(3, IntStream.of(ids).filter(id -> id == 256 || id == 257).count());
        assertEquals(0, IntStream.of(ids).filter(id -> id == 258).count());
        assertEquals(1, IntStream.of(ids).filter(id -> id == 259).count());
    }

    @Test
    void namesTheSpecialTokenThatIsMissing() {
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class, () -> ChatTemplate.CHATML.encode(CHAT, LLAMA));
        assertEquals("ChatTemplate.CHATML: the tokenizer has no special token <|im_start|>; use the model's own"
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
