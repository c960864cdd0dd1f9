package io.bitlab.models.tabular;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.StringReader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What may be in a CSV file, and what is refused, with which words. */
class CsvReadingTest {

    private static final CsvOptions LABEL = CsvOptions.label("y");

    private static TabularData read(String text, CsvOptions options) throws IOException {
        return TabularData.readCsv("t.csv", new StringReader(text), options);
    }

    private static List<Map<String, Object>> rows(TabularData data) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int row = 0; row < data.size(); row++) {
            rows.add(data.row(row));
        }
        return rows;
    }

    @Test
    void aHeaderNamesColumnsAndTheLabelMayStandAnywhere() throws IOException {
        TabularData data = read("a,y,b\n1,cat,-2.5e1\n.5,dog,+3.\n", LABEL);
        assertEquals(List.of("a", "b"), data.featureNames());
        assertEquals(Optional.of("y"), data.targetName());
        assertEquals(List.of(Map.of("a", 1.0, "b", -25.0), Map.of("a", 0.5, "b", 3.0)), rows(data));
        assertEquals(List.of("cat", "dog"), List.of(data.target(0), data.target(1)));
        assertEquals("t.csv: 2 rows, 2 columns of numbers and 0 of categories, 2 classes of y", data.toString());
    }

    /** Looking for each column among all of them would take minutes. */
    @Test
    @Timeout(30)
    void aTableMayBeVeryWide() throws IOException {
        String names = IntStream.range(0, 150_000).mapToObj(i -> "c" + i).collect(Collectors.joining(","));
        TabularData data = read(names + ",y\n" + "1,".repeat(150_000) + "u\n", LABEL);
        assertEquals(150_000, data.featureNames().size());
        CsvOptions options = TabularInput.of(data, MissingValues.MEAN).csvOptions();
        assertEquals(1, read(names + "\n" + "1,".repeat(149_999) + "1\n", options).size());
    }

    /** RFC 4180, and what Excel and Windows make of it. */
    @ParameterizedTest
    @ValueSource(strings = {"a,t,y\n1,\"x, \"\"z\"\"\nline\",u\n2,w,v\n",
        "a,t,y\r\n1,\"x, \"\"z\"\"\nline\",u\r\n2,w,v",
        "\uFEFFa,t,y\n1,\"x, \"\"z\"\"\nline\",u\n\n2,w,v\n\n",
        "\uFEFF\"a\",\"t\",\"y\"\n\"1\",\"x, \"\"z\"\"\nline\",\"u\"\n\" 2\",\"w\",\" v \"\n",
        "a , t,y\n 1 ,\"x, \"\"z\"\"\nline\",u\n2, w , v\n"})
    void quotesLineBreaksByteOrderMarksAndBlanks(String text) throws IOException {
        TabularData data = read(text, LABEL);
        assertEquals(List.of(Map.of("a", 1.0, "t", "x, \"z\"\nline"), Map.of("a", 2.0, "t", "w")), rows(data));
        assertEquals(List.of("u", "v"), List.of(data.target(0), data.target(1)));
    }

    /** The number of a line counts those inside quotes. */
    @Test
    void messagesCountTheLinesOfTheFile() {
        assertEquals("t.csv, line 5, column 'a': 'x' is not a number, as the value in line 2 is; if it stands "
                + "for a missing value, say so with withMissingTexts; if these are categories: withCategories(\"a\")",
                assertThrows(IOException.class, () -> read("a,t,y\n1,\"x\ny\",u\n\nx,z,v\n", LABEL)).getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "a;y~1,5;u                | there is no column 'y' among ['a;y']; is the separator ';'? Then say so with "
                + "withSeparator(';')",
        "a,Y~1,u                  | there is no column 'y' among ['a', 'Y']; do you mean 'Y'?",
        "a,a,y~1,2,u              | the columns 1 and 2 are both named 'a'; rename one of them",
        ",a,y~1,2,u               | column 1 has no name in the header; give it one, or leave it out with "
                + "withIgnored(\"column 1\")",
        "a,y~1,u~2                | , line 3: 1 columns, expected 2 as in the header; a value that contains the "
                + "separator ',' (U+002C) must be in quotes",
        "a,y~1,u,2                | , line 2: 3 columns, expected 2 as in the header; a value that contains the "
                + "separator ',' (U+002C) must be in quotes",
        "a,y                      | there are no lines of data after the header",
        "``                       | there are no lines of data",
        "y~u                      | no columns are left as features among ['y']",
        "a,y~1,                   | , line 2, column 'y': the label is missing; there is nothing to learn from this "
                + "line, so delete it",
        "a,y~1,1~2,1.0            | , column 'y': '1' and '1.0' are the same number, but would be two classes; write "
                + "them alike",
        "a,y~1e39,u               | , line 2, column 'a': '1e39' is beyond the range of floats, 3.4e38",
        "a,y~1e999999999999,u     | , line 2, column 'a': '1e999999999999' is beyond the range of floats, 3.4e38",
        "a,y~\"1,5\",u            | , line 2, column 'a': '1,5' is not a number: numbers have a point and no comma, as "
                + "in 1.5",
        "a,y~NaN,u                | , line 2, column 'a': 'NaN' is not a finite number; if it stands for a missing "
                + "value, say so: withMissingTexts(\"NaN\")",
        "a,y~1,u~-Infinity,u      | , line 3, column 'a': '-Infinity' is not a finite number; if it stands for a "
                + "missing value, say so: withMissingTexts(\"-Infinity\")",
        "a,y~1,u~0x10,u           | , line 3, column 'a': '0x10' is not a number, as the value in line 2 is; if "
                + "it stands for a missing value, say so with withMissingTexts; if these are categories: "
                + "withCategories(\"a\")",
        "a,y~n/a,u~1,u            | , line 3, column 'a': '1' is a number, but the value in line 2 is the text "
                + "'n/a'; if that stands for a missing value, say so with withMissingTexts; if these are categories: "
                + "withCategories(\"a\")",
    })
    void whatIsRefused(String text, String message) {
        String lines = text.replace('~', '\n');
        assertEquals("t.csv" + (message.startsWith(",") ? "" : ": ") + message,
                assertThrows(IOException.class, () -> read(lines, LABEL)).getMessage());
    }

    @Test
    void labelsMayBeNumbers() throws IOException {
        TabularData data = read("a,y\n1,10\n2,2\n3,-1\n4,2\n", LABEL);
        assertEquals(List.of("-1", "2", "10"),
                assertInstanceOf(TabularTarget.Classes.class, TabularTarget.of(data)).classNames().toList());
        assertEquals("10", data.target(0));
    }

    /** An open quote swallows the rest of the text; a quote inside a plain value, as for inches, opens nothing. */
    @Test
    void brokenQuotesAreNoticed() throws IOException {
        for (String text : List.of("a,y\n1,u\n1,\"u\n2,v\n3,w\n", "a,y\n1,5\"\n\"1,u\n2,v", "a,y\n1,u\n\"")) {
            assertEquals("t.csv, line 3: a value begins with a quote that is not closed before the end of the text; "
                    + "close it, and double quotes inside a value",
                    assertThrows(IOException.class, () -> read(text, LABEL)).getMessage());
        }
        assertTrue(assertThrows(IOException.class, () -> read("a,y\n1,u\n\"1\"x,u\n", LABEL)).getMessage()
                .startsWith("t.csv, after line "));
        assertEquals("5\"", read("a,y\n1,5\"\n2,\"6\"\"\"\n", LABEL).target(0));
    }

    @Test
    void aDecimalCommaIsRefusedWhereTheSeparatorWouldAllowIt() throws IOException {
        CsvOptions semicolons = LABEL.withSeparator(';');
        for (String number : List.of("1,5", "-0,25", "1.234,5")) {
            String message = assertThrows(IOException.class, () -> read("a;y\n" + number + ";u\n", semicolons))
                    .getMessage();
            assertTrue(message.startsWith("t.csv, line 2, column 'a': '" + number + "' is not a number: numbers have a "
                    + "point and no comma"), message);
        }
        assertEquals(Map.of("a", 1.5), read("a;y\n1.5;u\n", semicolons).row(0));
        assertEquals(Map.of("a", 1.5), read("a\ty\n1.5\tu\n", LABEL.withSeparator('\t')).row(0));
    }

    @ParameterizedTest
    @ValueSource(chars = {'"', '\n', '.', '-', '5', 'x'})
    void separatorsThatArePartOfValuesAreRefused(char separator) {
        assertThrows(IllegalArgumentException.class, () -> LABEL.withSeparator(separator));
    }

    @Test
    void missingValuesAreEmptyCellsAndTheTextsThatWereNamed() throws IOException {
        TabularData data = read("a,t,y\n,x,u\n?,,v\n3,NA,u\n", LABEL.withMissingTexts("?", "NA"));
        assertNull(data.row(0).get("a"));
        assertNull(data.row(1).get("a"));
        assertEquals(3.0, data.row(2).get("a"));
        assertEquals("x", data.row(0).get("t"));
        assertNull(data.row(1).get("t"));
        assertNull(data.row(2).get("t"));
    }

    @Test
    void columnsAreChosenIgnoredAndDeclared() throws IOException {
        String text = "id,code,a,b,y\nx1,7,1,2,u\nx2,10,3,4,v\n";
        assertEquals(List.of("b", "a"), read(text, LABEL.withFeatures("b", "a")).featureNames());
        assertEquals(List.of("code", "a", "b"), read(text, LABEL.withIgnored("id")).featureNames());
        TabularData declared = read(text, LABEL.withFeatures("code").withCategories("code"));
        assertEquals("10", declared.row(1).get("code"));
        DataColumn.Texts codes = assertInstanceOf(DataColumn.Texts.class, declared.features().getFirst());
        assertEquals(List.of("7", "10"), codes.texts(), "sorted as numbers");
        assertEquals(List.of("1", "2"), read("5,6,u\n", CsvOptions.label("3").withoutHeader()).featureNames());
        assertEquals(Optional.empty(), read(text, CsvOptions.unlabelled().withFeatures("a")).targetName());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "features y   | the column 'y' is chosen as a feature and as what is predicted; take one of them",
        "features c   | there is no column 'c' among ['a', 'b', 'y']",
        "ignored c    | there is no column 'c' among ['a', 'b', 'y']",
        "both a       | the column 'a' is chosen as a feature and to be ignored; take one of them",
        "kinds a      | the column 'a' is declared as numbers and as categories; take one of them",
        "numbers y    | withNumbers names the column 'y', which is not one of the features",
    })
    void contradictoryChoicesAreRefused(String choice, String message) {
        String column = choice.substring(choice.indexOf(' ') + 1);
        CsvOptions options = switch (choice.substring(0, choice.indexOf(' '))) {
            case "features" -> LABEL.withFeatures(column);
            case "ignored" -> LABEL.withIgnored(column);
            case "both" -> LABEL.withFeatures(column).withIgnored(column);
            case "kinds" -> LABEL.withNumbers(column).withCategories(column);
            default -> LABEL.withNumbers(column);
        };
        assertEquals("t.csv: " + message,
                assertThrows(IOException.class, () -> read("a,b,y\n1,2,u\n", options)).getMessage());
    }

    @Test
    void textIsRefusedByChoiceAndWhereItIsNoCategory() throws IOException {
        assertEquals("t.csv, line 2, column 't': 'x' is text; declare the column with withCategories(\"t\"), or leave "
                + "it out with withIgnored(\"t\")",
                assertThrows(IOException.class, () -> read("t,y\nx,u\n", LABEL.withTextRefused())).getMessage());
        StringBuilder names = new StringBuilder("name,y\n");
        for (int i = 0; i < 101; i++) {
            names.append("name").append(i).append(",u\n");
        }
        assertTrue(assertThrows(IOException.class, () -> read(names.toString(), LABEL)).getMessage()
                .startsWith("t.csv, line 102, column 'name': more than 100 different texts, such as 'name100'; leave"));
        assertEquals(101, read(names.toString(), LABEL.withCategories("name")).size());
    }

    /** In Turkish, an upper-case "i" has a dot. */
    @Test
    void theLocaleDoesNotMatter() throws IOException {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("tr-TR"));
            TabularData data = read("INFO,y\n1.5,i\n2.5,I\n", LABEL);
            assertEquals(Map.of("INFO", 1.5), data.row(0));
            assertEquals(List.of("i", "I"), List.of(data.target(0), data.target(1)));
            assertTrue(assertThrows(IOException.class, () -> read("a,y\nINF,u\n", LABEL)).getMessage()
                    .contains("'INF' is not a finite number"));
            assertTrue(assertThrows(IOException.class, () -> read("a,INFO\n1,u\n", CsvOptions.label("info")))
                    .getMessage().contains("do you mean 'INFO'?"));
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void oneRowIsATable() throws IOException {
        assertEquals(1, read("a,y\n1,u", LABEL).size());
    }

    @Test
    void targetsMustBeNumbers() throws IOException {
        assertEquals(7.5, read("a,p\n1,7.5\n", CsvOptions.target("p")).target(0));
        assertTrue(assertThrows(IOException.class, () -> read("a,p\n1,cheap\n", CsvOptions.target("p"))).getMessage()
                .startsWith("t.csv, line 2, column 'p': 'cheap' is not a number"));
        assertTrue(assertThrows(IOException.class, () -> read("a,p\n1,\n", CsvOptions.target("p"))).getMessage()
                .startsWith("t.csv, line 2, column 'p': the target is missing"));
    }

    @Test
    void aFileIsUtf8(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("fruit.csv");
        Files.writeString(file, "größe,y\n1,süß\n");
        assertEquals("süß", TabularData.readCsv(file, LABEL).target(0));
        Thread.currentThread().interrupt();
        assertEquals(1, TabularData.readCsv(file, LABEL).size());
        assertTrue(Thread.interrupted(), "the interrupt is kept");
        Files.writeString(file, "größe,y\n1,süß\n", StandardCharsets.ISO_8859_1);
        assertEquals("fruit.csv: the text is not UTF-8; save it as UTF-8, or give readCsv a Reader with its character "
                + "set", assertThrows(IOException.class, () -> TabularData.readCsv(file, LABEL)).getMessage());
    }

    @Test
    void aSplitKeepsTheSharesOfTheClassesAndTheLines() throws IOException {
        StringBuilder text = new StringBuilder("a,y\n");
        for (int i = 0; i < 60; i++) {
            text.append(i).append(i % 3 == 0 ? ",rare\n" : ",usual\n");
        }
        TabularData data = read(text.append("99,once\n").toString(), LABEL);
        TabularData.Split parts = data.split(0.25, 5);
        int rare = 0;
        for (int row = 0; row < parts.test().size(); row++) {
            rare += parts.test().target(row).equals("rare") ? 1 : 0;
            assertFalse(rows(parts.train()).contains(parts.test().row(row)));
        }
        assertEquals(List.of(15, 5, 46), List.of(parts.test().size(), rare, parts.train().size()));
        assertEquals(rows(parts.test()), rows(data.split(0.25, 5).test()));
        assertEquals("t.csv, line 62", parts.train().place(45));
        assertTrue(assertThrows(IllegalArgumentException.class, () -> data.split(0.01, 5)).getMessage()
                .contains("leaves the test part empty"));
        assertThrows(IllegalArgumentException.class, () -> data.split(1, 5));
    }

    /** The library as an application has it that did not add the optional dependency. */
    @Test
    void withoutFastCsvTheMessageNamesTheDependency() throws Exception {
        List<URL> urls = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!entry.contains("fastcsv")) {
                urls.add(Path.of(entry).toUri().toURL());
            }
        }
        try (URLClassLoader loader =
                new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            Class<?> options = loader.loadClass(CsvOptions.class.getName());
            Method read = loader.loadClass(TabularData.class.getName())
                    .getMethod("readCsv", String.class, java.io.Reader.class, options);
            Object label = options.getMethod("label", String.class).invoke(null, "y");
            Throwable thrown = assertThrows(InvocationTargetException.class,
                    () -> read.invoke(null, "t.csv", new StringReader("a,y\n1,u\n"), label)).getCause();
            assertInstanceOf(IllegalStateException.class, thrown);
            assertEquals("TabularData.readCsv needs FastCSV: add the dependency de.siegmar:fastcsv; a module also "
                    + "requires de.siegmar.fastcsv", thrown.getMessage());
        }
    }
}
