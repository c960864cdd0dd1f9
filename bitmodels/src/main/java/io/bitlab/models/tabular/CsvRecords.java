package io.bitlab.models.tabular;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.util.List;

/** Cuts CSV text into records (RFC 4180). The only class that uses FastCSV, which may not be there. */
final class CsvRecords {

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    /** Takes the records, in their order. */
    @FunctionalInterface
    interface Consumer {

        /** Takes a record that begins in a line, counted from 1. */
        void accept(long line, List<String> fields) throws IOException;
    }

    private CsvRecords() {
    }

    /** Reads the text to its end, without closing it; empty lines and a byte-order mark are skipped. */
    static void forEach(String source, Reader text, char separator, Consumer consumer) throws IOException {
        long line = 0;
        try {
            // Rows of other lengths are let through: our message names the columns.
            for (CsvRecord fields : CsvReader.builder().fieldSeparator(separator).skipEmptyLines(true)
                    .allowExtraFields(true).allowMissingFields(true).ofCsvRecord(withoutByteOrderMark(text))) {
                line = fields.getStartingLineNumber();
                consumer.accept(line, fields.getFields());
            }
        } catch (CsvParseException e) {
            String why = e.getCause() == null ? e.getMessage() : e.getMessage() + ": " + e.getCause().getMessage();
            throw new IOException(source + ", after line " + line + ": no CSV: " + why, e);
        } catch (CharacterCodingException e) {
            throw notUtf8(source, e);
        } catch (UncheckedIOException e) {
            throw e.getCause() instanceof CharacterCodingException ? notUtf8(source, e.getCause()) : e.getCause();
        }
    }

    private static IOException notUtf8(String source, IOException cause) {
        return new IOException(source + ": the text is not UTF-8; save it as UTF-8, or give readCsv a Reader with its "
                + "character set", cause);
    }

    private static Reader withoutByteOrderMark(Reader text) throws IOException {
        BufferedReader buffered = new BufferedReader(text);
        buffered.mark(1);
        if (buffered.read() != BYTE_ORDER_MARK) {
            buffered.reset();
        }
        return buffered;
    }
}
