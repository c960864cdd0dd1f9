package io.bitlab.cli.data;

import io.bitlab.models.tabular.CsvOptions;
import io.bitlab.models.tabular.TabularData;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Reads CSV files for commands. */
public final class CsvFile {

    /** What a message of the library proposes. */
    private static final Pattern REMEDY = Pattern.compile("with(MissingTexts|Categories|Ignored)");

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

    /**
     * Reads a table.
     *
     * @param file a CSV file
     * @param options how
     * @param remedies which options of the command do what methods of the library do
     * @return the table
     * @throws IOException if it can't be read; the message ends with the remedies where it names such a method
     */
    public static TabularData read(Path file, CsvOptions options, String remedies) throws IOException {
        try {
            return TabularData.readCsv(file, options);
        } catch (IOException e) {
            throw REMEDY.matcher(String.valueOf(e.getMessage())).find()
                    ? new IOException(e.getMessage() + ". Here, " + remedies, e) : e;
        }
    }

    private static long count(String text, char character) {
        return text.chars().filter(each -> each == character).count();
    }
}
