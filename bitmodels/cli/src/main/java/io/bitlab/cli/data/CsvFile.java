package io.bitlab.cli.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the first line of a CSV file says. */
public final class CsvFile {

    private CsvFile() {
    }

    /**
     * The first line: the names of the columns.
     *
     * @param file a text file in UTF-8
     * @return the line, without a byte-order mark
     * @throws IOException if the file can't be read or is empty
     */
    public static String header(Path file) throws IOException {
        String header = TextFile.checked(file, () -> {
            try (BufferedReader lines = Files.newBufferedReader(file)) {
                return lines.readLine();
            }
        });
        if (header == null) {
            throw new IOException(file + " is empty, expected a line with the names of the columns");
        }
        return header.startsWith("\uFEFF") ? header.substring(1) : header;
    }

    /**
     * What separates the columns: the semicolon or tab if the header has more of it than commas.
     *
     * @param file a text file in UTF-8
     * @return the character
     * @throws IOException if the file can't be read or is empty
     */
    public static char separator(Path file) throws IOException {
        String header = header(file);
        char best = ',';
        for (char candidate : new char[] {';', '\t'}) {
            if (count(header, candidate) > count(header, best)) {
                best = candidate;
            }
        }
        return best;
    }

    private static long count(String text, char character) {
        return text.chars().filter(each -> each == character).count();
    }
}
