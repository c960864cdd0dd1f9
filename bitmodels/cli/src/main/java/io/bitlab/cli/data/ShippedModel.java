package io.bitlab.cli.data;

import io.bitlab.models.AutoBitModel;
import io.bitlab.models.BitModel;
import io.bitlab.models.diffusion.ImageGenerator;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The models that are in the jar. */
public final class ShippedModel {

    /**
     * Reads what it needs from a folder.
     *
     * @param <T> what it makes of it
     */
    @FunctionalInterface
    public interface Reader<T> {
        /**
         * Reads.
         *
         * @param folder with the files; gone afterwards
         * @return what was read
         * @throws IOException if that fails
         */
        T read(Path folder) throws IOException;
    }

    /** The language model. */
    public static final String TEXT = "moby-dick";

    private ShippedModel() {
    }

    /**
     * Loads a model of pictures: a configuration and weights.
     *
     * @param name its folder on the class path
     * @param kind its class or an interface of it
     * @param <M> its class
     * @return the model
     * @throws IOException if a file can't be copied or read
     */
    public static <M extends BitModel> M load(String name, Class<M> kind) throws IOException {
        return read(name, List.of("config.json", "model.safetensors"), folder -> AutoBitModel.load(folder, kind));
    }

    /**
     * Loads a generator of pictures.
     *
     * @param folder of the model; null for the one of Fashion-MNIST that is in the jar
     * @return the model
     * @throws IOException if a file can't be copied or read
     */
    public static ImageGenerator generator(Path folder) throws IOException {
        return folder == null ? load("fashion-mnist-generator", ImageGenerator.class)
                : AutoBitModel.load(folder, ImageGenerator.class);
    }

    /**
     * Reads the language model, {@value #TEXT}, and its tokenizer.
     *
     * @param reader reads them
     * @param <T> what the reader makes of them
     * @return what the reader returned
     * @throws IOException if a file can't be copied or read
     */
    public static <T> T readText(Reader<T> reader) throws IOException {
        return read(TEXT, List.of("model.safetensors", "config.json", "tokenizer.json"), reader);
    }

    private static Path temporaryFolder(String name) throws IOException {
        try {
            return Files.createTempDirectory(name);
        } catch (IOException e) {
            throw new IOException("included models are read through a temporary folder, and "
                    + System.getProperty("java.io.tmpdir") + " can't be written to; name another with"
                    + " JDK_JAVA_OPTIONS=-Djava.io.tmpdir=FOLDER", e);
        }
    }

    /**
     * Copies a model from the class path into a temporary folder, reads it, and deletes the folder.
     *
     * @param name its folder on the class path
     * @param files its files
     * @param reader reads it
     * @param <T> what the reader makes of it
     * @return what the reader returned
     * @throws IOException if a file can't be copied or read
     */
    public static <T> T read(String name, List<String> files, Reader<T> reader) throws IOException {
        Path folder = temporaryFolder(name);
        try {
            for (String file : files) {
                try (InputStream in = ShippedModel.class.getResourceAsStream("/io/bitlab/cli/" + name + "/" + file)) {
                    Files.copy(in, folder.resolve(file));
                }
            }
            return reader.read(folder);
        } finally {
            for (String file : files) {
                Files.deleteIfExists(folder.resolve(file));
            }
            Files.delete(folder);
        }
    }
}
