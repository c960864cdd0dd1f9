package io.bitlab.models.generate;

import io.bitlab.models.generate.ChatMessage.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The texts in Jinja by which published models have the formats of {@link ChatTemplate}. */
final class KnownTemplates {

    /** The known ones are much shorter. */
    private static final int MAX_CHARACTERS = 5000;

    private static final String BITNET_WITH_BOS = """
            {% set loop_messages = messages %}\
            {% for message in loop_messages %}\
            {% set content = message['role'] | capitalize + ': '+ message['content'] | trim + '<|eot_id|>' %}\
            {% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}\
            {{ content }}\
            {% endfor %}\
            {% if add_generation_prompt %}{{ 'Assistant: ' }}{% endif %}""";

    /** The tokenizer adds the beginning-of-text token then. */
    private static final String BITNET = """
            {% for message in messages %}\
            {{ message['role'] | capitalize + ': ' + message['content'] | trim + '<|eot_id|>' }}\
            {% endfor %}\
            {% if add_generation_prompt %}{{ 'Assistant: ' }}{% endif %}""";

    private static final String LLAMA3_MESSAGES = """
            {% set loop_messages = messages %}\
            {% for message in loop_messages %}\
            {% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'\
            + message['content'] | trim + '<|eot_id|>' %}\
            {% if loop.index0 == 0 %}{% set content = bos_token + content %}{% endif %}\
            {{ content }}\
            {% endfor %}""";

    private static final String LLAMA3_ANSWER = "{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}";

    private static final String FALCON3 = """
            {% for message in messages %}\
            {% if message['role'] == 'system' %}{{ '<|system|>\\n' + message['content'] + '\\n' }}\
            {% elif message['role'] == 'user' %}{{ '<|user|>\\n' + message['content'] + '\\n' }}\
            {% elif message['role'] == 'assistant' %}\
            {% if not loop.last %}{{ '<|assistant|>\\n' + message['content'] + eos_token + '\\n' }}\
            {% else %}{{ '<|assistant|>\\n' + message['content'] + eos_token }}{% endif %}\
            {% endif %}\
            {% if loop.last and add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}\
            {% endfor %}""";

    private static final String CHATML_MESSAGE =
            "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>\\n' }}";

    private static final String CHATML_ANSWER =
            "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    private static final String CHATML = "{% for message in messages %}" + CHATML_MESSAGE + CHATML_ANSWER;

    /** What some templates begin with, to no effect. */
    private static final String DEFAULT_FALSE = JinjaText.normalized("{% if not add_generation_prompt is defined %}"
            + "{% set add_generation_prompt = false %}{% endif %}");

    private static final String DEFAULT_SYSTEM_MARK = "DEFAULT";

    /** With a system message of its own, which can be any text. */
    private static final Pattern CHATML_WITH_SYSTEM = Pattern.compile(Pattern.quote(JinjaText.normalized(
            "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
                    + "{{ '<|im_start|>system\\n" + DEFAULT_SYSTEM_MARK + "<|im_end|>\\n' }}{% endif %}"
                    + CHATML_MESSAGE
                    + CHATML_ANSWER))
            .replace(DEFAULT_SYSTEM_MARK, "\\E([^'\\\\{}<>|]*)\\Q"));

    private static final Map<String, ChatTemplate> BY_TEXT = Map.of(
            JinjaText.normalized(BITNET_WITH_BOS), ChatTemplate.BITNET,
            JinjaText.normalized(BITNET), ChatTemplate.BITNET,
            JinjaText.normalized(LLAMA3_MESSAGES + LLAMA3_ANSWER), ChatTemplate.LLAMA3,
            JinjaText.normalized(LLAMA3_MESSAGES + "{% if add_generation_prompt %}" + LLAMA3_ANSWER + "{% endif %}"),
            ChatTemplate.LLAMA3,
            JinjaText.normalized(FALCON3), ChatTemplate.FALCON3,
            JinjaText.normalized(CHATML), ChatTemplate.CHATML);

    private static final Map<ChatTemplate, String> TO_WRITE = Map.of(ChatTemplate.BITNET, BITNET_WITH_BOS,
            ChatTemplate.LLAMA3, LLAMA3_MESSAGES + "{% if add_generation_prompt %}" + LLAMA3_ANSWER + "{% endif %}",
            ChatTemplate.FALCON3, FALCON3, ChatTemplate.CHATML, CHATML);

    private KnownTemplates() {}

    static Optional<ChatTemplate> recognize(String jinja) {
        if (jinja.length() > MAX_CHARACTERS) {
            return Optional.empty();
        }
        String text = JinjaText.normalized(jinja);
        String plain = text.startsWith(DEFAULT_FALSE) ? text.substring(DEFAULT_FALSE.length()) : text;
        Matcher withSystem = CHATML_WITH_SYSTEM.matcher(plain);
        return withSystem.matches() ? Optional.of(withSystem(ChatTemplate.CHATML, withSystem.group(1)))
                : Optional.ofNullable(BY_TEXT.get(plain));
    }

    private static ChatTemplate withSystem(ChatTemplate template, String content) {
        return (messages, prompt) -> {
            List<ChatMessage> all = new ArrayList<>(messages);
            if (messages.getFirst().role() != Role.SYSTEM) {
                all.addFirst(ChatMessage.system(content));
            }
            template.write(all, prompt);
        };
    }

    /** The text to write for a template; empty if it is not known. */
    static Optional<String> jinja(ChatTemplate template) {
        return Optional.ofNullable(TO_WRITE.get(template));
    }
}
