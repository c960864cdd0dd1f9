package io.bitlab.cli.data;

import io.bitlab.models.image.BitImage;
import io.bitlab.models.image.ImageNormalization;
import io.bitlab.models.image.LabelledImages;
import io.bitlab.models.train.Dataset;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;

/** The 1,797 handwritten digits that come along, pixels scaled to [0, 1]; see digits-ATTRIBUTION.txt. */
public final class Digits {

    /** Rows and columns of a digit. */
    public static final int SIDE = 8;
    /** Pixels of a digit. */
    public static final int PIXELS = SIDE * SIDE;
    /** 0 to 9. */
    public static final int CLASSES = 10;
    /** {@code "0"} to {@code "9"}. */
    public static final List<String> NAMES = IntStream.range(0, CLASSES).mapToObj(Integer::toString).toList();

    private static final String RESOURCE = "/io/bitlab/cli/digits.csv.gz";
    private static final double TEST_SHARE = 0.2;
    private static final long SPLIT_SEED = 42;

    private Digits() {
    }

    /**
     * Four fifths for training, one fifth for the test: always the same digits, each class in proportion.
     *
     * @return the split
     * @throws IOException if the resource can't be read
     */
    public static Dataset.Split load() throws IOException {
        try (InputStream packed = Digits.class.getResourceAsStream(RESOURCE);
                InputStreamReader text =
                        new InputStreamReader(new GZIPInputStream(packed), StandardCharsets.US_ASCII)) {
            return Dataset.readCsv(RESOURCE, text).scaled(1f / 16).split(TEST_SHARE, SPLIT_SEED);
        }
    }

    /**
     * The same digits as images of 8 x 8 pixels.
     *
     * @return the split
     * @throws IOException if the resource can't be read
     */
    public static LabelledImages.Split images() throws IOException {
        Dataset.Split digits = load();
        return new LabelledImages.Split(images(digits.train()), images(digits.test()));
    }

    private static LabelledImages images(Dataset digits) {
        List<BitImage> images = new ArrayList<>();
        int[] labels = new int[digits.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = digits.label(i);
            images.add(BitImage.fromFloats(digits.batch(i).toArray(), SIDE, SIDE, ImageNormalization.UNIT_GREY));
        }
        return LabelledImages.of(images, labels, NAMES);
    }
}
