package io.bitlab.models.train;

import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.internal.Checksum;
import io.bitlab.models.internal.DecimalNumber;
import io.bitlab.models.internal.HeldOut;
import io.bitlab.models.internal.IdxFile;
import io.bitlab.models.internal.Quote;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Samples of features, each with a class label, in memory.
 *
 * {@snippet class="io.bitlab.models.snippets.TrainSnippets" region="dataset"}
 *
 * <p><b>Thread safety:</b> immutable.
 */
public final class Dataset implements SampleSource {

    private static final int MOST_CLASSES = 1 << 24;
    private static final int MOST_SHOWN = 60;
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final float[] features;
    private final int[] labels;
    private final int featureCount;

    private Dataset(float[] features, int[] labels, int featureCount) {
        this.features = features;
        this.labels = labels;
        this.featureCount = featureCount;
    }

    /**
     * Creates a data set from arrays.
     *
     * @param features {@code [samples, featureCount]}, row-major; copied
     * @param labels the class of each sample, from 0; copied
     * @return the data set
     * @throws IllegalArgumentException if there are no samples, the features don't divide evenly among them, or a label
     *     is negative or above 16777215
     */
    public static Dataset of(float[] features, int[] labels) {
        if (labels.length == 0 || features.length == 0 || features.length % labels.length != 0) {
            throw new IllegalArgumentException("Dataset: " + features.length + " features for " + labels.length
                    + " samples; expected at least one sample and the same number of features for each");
        }
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] < 0) {
                throw new IllegalArgumentException("Dataset: label " + labels[i] + " of sample " + i
                        + " is not a class number from 0");
            }
            if (labels[i] >= MOST_CLASSES) {
                throw new IllegalArgumentException("Dataset: label " + labels[i] + " of sample " + i
                        + " is not a class number from 0 to " + (MOST_CLASSES - 1));
            }
        }
        return new Dataset(features.clone(), labels.clone(), features.length / labels.length);
    }

    /**
     * Reads comma-separated numbers: one sample per line, the features first, the label in the last column. Numbers are
     * decimal, such as {@code -1.5e3}, and in the range of floats; labels are whole. Empty lines and a byte-order mark
     * are skipped.
     *
     * @param source what is read, for error messages
     * @param reader the text; read to its end, not closed
     * @return the data set
     * @throws IOException if reading fails, or a line is not as expected; the message names source, sample and value
     */
    public static Dataset readCsv(String source, Reader reader) throws IOException {
        BufferedReader lines = new BufferedReader(reader);
        skipByteOrderMark(lines);
        List<float[]> rows = new ArrayList<>();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (!line.isBlank()) {
                rows.add(parse(source, rows.size() + 1, line, rows.isEmpty() ? -1 : rows.getFirst().length));
            }
        }
        if (rows.isEmpty()) {
            throw new IOException(source + ": no samples; expected lines of comma-separated numbers, the label last");
        }
        int featureCount = rows.getFirst().length - 1;
        if ((long) rows.size() * featureCount > Integer.MAX_VALUE - 8) {
            throw new IOException(source + ": " + rows.size() + " samples of " + featureCount
                    + " features are more than one Dataset holds; split the file");
        }
        float[] features = new float[rows.size() * featureCount];
        int[] labels = new int[rows.size()];
        for (int i = 0; i < labels.length; i++) {
            System.arraycopy(rows.get(i), 0, features, i * featureCount, featureCount);
            labels[i] = (int) rows.get(i)[featureCount];
        }
        return new Dataset(features, labels, featureCount);
    }

    /**
     * Reads images and their classes in the IDX format of MNIST, Fashion-MNIST, KMNIST and EMNIST.
     *
     * @param images {@code ...-images-idx3-ubyte}, plain or as {@code .gz}
     * @param labels {@code ...-labels-idx1-ubyte}, plain or as {@code .gz}
     * @return one sample per image, its pixels row by row in [0, 1]
     * @throws IOException if a file is missing or damaged, or the two don't belong together; the message names file and
     *     values
     */
    public static Dataset readIdx(Path images, Path labels) throws IOException {
        IdxFile idx = IdxFile.read(images, labels);
        float[] features = new float[idx.pixels().length];
        for (int i = 0; i < features.length; i++) {
            features[i] = (idx.pixels()[i] & 0xff) / 255f;
        }
        return of(features, idx.labels());
    }

    private static float[] parse(String source, int sample, String line, int columns) throws IOException {
        String[] cells = line.split(",", -1);
        if (cells.length < 2 || columns >= 0 && cells.length != columns) {
            throw new IOException(source + ", sample " + sample + ": " + cells.length + " columns, expected "
                    + (columns < 0 ? "at least 2" : columns));
        }
        float[] values = new float[cells.length];
        for (int i = 0; i < values.length; i++) {
            String cell = cells[i].strip();
            boolean decimal = DecimalNumber.isDecimal(cell);
            values[i] = decimal ? Float.parseFloat(cell) : Float.NaN;
            if (!Float.isFinite(values[i])) {
                throw new IOException(
                        source + ", sample " + sample + ", column " + (i + 1) + ": '" + shown(cell) + "' is "
                                + (decimal ? "beyond the range of floats, 3.4e38" : "not a number"));
            }
        }
        String label = cells[cells.length - 1].strip();
        if (!isClass(label)) {
            throw new IOException(source + ", sample " + sample + ": label " + shown(label)
                    + " is not a class number from 0 to " + (MOST_CLASSES - 1));
        }
        return values;
    }

    /** A cell for an error message: shortened, and with invisible characters, such as a byte-order mark, escaped. */
    private static String shown(String cell) {
        boolean all = cell.codePointCount(0, cell.length()) <= MOST_SHOWN;
        return all ? Quote.visible(cell)
                : Quote.visible(cell.substring(0, cell.offsetByCodePoints(0, MOST_SHOWN))) + "...";
    }

    /** Checks the text rather than the float, which would be 1 for 1.00000001. */
    private static boolean isClass(String decimal) {
        try {
            BigDecimal label = new BigDecimal(decimal);
            return label.signum() >= 0 && label.compareTo(BigDecimal.valueOf(MOST_CLASSES)) < 0
                    && label.stripTrailingZeros().scale() <= 0;
        } catch (NumberFormatException e) {
            return false; // an exponent of more than 9 digits
        }
    }

    private static void skipByteOrderMark(BufferedReader lines) throws IOException {
        lines.mark(1);
        if (lines.read() != BYTE_ORDER_MARK) {
            lines.reset();
        }
    }

    /**
     * Returns a copy with all features multiplied by a factor, for example to bring pixels into [0, 1].
     *
     * @param factor the factor
     * @return the scaled copy
     */
    public Dataset scaled(float factor) {
        float[] scaled = new float[features.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = features[i] * factor;
        }
        return new Dataset(scaled, labels, featureCount);
    }

    /**
     * A data set split into two parts.
     *
     * @param train the training samples
     * @param test the held-out samples
     */
    public record Split(Dataset train, Dataset test) {
    }

    /**
     * Splits the samples so that each class has the same share in both parts (stratified). The same seed gives the same
     * split on every machine.
     *
     * @param testShare share of each class that goes to the test part, between 0 and 1: of n samples the largest k with
     *     {@code k / (double) n <= testShare}
     * @param seed seed of the random choice of samples
     * @return both parts, each in the order of this data set
     * @throws IllegalArgumentException if the share is not between 0 and 1, or so small that the test part is empty
     */
    public Split split(double testShare, long seed) {
        HeldOut parts = HeldOut.of("Dataset.split", "samples", testShare, seed, labels);
        return new Split(select(parts.train()), select(parts.test()));
    }

    private Dataset select(int... chosen) {
        return of(batch(chosen).data(), labels(chosen));
    }

    /**
     * Returns samples as a tensor.
     *
     * @param indices the samples, in this order
     * @return {@code [indices, features]}
     * @throws IndexOutOfBoundsException if there is no such sample
     * @throws IllegalArgumentException if there are no indices
     */
    @Override
    public Tensor batch(int... indices) {
        requireSamples("batch", indices);
        if (indices.length == 0) {
            throw new IllegalArgumentException("Dataset.batch: no samples, expected at least one");
        }
        float[] rows = new float[Math.multiplyExact(indices.length, featureCount)];
        for (int i = 0; i < indices.length; i++) {
            System.arraycopy(features, indices[i] * featureCount, rows, i * featureCount, featureCount);
        }
        return Tensor.of(rows, indices.length, featureCount);
    }

    /**
     * Returns the labels of samples.
     *
     * @param indices the samples, in this order
     * @return their classes, a new array
     * @throws IndexOutOfBoundsException if there is no such sample
     */
    @Override
    public int[] labels(int... indices) {
        requireSamples("labels", indices);
        int[] chosen = new int[indices.length];
        for (int i = 0; i < indices.length; i++) {
            chosen[i] = labels[indices[i]];
        }
        return chosen;
    }

    @Override
    public int label(int index) {
        return labels(index)[0];
    }

    /** The checksum of all features and labels. */
    @Override
    public String checksum() {
        return new Checksum().floats(features).ints(labels).toString();
    }

    private void requireSamples(String operation, int... indices) {
        for (int index : indices) {
            if (index < 0 || index >= labels.length) {
                throw new IndexOutOfBoundsException("Dataset." + operation + ": there is no sample " + index
                        + " among 0 to " + (labels.length - 1)
                        + "; the arguments are indices of samples, not a count");
            }
        }
    }

    /**
     * Returns the number of samples.
     *
     * @return at least 1
     */
    @Override
    public int size() {
        return labels.length;
    }

    /**
     * Returns the number of features per sample.
     *
     * @return at least 1
     */
    public int featureCount() {
        return featureCount;
    }

    /** {@return the shape of a sample: {@code [featureCount]}} */
    @Override
    public int[] sampleShape() {
        return new int[] {featureCount};
    }

    /**
     * Returns the number of classes.
     *
     * @return the largest label plus 1
     */
    @Override
    public int classes() {
        return Arrays.stream(labels).max().orElseThrow() + 1;
    }
}
