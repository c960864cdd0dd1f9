package io.bitlab.models.tokenizer;

import io.bitlab.models.internal.Uninterrupted;
import io.bitlab.models.io.AtomicFile;
import io.bitlab.models.io.Json;
import io.bitlab.models.io.ModelFormatException;
import io.bitlab.models.io.gguf.GgufFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Reads and writes tokenizers in the format of Hugging Face's {@code tokenizer.json}, and reads those of GGUF files.
 *
 * {@snippet class="io.bitlab.models.snippets.TokenizerSnippets" region="files"}
 */
public final class Tokenizers {

    /** The name of the tokenizer file in the folder of a model. */
    public static final String FILE = "tokenizer.json";

    /** What a published tokenizer's file leaves out, beside it in its folder. */
    public static final String CONFIG_FILE = "tokenizer_config.json";

    private Tokenizers() {}

    /**
     * Reads a tokenizer: one that {@link #write} wrote, or a published one with byte-level BPE (GPT-2, Llama 3,
     * Falcon 3, BitNet) or BPE as in SentencePiece (Llama 2).
     *
     * <p>A published {@code tokenizer.json} does not name the BOS and EOS tokens. They are taken from a {@code
     * tokenizer_config.json} in the same folder, or else recognised by common names such as {@code <s>} and
     * {@code </s>}. {@link Tokenizer#addsBos} follows {@code add_bos_token} of that file, or else the
     * {@code post_processor}.
     *
     * @param tokenizerJson the file
     * @return the tokenizer
     * @throws ModelFormatException if a file is damaged, or asks for something that this library does not support; the
     *     message names it
     * @throws IOException if a file cannot be read
     */
    public static Tokenizer read(Path tokenizerJson) throws IOException {
        return Uninterrupted.call(() -> readNow(tokenizerJson));
    }

    private static Tokenizer readNow(Path tokenizerJson) throws IOException {
        Path config = tokenizerJson.resolveSibling(CONFIG_FILE);
        boolean configured = tokenizerJson.endsWith(FILE) && Files.exists(config); // else it is of another tokenizer
        Map<String, Object> names = configured ? Json.read(config) : Map.of();
        return TokenizerJson.read(Json.read(tokenizerJson), names, tokenizerJson.toString());
    }

    /**
     * Reads the tokenizer of a model: {@value #FILE} in its folder; for a GGUF file, the tokenizer file
     * {@linkplain #beside beside} it or else the one in its metadata.
     *
     * @param model a folder or a GGUF file
     * @return the tokenizer
     * @throws ModelFormatException if there is none, or it is damaged, or asks for something that is not supported
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
                        + " and there is no file " + beside(model).getFileName() + " beside it");
            }
            return GgufTokenizer.read(file.metadata(), model.toString());
        }
    }

    /**
     * Returns where the tokenizer of a GGUF file is stored if the metadata cannot represent it.
     *
     * @param gguf the GGUF file
     * @return its path followed by {@code .tokenizer.json}
     */
    public static Path beside(Path gguf) {
        return gguf.resolveSibling(gguf.getFileName() + "." + FILE);
    }

    /**
     * Builds a tokenizer from the content of a {@code tokenizer.json}, such as {@link Tokenizer#toMap} returns.
     *
     * @param description the members of the outermost object; not modified
     * @param source where they come from, for error messages
     * @return the tokenizer
     * @throws ModelFormatException as {@link #read}
     */
    public static Tokenizer of(Map<String, ?> description, String source) throws ModelFormatException {
        return TokenizerJson.read(description, Map.of(), source);
    }

    /**
     * Writes a tokenizer. An existing file is replaced atomically.
     *
     * @param tokenizer any tokenizer of this package
     * @param tokenizerJson the file, usually named {@code tokenizer.json}; its folder must exist
     * @throws IOException if the file cannot be written; an existing file is left unchanged
     */
    public static void write(Tokenizer tokenizer, Path tokenizerJson) throws IOException {
        AtomicFile.replace(tokenizerJson, Json.pretty(tokenizer.toMap()));
    }

    /**
     * Writes a tokenizer for Hugging Face's transformers: {@value #FILE} and, for the kinds of tokenizer that they
     * support, {@code tokenizer_config.json}. Without the latter they would use the tokenizer class, BOS and EOS that
     * are customary for the model's architecture.
     *
     * @param tokenizer any tokenizer of this package
     * @param folder an existing folder; both files in it are replaced
     * @param contextLength the maximum number of tokens that the model reads ({@code model_max_length})
     * @throws IOException if a file cannot be written
     */
    public static void writeFolder(Tokenizer tokenizer, Path folder, int contextLength) throws IOException {
        Path file = folder.resolve(CONFIG_FILE);
        if (tokenizer instanceof VocabularyTokenizer) {
            Map<String, Object> config = new LinkedHashMap<>();
            config.put("tokenizer_class", "PreTrainedTokenizerFast");
            config.put("bos_token", token(tokenizer, tokenizer.bos()));
            config.put("eos_token", token(tokenizer, tokenizer.eos()));
            config.put("model_max_length", contextLength);
            config.put("clean_up_tokenization_spaces", false);
            AtomicFile.replace(file, Json.pretty(config));
        } else {
            Uninterrupted.call(() -> Files.deleteIfExists(file));
        }
        write(tokenizer, folder.resolve(FILE));
    }

    /** Null, also in JSON, if there is no such token. */
    private static String token(Tokenizer tokenizer, OptionalInt id) {
        return id.isPresent() ? tokenizer.token(id.getAsInt()) : null;
    }
}
