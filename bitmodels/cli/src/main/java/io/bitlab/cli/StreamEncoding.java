package io.bitlab.cli;

import java.io.Console;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Properties;

/** The encoding of standard input and output: that of a terminal; UTF-8 for files and pipes, whatever the locale. */
final class StreamEncoding {

    private StreamEncoding() {
    }

    /**
     * The encoding of a stream.
     *
     * @param stream {@code stdin} or {@code stdout}
     */
    static Charset of(String stream) {
        Console console = System.console();
        return console != null && console.isTerminal() ? console.charset() : of(stream, System.getProperties());
    }

    /** Where at most one of both is a terminal: its encoding differs from that of files, as on Windows. */
    static Charset of(String stream, Properties properties) {
        String own = properties.getProperty(stream + ".encoding");
        return own == null || own.equals(properties.getProperty("native.encoding")) ? StandardCharsets.UTF_8
                : Charset.forName(own);
    }
}
