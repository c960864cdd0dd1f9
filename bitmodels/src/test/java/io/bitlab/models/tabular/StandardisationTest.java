package io.bitlab.models.tabular;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.commons.math3.stat.descriptive.DescriptiveStatistics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a model sees of a row. */
class StandardisationTest {

    /** Also where the mean is large and the deviation small, as for years and times. */
    @ParameterizedTest
    @CsvSource({"0, 1", "1e9, 3", "-1e-9, 1e-12", "1e30, 1e29", "5, 1e20"})
    void meanDeviationAndMedianAreThoseOfCommonsMath(double centre, double spread) {
        Random random = new Random(3);
        double[] values = random.doubles(1001, centre - spread, centre + spread).toArray();
        DescriptiveStatistics reference = new DescriptiveStatistics(values);
        FeatureColumn.Numeric column = FeatureColumn.Numeric.of("a", values, MissingValues.MEDIAN);
        assertEquals(reference.getMean(), column.mean(), 1e-12 * Math.max(Math.abs(centre), spread));
        double deviation = Math.sqrt(reference.getPopulationVariance());
        assertEquals(deviation, column.deviation(), 1e-9 * deviation);
        assertEquals(reference.getPercentile(50), column.fill());
        for (double value : values) {
            float[] row = new float[1];
            column.encode(value, row, 0);
            assertEquals((value - reference.getMean()) / deviation, row[0], 1e-5);
        }
    }

    private static TabularData data(String text) throws IOException {
        return TabularData.readCsv("t.csv", new StringReader(text), CsvOptions.label("y"));
    }

    @Test
    void numbersAreStandardisedAndCategoriesAreOneHot() throws IOException {
        TabularData data = data("a,t,y\n1,red,u\n3,blue,v\n5,red,u\n");
        TabularInput input = TabularInput.of(data, MissingValues.REFUSE);
        float s = (float) (2 / Math.sqrt(8 / 3.0));
        assertEquals(3, input.width());
        assertArrayEquals(new float[] {-s, 0, 1, 0, 1, 0, s, 0, 1}, input.encode(data));
    }

    /** Rounding gives the mean of equal numbers another last bit, and so a tiny deviation. */
    @Test
    void aConstantColumnSaysNothing() {
        FeatureColumn.Numeric column =
                FeatureColumn.Numeric.of("a", new double[] {0.1, 0.1, 0.1}, MissingValues.REFUSE);
        assertEquals(0.1, column.mean());
        assertEquals(0, column.deviation());
        float[] row = new float[1];
        column.encode(7.0, row, 0);
        assertEquals(0f, row[0]);
    }

    @Test
    void missingValuesAreRefusedOrFilled() throws IOException {
        TabularData data = data("a,t,y\n1,red,u\n,,v\n2,blue,u\n9,red,v\n");
        String message = assertThrows(IllegalArgumentException.class,
                () -> TabularInput.of(data, MissingValues.REFUSE)).getMessage();
        assertEquals("t.csv, line 3, column 'a': the value is missing; correct the data, leave the column out, or fill "
                + "missing values with missingValues(MissingValues.MEAN)", message);
        TabularInput mean = TabularInput.of(data, MissingValues.MEAN);
        assertArrayEquals(new float[] {0, 0, 0}, row(mean.encode(data), 1));
        TabularInput median = TabularInput.of(data, MissingValues.MEDIAN);
        assertEquals(2, ((FeatureColumn.Numeric) median.columns().getFirst()).fill());
        assertEquals(row(median.encode(data), 2)[0], row(median.encode(data), 1)[0]);
    }

    private static float[] row(float[] rows, int row) {
        return Arrays.copyOfRange(rows, 3 * row, 3 * row + 3);
    }

    @Test
    void aColumnWithoutAnyValueIsRefused() throws IOException {
        TabularData data = data("a,b,y\n1,,u\n2,,v\n");
        assertEquals("FeatureColumn: column 'b' has no values, all are missing; leave it out",
                assertThrows(IllegalArgumentException.class, () -> TabularInput.of(data, MissingValues.MEAN))
                        .getMessage());
    }

    @Test
    void rowsOfOtherDataNameTheirLine() throws IOException {
        TabularInput input = TabularInput.of(data("a,t,y\n1,red,u\n3,blue,v\n"), MissingValues.REFUSE);
        assertEquals("t.csv, line 3, column 't': 'green' is not one of the categories that the model knows: ['blue', "
                + "'red']",
                assertThrows(IllegalArgumentException.class,
                        () -> input.encode(data("a,t,y\n1,red,u\n3,green,v\n"))).getMessage());
        assertEquals("t.csv: there is no column 't' among ['a', 'b'], which the model needs",
                assertThrows(IllegalArgumentException.class, () -> input.encode(data("a,b,y\n1,2,u\n")))
                        .getMessage());
        assertTrue(assertThrows(IllegalArgumentException.class, () -> input.encode(data("a,t,y\n,red,u\n")))
                .getMessage().startsWith("t.csv, line 2, column 'a': the value is missing, and the model was"));
        assertArrayEquals(input.encode(data("a,t,y\n1,red,u\n")), input.encode(data("z,t,a,y\n5,red,1,u\n")));
    }

