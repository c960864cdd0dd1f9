package io.bitlab.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The models that are in the jar. */
final class ShippedModel {

    /** Reads what it needs from a folder. */
    @FunctionalInterface
    interface Reader<T> {
        T read(Path folder) throws IOException;
    }

    private ShippedModel() {
    }

    /** Copies a model from the class path into a temporary folder, reads it, and deletes the folder. */
    static <T> T read(String name, List<String> files, Reader<T> reader) throws IOException {
        Path folder = Files.createTempDirectory(name);
        try {
            for (String file : files) {
                try (InputStream in = ShippedModel.class.getResourceAsStream(name + "/" + file)) {
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
