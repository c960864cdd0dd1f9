package io.bitlab.cli.options;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/** A file that a command writes at its end. */
public final class OutputFile {

    private static final String[] IMAGES = {".png", ".jpg", ".jpeg", ".bmp", ".gif"}; // what BitImage writes

    private OutputFile() {
    }

    /**
     * Checks before the work that an image can be written after it.
     *
     * @param option the option that names the file, for the message
     * @param file the file; null for none
     * @throws IOException as {@link #check}
     * @throws IllegalArgumentException if its ending is that of no image
     */
    public static void checkImage(String option, Path file) throws IOException {
        check(option, file, IMAGES);
    }

    /**
     * Checks before the work that the file can be written after it.
     *
     * @param option the option that names it, for the message
     * @param file the file; null for none
     * @param endings those of which it must have one; none for any
     * @throws IOException if its folder is missing or can't be written to, or the file is a folder
     * @throws IllegalArgumentException if it has another ending
     */
    public static void check(String option, Path file, String... endings) throws IOException {
        if (file == null) {
            return;
        }
        String name = file.toString().toLowerCase(Locale.ROOT);
        if (endings.length > 0 && Arrays.stream(endings).noneMatch(name::endsWith)) {
            throw new IllegalArgumentException(option + " " + file + ": expected a file that ends in "
                    + String.join(" or ", endings));
        }
        Path folder = file.toAbsolutePath().getParent();
        if (!Files.isDirectory(folder) || !Files.isWritable(folder) || Files.isDirectory(file)) {
            throw new IOException(option + " " + file + ": "
                    + (Files.isDirectory(file) ? "it is a folder" : folder + " is not a folder that can be written to")
                    + "; choose another, nothing was computed yet");
        }
    }
}
