package io.bitlab.spark;

import io.bitlab.models.tokenizer.Tokenizers;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The files of a saved model, so that it can be loaded on machines that don't have them. Travels to the executors, by
 * Java's serialisation or Kryo's. Immutable.
 */
final class ModelFiles implements Serializable {

    private static final long serialVersionUID = 1;

    /** What the loaders read of a folder; a downloaded one may also hold gigabytes that they don't. */
    private static final Set<String> SUFFIXES = Set.of("json", "safetensors", "model", "jinja", "txt");

    private final boolean folder;
    private final String[] names;
    private final byte[][] contents;

    private ModelFiles(boolean folder, List<Path> files) throws IOException {
        this.folder = folder;
        names = files.stream().map(file -> file.getFileName().toString()).toArray(String[]::new);
        contents = new byte[names.length][];
        for (int i = 0; i < names.length; i++) {
            long size = Files.size(files.get(i));
            if (size > Integer.MAX_VALUE - 8) {
                throw new IOException("TernaryScorer.load: " + files.get(i) + " has " + size
                        + " bytes, and a file that travels at most 2^31 - 9; save the model deployed, or in shards");
            }
            contents[i] = Files.readAllBytes(files.get(i));
        }
    }

    /**
     * Reads the files of a model.
     *
     * @param model a folder or a GGUF file
     */
    static ModelFiles read(Path model) throws IOException {
        if (!Files.isDirectory(model)) {
            Path tokenizer = Tokenizers.beside(model);
            return new ModelFiles(false, Files.exists(tokenizer) ? List.of(model, tokenizer) : List.of(model));
        }
        try (Stream<Path> files = Files.list(model)) {
            return new ModelFiles(true, new ArrayList<>(files.filter(Files::isRegularFile)
                    .filter(file -> SUFFIXES.contains(suffix(file))).sorted().toList()));
        }
    }

    private static String suffix(Path file) {
        String name = file.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /** Loads a model from files. */
    interface Loading<T> {
        T load(Path model) throws IOException;
    }

    /** Writes the files to a temporary folder, loads the model, and deletes the folder. */
    <T> T load(Loading<T> loading) throws IOException {
        Path temporary = Files.createTempDirectory("bitlab-spark-");
        try {
            for (int i = 0; i < names.length; i++) {
                Files.write(temporary.resolve(names[i]), contents[i]);
            }
            return loading.load(folder ? temporary : temporary.resolve(names[0]));
        } finally {
            for (String name : names) {
                Files.deleteIfExists(temporary.resolve(name));
            }
            Files.deleteIfExists(temporary);
        }
    }

    long bytes() {
        long sum = 0;
        for (byte[] content : contents) {
            sum += content.length;
        }
        return sum;
    }
}