    @Test
    void columnsAreCheckedAndReadBackFromJson() {
        TabularInput input = new TabularInput(List.of(new FeatureColumn.Numeric("a", 0.1, 1 / 3.0, Double.NaN),
                new FeatureColumn.Numeric("b", -1e300, 0, 5e-324),
                new FeatureColumn.Categorical("c", List.of("x", "y"), true)));
        TabularTarget target = new TabularTarget.Quantity("p", 1 / 7.0, 1e-5);
        BitTabularConfig config = BitTabularConfig.of(input, target);
        Map<String, Object> json = config.toMap();
        assertEquals(config, BitTabularConfig.fromMap(json));
        assertThrows(IllegalArgumentException.class, () -> new FeatureColumn.Numeric(" ", 0, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new FeatureColumn.Numeric("a", Double.NaN, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new FeatureColumn.Numeric("a", 0, -1, 0));
        assertThrows(IllegalArgumentException.class, () -> new FeatureColumn.Categorical("a", List.of(), false));
        assertThrows(IllegalArgumentException.class,
                () -> new FeatureColumn.Categorical("a", List.of("x", "x"), false));
        assertThrows(IllegalArgumentException.class, () -> new TabularInput(List.of()));
        assertThrows(IllegalArgumentException.class, () -> new TabularTarget.Quantity("p", 0, 0));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "mean       | BitTabularConfig: columns[0].mean is 'x', expected a number",
        "surplus    | BitTabularConfig: columns[0].unknown members [scale]",
        "network    | BitTabularConfig: network.inChannels is 7, expected 1: one for each column of numbers and each",
        "target     | BitTabularConfig: target is missing, expected an object",
    })
    @SuppressWarnings("unchecked") // of JSON
    void damagedConfigurationsAreRefused(String damage, String message) {
        Map<String, Object> json = BitTabularConfig.of(
                new TabularInput(List.of(new FeatureColumn.Numeric("a", 0, 1, 0))),
                new TabularTarget.Quantity("p", 0, 1)).toMap();
        Map<String, Object> column = new LinkedHashMap<>(
                (Map<String, Object>) ((List<?>) json.get("columns")).getFirst());
        Map<String, Object> network = new LinkedHashMap<>((Map<String, Object>) json.get("network"));
        switch (damage) {
            case "mean" -> column.put("mean", "x");
            case "surplus" -> column.put("scale", 3);
            case "network" -> network.put("in_channels", 7);
            default -> json.remove("target");
        }
        json.put("columns", List.of(column));
        json.put("network", network);
        String thrown = assertThrows(IllegalArgumentException.class, () -> BitTabularConfig.fromMap(json)).getMessage();
        assertTrue(thrown.startsWith(message), thrown);
    }

    @Test
    void targetsThatTeachNothingAreRefused() throws IOException {
        assertEquals("t.csv, column 'y': all rows have the label 'u', expected at least 2 classes to tell apart",
                assertThrows(IllegalArgumentException.class, () -> TabularTarget.of(data("a,y\n1,u\n2,u\n")))
                        .getMessage());
        assertTrue(
                assertThrows(IllegalArgumentException.class, () -> TabularTarget.of(data("a,y\n1,1.5\n2,2.5\n3,3\n")))
                        .getMessage()
                        .startsWith("t.csv, column 'y': each of the 3 rows has a label of its own, such as '1.5'"));
        TabularData constant = TabularData.of(List.of("a"), new double[] {1}, new double[] {2}).withTargets("p", 4, 4);
        assertEquals("the table, column 'p': all rows have the target 4.0; there is nothing to learn",
                assertThrows(IllegalArgumentException.class, () -> TabularTarget.of(constant)).getMessage());
    }

    @Test
    void tablesOfArraysAreChecked() {
        List<String> names = List.of("a", "b");
        double[] row = {1, 2};
        TabularData data = TabularData.of(names, row, new double[] {Double.NaN, 4});
        row[0] = 99;
        assertEquals(1.0, data.row(0).get("a"), "copied");
        assertThrows(IllegalArgumentException.class, () -> TabularData.of(names));
        assertThrows(IllegalArgumentException.class, () -> TabularData.of(names, new double[] {1}));
        assertThrows(IllegalArgumentException.class, () -> TabularData.of(names, new double[] {1, 1e300}));
        assertThrows(IllegalArgumentException.class, () -> TabularData.of(List.of("a", "a"), new double[] {1, 2}));
        assertThrows(IllegalArgumentException.class, () -> data.withLabels("a", List.of("u", "v")));
        assertThrows(IllegalArgumentException.class, () -> data.withLabels("y", List.of("u")));
        assertThrows(IllegalArgumentException.class, () -> data.withLabels("y", List.of("u", " ")));
        assertThrows(IllegalArgumentException.class, () -> data.withTargets("y", 1, Double.NaN));
        assertThrows(IllegalStateException.class, () -> data.target(0));
    }
}
