package io.bitlab.examples;

import io.bitlab.models.train.Dataset;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;

/** The 1,797 handwritten digits that the examples ship with, pixels scaled to [0, 1]; see digits-ATTRIBUTION.txt. */
final class Digits {

    /** Pixels of a digit. */
    static final int PIXELS = 64;
    /** 0 to 9. */
    static final int CLASSES = 10;

    private static final String RESOURCE = "digits.csv.gz";
    private static final double TEST_SHARE = 0.2;
    private static final long SPLIT_SEED = 42;

    private Digits() {
    }

    /** Four fifths for training, one fifth for the test: always the same digits, each class in proportion. */
    static Dataset.Split load() throws IOException {
        try (InputStream packed = Digits.class.getResourceAsStream(RESOURCE);
                InputStreamReader text =
                        new InputStreamReader(new GZIPInputStream(packed), StandardCharsets.US_ASCII)) {
            return Dataset.readCsv(RESOURCE, text).scaled(1f / 16).split(TEST_SHARE, SPLIT_SEED);
        }
    }
}
