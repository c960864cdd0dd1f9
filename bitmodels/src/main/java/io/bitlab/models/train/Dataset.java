package io.bitlab.models.train;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Samples with a class label each. Immutable; safe to share between threads. */
public final class Dataset {

    /** A label is read as a float, and those are not exact beyond. */
    private static final int MOST_CLASSES = 1 << 24;

    private final float[] features;
    private final int[] labels;
    private final int featureCount;

    private Dataset(float[] features, int[] labels, int featureCount) {
        this.features = features;
        this.labels = labels;
        this.featureCount = featureCount;
    }

    /**
     * A data set over arrays.
     *
     * @param features {@code [samples, featureCount]}, row-major; copied
     * @param labels the class of each sample, from 0; copied
     * @return the data set
     * @throws IllegalArgumentException if there are no samples, the features don't divide evenly among them, or a label
     *     is negative
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
        }
        return new Dataset(features.clone(), labels.clone(), features.length / labels.length);
    }

    /**
     * Reads comma-separated numbers: a sample a line, the features first, the label in the last column.
     *
     * @param source what is read, for messages
     * @param reader where from; read to its end, not closed
     * @return the data set
     * @throws IOException if reading fails, or a line is not as expected; the message names source, sample and value
     */
    public static Dataset readCsv(String source, Reader reader) throws IOException {
        BufferedReader lines = new BufferedReader(reader);
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
     * @return a sample an image, its pixels row by row in [0, 1]
     * @throws IOException if a file is missing or damaged, or the two don't belong together; the message names file and
     *     values
     */
    public static Dataset readIdx(Path images, Path labels) throws IOException {
        return IdxFile.read(images, labels);
    }

    private static float[] parse(String source, int sample, String line, int columns) throws IOException {
        String[] cells = line.split(",", -1);
        if (cells.length < 2 || columns >= 0 && cells.length != columns) {
            throw new IOException(source + ", sample " + sample + ": " + cells.length + " columns, expected "
                    + (columns < 0 ? "at least 2" : columns));
        }
        float[] values = new float[cells.length];
        for (int i = 0; i < values.length; i++) {
            try {
                values[i] = Float.parseFloat(cells[i].strip());
            } catch (NumberFormatException e) {
                throw new IOException(source + ", sample " + sample + ", column " + (i + 1) + ": '" + cells[i]
                        + "' is not a number", e);
            }
        }
        float label = values[values.length - 1];
        if (!(label >= 0f && label < MOST_CLASSES) || label != (int) label) {
            throw new IOException(source + ", sample " + sample + ": label " + label
                    + " is not a class number from 0 to " + (MOST_CLASSES - 1));
        }
        return values;
    }

    /**
     * Multiplies all features, to bring pixels into [0, 1] for instance.
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
     * Two parts of a data set.
     *
     * @param train what is trained with
     * @param test what is held back, to test with
     */
    public record Split(Dataset train, Dataset test) {
    }

    /**
     * Splits so that each class keeps its share in both parts (stratified). The same seed gives the same split
     * everywhere.
     *
     * @param testShare share of each class that goes to the test part, rounded down; between 0 and 1
     * @param seed decides which samples
     * @return both parts, each in the order of this data set
     * @throws IllegalArgumentException if the share is not between 0 and 1, or so small that the test part is empty
     */
    public Split split(double testShare, long seed) {
        if (!(testShare > 0 && testShare < 1)) {
            throw new IllegalArgumentException("Dataset.split: test share " + testShare + " is not between 0 and 1");
        }
        boolean[] isTest = new boolean[size()];
        for (int label = 0; label < classes(); label++) {
            int[] ofClass = indicesOf(label);
            new CounterRandom(seed, label).shuffle(ofClass);
            for (int i = 0; i < (int) (ofClass.length * testShare); i++) {
                isTest[ofClass[i]] = true;
            }
        }
        if (indicesWhere(isTest, true).length == 0) {
            throw new IllegalArgumentException("Dataset.split: a share of " + testShare + " of " + size()
                    + " samples in " + classes() + " classes leaves the test part empty; take a larger share");
        }
        return new Split(select(isTest, false), select(isTest, true));
    }

    private int[] indicesOf(int label) {
        int[] indices = new int[size()];
        int count = 0;
        for (int i = 0; i < labels.length; i++) {
            if (labels[i] == label) {
                indices[count++] = i;
            }
        }
        return Arrays.copyOf(indices, count);
    }

    private Dataset select(boolean[] isTest, boolean wanted) {
        int[] chosen = indicesWhere(isTest, wanted);
        return of(batch(chosen).data(), labels(chosen));
    }

    private static int[] indicesWhere(boolean[] isTest, boolean wanted) {
        int[] indices = new int[isTest.length];
        int count = 0;
        for (int i = 0; i < isTest.length; i++) {
            if (isTest[i] == wanted) {
                indices[count++] = i;
            }
        }
        return Arrays.copyOf(indices, count);
    }

    /**
     * Some samples as a tensor.
     *
     * @param indices which samples, in this order
     * @return {@code [indices, features]}
     */
    public Tensor batch(int... indices) {
        float[] rows = new float[indices.length * featureCount];
        for (int i = 0; i < indices.length; i++) {
            System.arraycopy(features, indices[i] * featureCount, rows, i * featureCount, featureCount);
        }
        return Tensor.of(rows, indices.length, featureCount);
    }

    /**
     * The labels of some samples.
     *
     * @param indices which samples, in this order
     * @return their classes
     */
    public int[] labels(int... indices) {
        int[] chosen = new int[indices.length];
        for (int i = 0; i < indices.length; i++) {
            chosen[i] = labels[indices[i]];
        }
        return chosen;
    }

    /**
     * The number of samples.
     *
     * @return at least 1
     */
    public int size() {
        return labels.length;
    }

    /**
     * The number of features of each sample.
     *
     * @return at least 1
     */
    public int featureCount() {
        return featureCount;
    }

    /**
     * The number of classes.
     *
     * @return the largest label plus 1
     */
    public int classes() {
        return Arrays.stream(labels).max().orElseThrow() + 1;
    }
}
