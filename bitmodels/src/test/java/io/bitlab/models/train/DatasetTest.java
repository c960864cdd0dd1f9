package io.bitlab.models.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.bitlab.core.tensor.Tensor;
import java.io.IOException;
import java.io.StringReader;
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

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "7 | test.csv, sample 1: 1 columns, expected at least 2",
        "1,2,0/1,0 | test.csv, sample 2: 2 columns, expected 3",
        "1,2,0/1,2,3,0 | test.csv, sample 2: 4 columns, expected 3",
        "1,2,0// 1,x,0 | test.csv, sample 2, column 2: 'x' is not a number",
        "pixel,label/1,0 | test.csv, sample 1, column 1: 'pixel' is not a number",
        "1,,0 | test.csv, sample 1, column 2: '' is not a number",
        "1,2, | test.csv, sample 1, column 3: '' is not a number",
        "1,-1 | test.csv, sample 1: label -1.0 is not a class number from 0 to 16777215",
        "1,0.5 | test.csv, sample 1: label 0.5 is not a class number from 0 to 16777215",
        "1,NaN | test.csv, sample 1: label NaN is not a class number from 0 to 16777215",
        "1,Infinity | test.csv, sample 1: label Infinity is not a class number from 0 to 16777215",
        "1,2147483648 | test.csv, sample 1: label 2.1474836E9 is not a class number from 0 to 16777215"})
    void namesWhatIsWrongInALine(String csv, String message) {
        IOException e = assertThrows(IOException.class, () -> read(csv.replace('/', '\n')));
        assertEquals(message, e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\n", "   "})
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
