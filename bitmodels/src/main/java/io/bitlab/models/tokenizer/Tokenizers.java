package io.bitlab.models.tokenizer;

import io.bitlab.models.io.AtomicFile;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.Uninterrupted;
import io.bitlab.models.io.gguf.GgufFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/** Reads and writes tokenizers in the form of Hugging Face's {@code tokenizer.json}. */
public final class Tokenizers {

    /** The name of the file in a model's folder. */
    public static final String FILE = "tokenizer.json";

    private static final String CONFIG = "tokenizer_config.json";

    private Tokenizers() {}

    /**
     * Reads a tokenizer: one that {@link #write} wrote, or a published one with byte-pair encoding of bytes (GPT-2,
     * Llama 3, Falcon 3, BitNet) or as in SentencePiece (Llama 2).
     *
     * <p>Published files don't say which tokens begin and end a text. This is taken from a {@code
     * tokenizer_config.json} beside the file, else from the usual names, such as {@code <s>} and {@code </s>}. What
     * begins a text is {@linkplain Tokenizer#addsBos put before it} if that file has {@code add_bos_token}, else if the
     * {@code post_processor} says so.
     *
     * @param tokenizerJson the file
     * @return the tokenizer
     * @throws ModelFormatException if a file is damaged, or needs what this library lacks; the message says what
     * @throws IOException if it cannot be read
     */
    public static Tokenizer read(Path tokenizerJson) throws IOException {
        return Uninterrupted.call(() -> readNow(tokenizerJson));
    }

    private static Tokenizer readNow(Path tokenizerJson) throws IOException {
        Path config = tokenizerJson.resolveSibling(CONFIG);
        Map<String, Object> names = Files.exists(config) ? Json.read(config) : Map.of();
        return TokenizerJson.read(Json.read(tokenizerJson), names, tokenizerJson.toString());
    }

    /**
     * Reads the tokenizer of a model: {@value #FILE} in its folder, or what a GGUF file has in its metadata or
     * {@linkplain #beside beside} it.
     *
     * @param model a folder or a GGUF file
     * @return the tokenizer
     * @throws ModelFormatException if there is none, or it is damaged, or needs what this library lacks
     * @throws IOException if a file is missing or cannot be read
     */
    public static Tokenizer ofModel(Path model) throws IOException {
        return Uninterrupted.call(() -> ofModelNow(model));
    }

    private static Tokenizer ofModelNow(Path model) throws IOException {
        if (Files.isDirectory(model)) {
            return read(model.resolve(FILE));
        }
        if (Files.exists(beside(model))) {
            return read(beside(model));
        }
        try (GgufFile file = GgufFile.open(model)) {
            if (!GgufTokenizer.isIn(file.metadata())) {
                throw new ModelFormatException(model.toString(), "the metadata has no tokenizer (tokenizer.ggml.model),"
                        + " nor is there " + beside(model).getFileName() + " beside it");
            }
            return GgufTokenizer.read(file.metadata(), model.toString());
        }
    }

    /**
     * Where the tokenizer of a GGUF file stands that has no place for it in its metadata.
     *
     * @param gguf the file
     * @return its name with {@code .tokenizer.json} behind it
     */
    public static Path beside(Path gguf) {
        return gguf.resolveSibling(gguf.getFileName() + "." + FILE);
    }

    /**
     * Builds the tokenizer that {@link Tokenizer#toMap} described.
     *
     * @param description members of a {@code tokenizer.json}; not modified
     * @param source where they come from, for messages
     * @return the tokenizer
     * @throws ModelFormatException as {@link #read}
     */
    public static Tokenizer of(Map<String, ?> description, String source) throws ModelFormatException {
        return TokenizerJson.read(description, Map.of(), source);
    }

    /**
     * Writes a tokenizer, in place of the file that may stand there.
     *
     * @param tokenizer any tokenizer of this package
     * @param tokenizerJson the file, by custom named {@code tokenizer.json}; its folder must exist
     * @throws IOException if the file cannot be written; the old one then stays
     */
    public static void write(Tokenizer tokenizer, Path tokenizerJson) throws IOException {
        AtomicFile.replace(tokenizerJson, Json.pretty(tokenizer.toMap()));
    }

    /**
     * Writes a tokenizer for Hugging Face's transformers: {@value #FILE} and, if they know its kind, {@code
     * tokenizer_config.json}, without which they would take the class of the model's first tokenizer and its ends of a
     * text.
     *
     * @param tokenizer any tokenizer of this package
     * @param folder an existing folder; both files in it are replaced
     * @param contextLength how many tokens the model reads at most
     * @throws IOException if a file cannot be written
     */
    public static void writeFolder(Tokenizer tokenizer, Path folder, int contextLength) throws IOException {
        Path file = folder.resolve(CONFIG);
        if (tokenizer instanceof VocabularyTokenizer known) {
            Map<String, Object> config = new LinkedHashMap<>();
            config.put("tokenizer_class", "PreTrainedTokenizerFast");
            config.put("bos_token", token(known, known.bos()));
            config.put("eos_token", token(known, known.eos()));
            config.put("model_max_length", contextLength);
            config.put("clean_up_tokenization_spaces", false);
            AtomicFile.replace(file, Json.pretty(config));
        } else {
            Uninterrupted.call(() -> Files.deleteIfExists(file));
        }
        write(tokenizer, folder.resolve(FILE));
    }

    /** Null if there is none: JSON then says so. */
    private static String token(VocabularyTokenizer tokenizer, OptionalInt id) {
        return id.isPresent() ? tokenizer.vocabulary().token(id.getAsInt()) : null;
    }
}
