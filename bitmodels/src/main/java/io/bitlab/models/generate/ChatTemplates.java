package io.bitlab.models.generate;

import io.bitlab.models.internal.Quote;
import io.bitlab.models.internal.Uninterrupted;
import io.bitlab.models.io.AtomicFile;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.gguf.GgufFile;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Recognises the {@link ChatTemplate} of a model from its files.
 *
 * {@snippet class="io.bitlab.models.snippets.GenerateSnippets" region="recognize"}
 *
 * <p>Models bring their format along as a program in the language Jinja. Such programs are not run here: those of the
 * known formats are recognised by their text, white space and other things without effect apart, also with a system
 * message of their own for chats that begin without one. Any other is refused, because a prompt that is almost right
 * gives answers that are almost right.
 */
public final class ChatTemplates {

    /** The name of the file with the template in the folder of a model. */
    public static final String FILE = "chat_template.jinja";

    /** The key of the template in the metadata of a GGUF file. */
    public static final String GGUF_KEY = "tokenizer.chat_template";

    private static final String CONFIG = "tokenizer_config.json";
    private static final String CONFIG_KEY = "chat_template";
    private static final long MAX_FILE_BYTES = 1 << 20;

    private static final Map<String, ChatTemplate> BY_NAME = Map.of("bitnet", ChatTemplate.BITNET, "llama3",
            ChatTemplate.LLAMA3, "falcon3", ChatTemplate.FALCON3, "chatml", ChatTemplate.CHATML);

    private ChatTemplates() {}

    /**
     * Recognises the template of a model: in a folder, that of {@value #FILE} or else {@code tokenizer_config.json}; of
     * a GGUF file, that of the metadata.
     *
     * @param model a folder or a GGUF file
     * @return the template; empty if the files have none
     * @throws ModelFormatException if the template is not a known one, or a file is damaged; the message shows how the
     *     template begins
     * @throws IOException if a file cannot be read
     */
    public static Optional<ChatTemplate> ofModel(Path model) throws IOException {
        Optional<SourceText> found = find(model);
        return found.isEmpty() ? Optional.empty() : Optional.of(recognize(found.get().jinja, found.get().source));
    }

    /**
     * The text of the template of a model, whether it is known or not, for instance to {@linkplain
     * io.bitlab.models.pretrained.ExportOptions#withChatTemplate export} it.
     *
     * @param model a folder or a GGUF file, of which the same is read as by {@link #ofModel}
     * @return the template in Jinja; empty if the files have none
     * @throws ModelFormatException if a file is damaged
     * @throws IOException if a file cannot be read
     */
    public static Optional<String> textOf(Path model) throws IOException {
        return find(model).map(SourceText::jinja);
    }

    /** A template and where it comes from, for messages. */
    private record SourceText(String jinja, String source) {
    }

    private static Optional<SourceText> find(Path model) throws IOException {
        return Uninterrupted.call(() -> Files.isDirectory(model) ? inFolder(model) : inGguf(model));
    }

    private static Optional<SourceText> inFolder(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (Files.exists(file)) {
            return Optional.of(new SourceText(text(file), file.toString()));
        }
        Path config = folder.resolve(CONFIG);
        Object value = Files.exists(config) ? Json.read(config).get(CONFIG_KEY) : null;
        return value == null ? Optional.empty() : Optional.of(inConfig(value, config.toString()));
    }

    private static String text(Path file) throws IOException {
        if (Files.size(file) > MAX_FILE_BYTES) {
            throw new ModelFormatException(file.toString(), Files.size(file) + " bytes of template, expected at most "
                    + MAX_FILE_BYTES);
        }
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new ModelFormatException(file.toString(), "the text is not UTF-8", e);
        }
    }

    /** The value is a template, or a list of named ones, of which the one for chats is called default. */
    private static SourceText inConfig(Object value, String source) throws ModelFormatException {
        Object template = value;
        if (value instanceof List<?> named) {
            template = named.stream()
                    .filter(each -> each instanceof Map<?, ?> members && "default".equals(members.get("name")))
                    .findFirst().map(each -> ((Map<?, ?>) each).get("template")).orElse(null);
        }
        if (template instanceof String text) {
            return new SourceText(text, source);
        }
        throw new ModelFormatException(source, CONFIG_KEY + " is " + Quote.value(value)
                + ", expected a template, or a list of named ones with one named 'default'");
    }

    private static Optional<SourceText> inGguf(Path file) throws IOException {
        try (GgufFile gguf = GgufFile.open(file)) {
            Object value = gguf.metadata().get(GGUF_KEY);
            if (value == null) {
                return Optional.empty();
            }
            if (value instanceof String text) {
                return Optional.of(new SourceText(text, file.toString()));
            }
            throw new ModelFormatException(file.toString(), GGUF_KEY + " is " + Quote.value(value)
                    + ", expected a string");
        }
    }

    /**
     * Recognises a template by its text.
     *
     * @param jinja a template in Jinja
     * @param source where it comes from, for messages: usually the path of a file
     * @return the template
     * @throws ModelFormatException if it is not a known one; the message shows how it begins
     */
    public static ChatTemplate recognize(String jinja, String source) throws ModelFormatException {
        return KnownTemplates.recognize(jinja).orElseThrow(() -> new ModelFormatException(source,
                "the chat template is not one that is known: " + Quote.value(jinja.strip())
                        + "; give one of ChatTemplate's (" + names() + ") if the model was trained with that format, or"
                        + " implement ChatTemplate"));
    }

    /**
     * Finds a template by name, for settings of programs.
     *
     * @param name {@code bitnet}, {@code llama3}, {@code falcon3} or {@code chatml}, in upper or lower case
     * @return the template
     * @throws IllegalArgumentException if there is none of that name
     */
    public static ChatTemplate named(String name) {
        ChatTemplate template = BY_NAME.get(name.toLowerCase(Locale.ROOT));
        if (template == null) {
            throw new IllegalArgumentException("ChatTemplates.named: there is no " + Quote.value(name)
                    + ", expected one of " + names());
        }
        return template;
    }

    private static String names() {
        return BY_NAME.keySet().stream().sorted().collect(Collectors.joining(", "));
    }

    /**
     * Writes a template into the folder of a model, as {@value #FILE}, for {@link #ofModel} and other libraries.
     *
     * @param template one of the constants of {@link ChatTemplate}
     * @param folder an existing folder
     * @throws IllegalArgumentException if it is another template, whose text in Jinja is not known
     * @throws IOException if the file cannot be written; an existing file is left unchanged
     */
    public static void write(ChatTemplate template, Path folder) throws IOException {
        String jinja = KnownTemplates.jinja(template).orElseThrow(() -> new IllegalArgumentException(
                "ChatTemplates.write: " + template + ", expected one of " + names()
                        + "; others have no text in Jinja"));
        AtomicFile.replace(folder.resolve(FILE), jinja);
    }
}
