package io.bitlab.cli.data;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Text files that users name; what is wrong with one is said in words that they know. */
public final class TextFile {

    /**
     * Reads a file.
     *
     * @param <T> what is read
     */
    @FunctionalInterface
    interface Reading<T> {
        T read() throws IOException;
    }

    private TextFile() {
    }

    /**
     * Reads a file as a whole.
     *
     * @param file a text file in UTF-8
     * @return its text
     * @throws IOException if it is a folder, is not UTF-8 or can't be read
     */
    public static String read(Path file) throws IOException {
        return checked(file, () -> Files.readString(file));
    }

    /** The result of a reading, whose errors don't name the file. */
    static <T> T checked(Path file, Reading<T> reading) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException(file + " is a folder, expected a text file");
        }
        try {
            return reading.read();
        } catch (CharacterCodingException e) {
            throw new IOException(file + " is not UTF-8: convert it first, for example with iconv", e);
        }
    }
}
