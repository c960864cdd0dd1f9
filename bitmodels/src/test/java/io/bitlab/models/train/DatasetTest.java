package io.bitlab.models.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.math.CounterRandom;
import io.bitlab.core.tensor.Tensor;
import io.bitlab.models.internal.HeldOut;
import java.io.IOException;
import java.io.StringReader;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetTest {

    private static Dataset read(String csv) throws IOException {
        return Dataset.readCsv("test.csv", new StringReader(csv));
    }

    /** Sample i has the features i and -i; classes 0, 1 and 2 with 50, 30 and 7 samples. */
    private static Dataset numbered() {
        int n = 87;
        float[] features = new float[2 * n];
        int[] labels = new int[n];
        for (int i = 0; i < n; i++) {
            features[2 * i] = i;
            features[2 * i + 1] = -i;
            labels[i] = i < 50 ? 0 : i < 80 ? 1 : 2;
        }
        return Dataset.of(features, labels);
    }

    @Test
    void samplesThatAreNotThereAreNamed() {
        Dataset data = Dataset.of(new float[128], new int[64]);
        for (int index : new int[] {64, -1, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            Exception e = assertThrows(IndexOutOfBoundsException.class, () -> data.batch(0, index));
            assertEquals(
                    "Dataset.batch: there is no sample " + index + " among 0 to 63; the arguments are indices of "
                            + "samples, not a count",
                    e.getMessage());
            e = assertThrows(IndexOutOfBoundsException.class, () -> data.labels(index));
            assertTrue(e.getMessage().startsWith("Dataset.labels: there is no sample " + index), e.getMessage());
        }
        Exception e = assertThrows(IllegalArgumentException.class, data::batch);
        assertEquals("Dataset.batch: no samples, expected at least one", e.getMessage());
    }

    @Test
    void readsLinesOfNumbersWithTheLabelLast() throws IOException {
        Dataset data = read("1, 2.5,0\n\n-3e2,4,12\r\n  \n");
        assertEquals(2, data.size());
        assertEquals(2, data.featureCount());
        assertEquals(13, data.classes());
        assertArrayEquals(new int[] {0, 12}, data.labels(0, 1));
        Tensor batch = data.batch(1, 0, 1);
        assertArrayEquals(new int[] {3, 2}, batch.shape());
        assertArrayEquals(new float[] {-300, 4, 1, 2.5f, -300, 4}, batch.toArray());
    }

    /** Files that were put together keep the mark of each. */
    @Test
    void whatCannotBeSeenInACellIsShownByItsNumber() {
        assertEquals("test.csv, sample 2, column 1: '\\ufeff3' is not a number",
                assertThrows(IOException.class, () -> read("1,0\n\ufeff3,1")).getMessage());
        assertEquals("test.csv, sample 1, column 2: '0\\u0000' is not a number",
                assertThrows(IOException.class, () -> read("1,0\0")).getMessage());
    }

    @Test
    void aLongCellCostsNoMoreThanItsLength() {
        String digits = "1".repeat(300_000);
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> assertEquals(
                "test.csv, sample 1, column 1: '" + "1".repeat(60) + "...' is not a number",
                assertThrows(IOException.class, () -> read(digits + "x,0")).getMessage()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "7 | test.csv, sample 1: 1 columns, expected at least 2",
        "1,2,0/1,0 | test.csv, sample 2: 2 columns, expected 3",
        "1,2,0/1,2,3,0 | test.csv, sample 2: 4 columns, expected 3",
        "1,2,0// 1,x,0 | test.csv, sample 2, column 2: 'x' is not a number",
        "pixel,label/1,0 | test.csv, sample 1, column 1: 'pixel' is not a number",
        "1,,0 | test.csv, sample 1, column 2: '' is not a number",
        "1,2, | test.csv, sample 1, column 3: '' is not a number",
        "1,-1 | test.csv, sample 1: label -1 is not a class number from 0 to 16777215",
        "1,0.5 | test.csv, sample 1: label 0.5 is not a class number from 0 to 16777215",
        "1,1.00000001 | test.csv, sample 1: label 1.00000001 is not a class number from 0 to 16777215",
        "1,0e9999999999 | test.csv, sample 1: label 0e9999999999 is not a class number from 0 to 16777215",
        "1,1e-999999999 | test.csv, sample 1: label 1e-999999999 is not a class number from 0 to 16777215",
        "1,NaN | test.csv, sample 1, column 2: 'NaN' is not a number",
        "1,Infinity | test.csv, sample 1, column 2: 'Infinity' is not a number",
        "1,16777216 | test.csv, sample 1: label 16777216 is not a class number from 0 to 16777215",
        "1,2147483648 | test.csv, sample 1: label 2147483648 is not a class number from 0 to 16777215"})
    void namesWhatIsWrongInALine(String csv, String message) {
        IOException e = assertThrows(IOException.class, () -> read(csv.replace('/', '\n')));
        assertEquals(message, e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "-Infinity", "1f", "1d", "1F", "0x1p3", "1_000", "1e", "e5", ".", "-", "+-1", "1 2",
        "\u0661", "1.2.3"})
    void numbersThatOnlyJavaWritesAreNone(String cell) {
        assertEquals("test.csv, sample 2, column 1: '" + cell + "' is not a number",
                assertThrows(IOException.class, () -> read("1,0\n" + cell + ",0\n")).getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e400", "-3.5e38", "340282366920938463463374607431768211456"})
    void numbersBeyondTheRangeOfFloatsAreRefused(String cell) {
        assertEquals("test.csv, sample 1, column 2: '" + cell + "' is beyond the range of floats, 3.4e38",
                assertThrows(IOException.class, () -> read("1," + cell + ",0\n")).getMessage());
    }

    @Test
    void everyDecimalNotationIsRead() throws IOException {
        Dataset data = read("+1.,.5,-2E+3,3.4028234e38,1e-400,007,2.0\n1,1,1,1,1,1,3e0\n");
        assertArrayEquals(new float[] {1, 0.5f, -2000, Float.MAX_VALUE, 0, 7}, data.batch(0).toArray());
        assertArrayEquals(new int[] {2, 3}, data.labels(0, 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\uFEFF1,2,0\n3,4,1", "\uFEFF\n1,2,0\n3,4,1", "1,2,0\n3,4,1"})
    void aByteOrderMarkIsPassedOver(String csv) throws IOException {
        assertArrayEquals(new float[] {1, 2, 3, 4}, read(csv).batch(0, 1).toArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\uFEFF", "\n\n", "   "})
    void refusesFilesWithoutSamples(String csv) {
        assertEquals("test.csv: no samples; expected lines of comma-separated numbers, the label last",
                assertThrows(IOException.class, () -> read(csv)).getMessage());
    }

    @Test
    void copiesItsArraysAndRefusesWhatDoesNotFit() {
        float[] features = {1, 2, 3, 4};
        int[] labels = {0, 1};
        Dataset data = Dataset.of(features, labels);
        features[0] = 9;
        labels[0] = 9;
        data.batch(0, 1).data()[1] = 9;
        assertArrayEquals(new float[] {1, 2, 3, 4}, data.batch(0, 1).toArray());
        assertArrayEquals(new int[] {0, 1}, data.labels(0, 1));
        for (int[] sizes : new int[][] {{0, 0}, {4, 0}, {0, 4}, {5, 2}}) {
            assertEquals(
                    "Dataset: " + sizes[0] + " features for " + sizes[1] + " samples; expected at least one sample "
                            + "and the same number of features for each",
                    assertThrows(IllegalArgumentException.class,
                            () -> Dataset.of(new float[sizes[0]], new int[sizes[1]])).getMessage());
        }
        assertEquals("Dataset: label -2 of sample 1 is not a class number from 0",
                assertThrows(IllegalArgumentException.class,
                        () -> Dataset.of(new float[4], new int[] {0, -2})).getMessage());
        assertEquals("Dataset: label 2147483647 of sample 0 is not a class number from 0 to 16777215",
                assertThrows(IllegalArgumentException.class,
                        () -> Dataset.of(new float[4], new int[] {Integer.MAX_VALUE, 0})).getMessage());
    }

    @Test
    void scalesACopy() {
        Dataset data = numbered();
        Dataset scaled = data.scaled(0.5f);
        assertArrayEquals(new float[] {1.5f, -1.5f}, scaled.batch(3).toArray());
        assertArrayEquals(new float[] {3, -3}, data.batch(3).toArray());
        assertArrayEquals(data.labels(0, 86), scaled.labels(0, 86));
    }

    @Test
    void splitsEachClassByItsShare() {
        Dataset.Split split = numbered().split(0.3, 42);
        assertEquals(15 + 9 + 2, split.test().size());
        assertEquals(87 - 26, split.train().size());
        int[] perClass = new int[3];
        Set<Float> seen = new HashSet<>();
        for (Dataset part : new Dataset[] {split.train(), split.test()}) {
            float last = -1;
            for (int i = 0; i < part.size(); i++) {
                float number = part.batch(i).data()[0];
                assertEquals(0f, number + part.batch(i).data()[1]);
                assertEquals(number < 50 ? 0 : number < 80 ? 1 : 2, part.labels(i)[0], "label of " + number);
                assertTrue(number > last, "in the order of the data set");
                last = number;
                seen.add(number);
                perClass[part.labels(i)[0]] += part == split.test() ? 1 : 0;
            }
        }
        assertEquals(87, seen.size(), "every sample is in one part");
        assertArrayEquals(new int[] {15, 9, 2}, perClass);
    }

    /** (int) (100 * 0.29) is 28. */
    @Test
    void everyShareThatADecimalOrAFractionNamesIsMetExactly() {
        for (int n : new int[] {3, 7, 10, 100, 1000, 30_000}) {
            for (int k = 1; k < n; k++) {
                assertEquals(k, HeldOut.count(k / (double) n, n), k + " / " + n);
            }
        }
        for (int percent = 1; percent < 100; percent++) {
            double share = Double.parseDouble("0." + (percent < 10 ? "0" : "") + percent);
            assertEquals(percent, HeldOut.count(share, 100), share + " of 100");
            assertEquals(percent * 170, HeldOut.count(share, 17_000), share + " of 17,000");
            assertEquals(percent * 87 / 100, HeldOut.count(share, 87), share + " of 87, rounded down");
        }
        assertEquals(28, HeldOut.count(Math.nextDown(0.29), 100));
        assertEquals(99, HeldOut.count(Math.nextDown(1.0), 100));
        assertEquals(0, HeldOut.count(Double.MIN_VALUE, 100));
        Dataset hundred = Dataset.of(new float[100], new int[100]);
        assertEquals(29, hundred.split(0.29, 1).test().size());
        assertEquals(29, TokenDataset.of(new int[100], 3).split(0.29).validation().length());
    }

    @Test
    void aLargeLabelCostsNoMoreThanASmallOne() {
        int n = 40_000;
        int[] labels = new int[n];
        Arrays.setAll(labels, i -> i % 2 == 0 ? 200_000 + i / 8 : 16_777_215 - i % 3);
        Dataset.Split split = assertTimeout(Duration.ofSeconds(3),
                () -> Dataset.of(new float[n], labels).split(0.25, 1));
        assertEquals(10_000.0, split.test().size(), 3);
    }

    @Test
    void aColumnOfNumbersThatAreNoClassesIsNamed() {
        int[] ids = IntStream.range(0, 1000).toArray();
        assertEquals("Dataset.split: a share of 0.2 of 1000 samples in 1000 classes leaves the test part empty; take a "
                + "larger share, and see whether the labels are classes: few samples share one",
                assertThrows(IllegalArgumentException.class,
                        () -> Dataset.of(new float[1000], ids).split(0.2, 1)).getMessage());
    }

    /** What the splits of the documentation rest on: a class's samples are drawn by a stream of its own number. */
    @Test
    void eachClassIsDrawnByItsNumber() {
        int[] labels = {4, 0, 4, 4, 0, 4, 0, 4};
        float[] features = {0, 1, 2, 3, 4, 5, 6, 7};
        int[] fours = {0, 2, 3, 5, 7};
        int[] zeros = {1, 4, 6};
        new CounterRandom(9, 4).shuffle(fours);
        new CounterRandom(9, 0).shuffle(zeros);
        float[] expected = {fours[0], fours[1], zeros[0]};
        Arrays.sort(expected);
        Dataset test = Dataset.of(features, labels).split(0.4, 9).test();
        assertArrayEquals(expected, test.batch(0, 1, 2).toArray());
        assertEquals(3, test.size());
    }

    @Test
    void theSplitFollowsFromTheSeed() {
        float[][] parts = new float[3][];
        long[] seeds = {1, 1, 2};
        for (int i = 0; i < 3; i++) {
            Dataset test = numbered().split(0.3, seeds[i]).test();
            parts[i] = test.batch(IntStream.range(0, test.size()).toArray()).toArray();
        }
        assertArrayEquals(parts[0], parts[1]);
        assertFalse(Arrays.equals(parts[0], parts[2]));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1, -0.5, 2, Double.NaN})
    void refusesSharesThatAreNone(double share) {
        assertEquals("Dataset.split: test share " + share + " is not between 0 and 1",
                assertThrows(IllegalArgumentException.class, () -> numbered().split(share, 1)).getMessage());
    }

    @Test
    void refusesASplitWithoutTestSamples() {
        assertEquals("Dataset.split: a share of 0.01 of 87 samples in 3 classes leaves the test part empty; "
                + "take a larger share",
                assertThrows(IllegalArgumentException.class, () -> numbered().split(0.01, 1)).getMessage());
    }
}
