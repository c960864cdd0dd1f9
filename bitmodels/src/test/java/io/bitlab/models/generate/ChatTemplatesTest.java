package io.bitlab.models.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.models.io.Json;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.gguf.GgufWriter;
import io.bitlab.models.testing.Vocabularies;
import io.bitlab.models.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChatTemplatesTest {

    /** As Meta-Llama-3-8B-Instruct was published: the line feeds are real. */
    private static final String LLAMA3 = "{% set loop_messages = messages %}{% for message in loop_messages %}"
            + "{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] |"
            + " trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}"
            + "{{ content }}{% endfor %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}";

    private static final String CHATML = "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' +"
            + " message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}"
            + "{{ '<|im_start|>assistant\n' }}{% endif %}";

    @TempDir
    private Path folder;

    private static ChatTemplate recognized(String jinja) throws ModelFormatException {
        return ChatTemplates.recognize(jinja, "test");
    }

    @Test
    void theTextsOfPublishedModels() throws IOException {
        assertSame(ChatTemplate.LLAMA3, recognized(LLAMA3));
        assertSame(ChatTemplate.CHATML, recognized(CHATML));
        assertSame(ChatTemplate.CHATML, recognized("{% if not add_generation_prompt is defined %}"
                + "{% set add_generation_prompt = false %}{% endif %}" + CHATML));
        assertSame(ChatTemplate.BITNET,
                recognized("{% set loop_messages = messages %}{% for message in loop_messages %}"
                        + "{% set content = message['role'] | capitalize + ': '+ message['content'] | trim +"
                        + " '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}"
                        + "{{ content }}{% endfor %}{% if add_generation_prompt %}{{ 'Assistant: ' }}{% endif %}"));
        assertSame(ChatTemplate.FALCON3, recognized("{% for message in messages %}{% if message['role'] == 'system' %}"
                + "{{ '<|system|>\n' + message['content'] + '\n' }}{% elif message['role'] == 'user' %}"
                + "{{ '<|user|>\n' + message['content'] + '\n' }}{% elif message['role'] == 'assistant' %}"
                + "{% if not loop.last %}{{ '<|assistant|>\n'  + message['content'] + eos_token + '\n' }}{% else %}"
                + "{{ '<|assistant|>\n'  + message['content'] + eos_token }}{% endif %}{% endif %}"
                + "{% if loop.last and add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}{% endfor %}"));
    }

    @Test
    void whatMakesNoDifferenceIsIgnored() throws IOException {
        assertSame(ChatTemplate.CHATML, recognized("""
                {%- for message in messages %}
                    {# one message #}
                    {{- "<|im_start|>"+message.role + "\\n" + message.content+'<|im_end|>' + "\\n" }}
                {%- endfor %}
                {%- if add_generation_prompt -%}
                    {{- '<|im_start|>assistant\\n' -}}
                {%- endif -%}
                """));
        assertSame(ChatTemplate.CHATML, recognized(CHATML.replace("%}{", "%}\r\n    {").replace("{{", "{{-") + "\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"<|im_end|>->< |im_end|>", "'\n'-> '\n\n'", "assistant-> assistant", "%}{{->%} {{",
        "}}{%->}}\n{%",
        "}}{%->}} {%", "message['role']->message['name']", " + '<|im_end|>'->", "{% for->{{ bos_token }}{% for"})
    void whatMakesADifferenceIsRefused(String change) {
        String[] fromTo = change.split("->", 2);
        String changed = CHATML.replace(fromTo[0], fromTo[1]);
        assertNotEquals(CHATML, changed);
        String message = assertThrows(ModelFormatException.class, () -> recognized(changed)).getMessage();
        assertTrue(message.startsWith("test: the chat template is not one that is known: '" + changed.substring(0, 30)),
                message);
        assertTrue(message.endsWith("characters); give one of ChatTemplate's (bitnet, chatml, falcon3, llama3) if the"
                + " model was trained with that format, or implement ChatTemplate"), message);
    }

    @Test
    void chatMlWithASystemMessageOfItsOwn() throws IOException {
        ChatTemplate template = recognized(CHATML.replace("messages %}", "messages %}{% if loop.first and"
                + " messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are a helpful AI assistant named"
                + " SmolLM, trained by Hugging Face<|im_end|>\n' }}{% endif %}"));
        Tokenizer tokenizer = Vocabularies.bytePairs().special("<|im_start|>", 256).special("<|im_end|>", 257).build();
        ChatMessage hi = ChatMessage.user("Hi");
        ChatMessage system =
                ChatMessage.system("You are a helpful AI assistant named SmolLM, trained by Hugging Face");
        assertArrayEquals(ChatTemplate.CHATML.encode(List.of(system, hi), tokenizer),
                template.encode(List.of(hi), tokenizer));
        List<ChatMessage> own = List.of(ChatMessage.system("Be brief."), hi);
        assertArrayEquals(ChatTemplate.CHATML.encode(own, tokenizer), template.encode(own, tokenizer));
    }

    @Test
    void theFilesOfAFolder() throws IOException {
        assertEquals(Optional.empty(), ChatTemplates.ofModel(folder));
        Path config = folder.resolve("tokenizer_config.json");
        Files.writeString(config, "{}");
        assertEquals(Optional.empty(), ChatTemplates.ofModel(folder));
        Files.writeString(config, Json.pretty(Map.of("chat_template", LLAMA3)));
        assertEquals(Optional.of(ChatTemplate.LLAMA3), ChatTemplates.ofModel(folder));
        Files.writeString(config, Json.pretty(Map.of("chat_template", List.of(
                Map.of("name", "tool_use", "template", "{{ tools }}"),
                Map.of("name", "default", "template", CHATML)))));
        assertEquals(Optional.of(ChatTemplate.CHATML), ChatTemplates.ofModel(folder));
        Files.writeString(config, Json.pretty(Map.of("chat_template", List.of(Map.of("name", "rag")))));
        assertTrue(refused().contains("with one named 'default'"));
        Files.writeString(config, "{\"chat_template\": 1}");
        assertTrue(refused().contains("chat_template is 1, expected a template"));
        Files.writeString(folder.resolve("chat_template.jinja"), CHATML); // takes precedence
        assertEquals(Optional.of(ChatTemplate.CHATML), ChatTemplates.ofModel(folder));
        Files.write(folder.resolve("chat_template.jinja"), new byte[] {(byte) 0xff});
        assertTrue(refused().contains("not UTF-8"));
        Files.write(folder.resolve("chat_template.jinja"), new byte[(1 << 20) + 1]);
        assertTrue(refused().contains("expected at most 1048576"));
    }

    private String refused() {
        return assertThrows(ModelFormatException.class, () -> ChatTemplates.ofModel(folder)).getMessage();
    }

    @Test
    void theMetadataOfAGgufFile() throws IOException {
        Path file = folder.resolve("model.gguf");
        new GgufWriter().put("tokenizer.chat_template", LLAMA3).write(file);
        assertEquals(Optional.of(ChatTemplate.LLAMA3), ChatTemplates.ofModel(file));
        new GgufWriter().put("tokenizer.chat_template", 1).write(file);
        assertTrue(assertThrows(ModelFormatException.class, () -> ChatTemplates.ofModel(file)).getMessage()
                .contains("tokenizer.chat_template is 1, expected a string"));
        new GgufWriter().put("general.name", "x").write(file);
        assertEquals(Optional.empty(), ChatTemplates.ofModel(file));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bitnet", "llama3", "falcon3", "chatml", "LLAMA3"})
    void whatIsWrittenIsRecognised(String name) throws IOException {
        ChatTemplates.write(ChatTemplates.named(name), folder);
        assertEquals(Optional.of(ChatTemplates.named(name)), ChatTemplates.ofModel(folder));
    }

    @Test
    void others() {
        assertThrows(IllegalArgumentException.class, () -> ChatTemplates.write((messages, prompt) -> {}, folder));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> ChatTemplates.named("vicuna")).getMessage()
                .endsWith("there is no 'vicuna', expected one of bitnet, chatml, falcon3, llama3"));
    }

    /** It comes from a file. */
    @Test
    void longTemplatesAreRefusedSoon() {
        for (String piece : List.of("{% a %}", "'", "\"", "{{ 'a' + ", "{#", " \n", "{% 'x", "\\")) {
            for (int times : new int[] {600, 100_000}) {
                String text = piece.repeat(times);
                assertThrows(ModelFormatException.class, () -> recognized(text));
                assertThrows(ModelFormatException.class, () -> recognized("{{ " + text + " }}"));
            }
        }
    }
}
