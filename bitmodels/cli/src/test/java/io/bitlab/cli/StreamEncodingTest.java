package io.bitlab.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.junit.jupiter.api.Test;

class StreamEncodingTest {

    private static Charset of(String own, String ofFiles) {
        Properties properties = new Properties();
        if (own != null) {
            properties.setProperty("stdout.encoding", own);
        }
        properties.setProperty("native.encoding", ofFiles);
        return StreamEncoding.of("stdout", properties);
    }

    /** As in a job without a locale, in a pipe on Windows, and on a Windows terminal. */
    @Test
    void filesAndPipesAreUtf8() {
        assertEquals(StandardCharsets.UTF_8, of("ANSI_X3.4-1968", "ANSI_X3.4-1968"));
        assertEquals(StandardCharsets.UTF_8, of("windows-1252", "windows-1252"));
        assertEquals(StandardCharsets.UTF_8, of(null, "ISO-8859-1"));
        assertEquals(Charset.forName("IBM850"), of("IBM850", "windows-1252"));
    }
}
