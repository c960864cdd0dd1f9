package io.bitlab.models.tabular;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import java.io.BufferedReader;
import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
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
        Fields fields = new Fields();
        QuoteCounter counted = new QuoteCounter(text);
        Row last = new Row(1, List.of()); // handed on late: an open quote is to be reported first
        try {
            // Rows of other lengths are let through: our message names the columns.
            for (Row row : CsvReader.builder().fieldSeparator(separator).skipEmptyLines(true).allowExtraFields(true)
                    .allowMissingFields(true).build(fields, withoutByteOrderMark(counted))) {
                last.handTo(consumer);
                last = row;
            }
        } catch (CsvParseException e) {
            String why = e.getCause() == null ? e.getMessage() : e.getMessage() + ": " + e.getCause().getMessage();
            throw new IOException(source + ", after line " + last.line() + ": no CSV: " + why, e);
        } catch (CharacterCodingException e) {
            throw notUtf8(source, e);
        } catch (UncheckedIOException e) {
            throw e.getCause() instanceof CharacterCodingException ? notUtf8(source, e.getCause()) : e.getCause();
        }
        if ((counted.quotes - fields.strayQuotes) % 2 != 0) {
            throw new IOException(source + ", line " + last.line() + ": a value begins with a quote that is not closed "
                    + "before the end of the text; close it, and double quotes inside a value");
        }
        last.handTo(consumer);
    }

    /** A record that begins in a line; without fields before the first one. */
    private record Row(long line, List<String> fields) {
        void handTo(Consumer consumer) throws IOException {
            if (!fields.isEmpty()) {
                consumer.accept(line, fields);
            }
        }
    }

    /** Collects the fields of a record, and counts quotes in values without quotes around them, which open nothing. */
    private static final class Fields extends AbstractBaseCsvCallbackHandler<Row> {
        private List<String> fields = new ArrayList<>();
        private long strayQuotes;

        @Override
        protected void handleBegin(long line) {
            fields = new ArrayList<>();
        }

        @Override
        protected void handleField(int index, char[] buffer, int offset, int length, boolean quoted) {
            String field = new String(buffer, offset, length);
            fields.add(field);
            if (!quoted) {
                strayQuotes += field.chars().filter(c -> c == '"').count();
            }
        }

        @Override
        protected Row buildRecord() {
            return new Row(getStartingLineNumber(), fields);
        }
    }

    /** An open quote at the end of a text is accepted by the parser; an odd number of quotes gives it away. */
    private static final class QuoteCounter extends FilterReader {
        private long quotes;

        QuoteCounter(Reader text) {
            super(text);
        }

        @Override
        public int read() throws IOException {
            int c = super.read();
            quotes += c == '"' ? 1 : 0;
            return c;
        }

        @Override
        public int read(char[] buffer, int offset, int length) throws IOException {
            int count = super.read(buffer, offset, length);
            for (int i = 0; i < count; i++) {
                quotes += buffer[offset + i] == '"' ? 1 : 0;
            }
            return count;
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
