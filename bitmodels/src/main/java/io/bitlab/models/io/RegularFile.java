package io.bitlab.models.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Checks a path before it is read, so that the message names a wrong one and the remedy. */
final class RegularFile {

    private RegularFile() {
    }

    /**
     * Refuses a path that is not a file.
     *
     * @param path what should be a file
     * @param kind its kind, such as {@code GGUF}
     * @param name what to give instead of a folder, such as {@code .gguf file}
     * @throws NoSuchFileException if there is no such file
     * @throws ModelFormatException if it is something else, such as a folder
     */
    static void require(Path path, String kind, String name) throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString(), null, "there is no such " + kind + " file");
        }
        if (!Files.isRegularFile(path)) {
            throw new ModelFormatException(path.toString(), "not a regular file; give the " + name + " itself");
        }
    }
}
