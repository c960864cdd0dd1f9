package io.bitlab.models.tabular;

import io.bitlab.models.internal.DecimalNumber;
import io.bitlab.models.internal.Quote;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Collects the cells of a column. */
final class ColumnReader {

    /** What the cells are; an open column is decided by its first value. */
    enum Kind {
        OPEN, OPEN_WITHOUT_TEXT, NUMBERS, CATEGORIES, LABELS
    }

    /** More different texts are no categories but names or remarks. */
    private static final int MOST_UNDECLARED = 100;
    private static final int MOST_TEXTS = 10_000;

    private static final Pattern COMMA = Pattern.compile("[+-]?[0-9]*+[.']?[0-9]*+,[0-9]++");
    private static final Pattern NOT_FINITE = Pattern.compile("(?i)[+-]?(nan|inf|infinity)");

    private final String source;
    private final String name;
    private final Kind declared;
    private Kind kind;
    private long decisive; // the line of the value that decided
    private int count;
    private double[] numbers = new double[16];
    private int[] codes = {};
    private final Map<String, Integer> texts = new LinkedHashMap<>();

    ColumnReader(String source, String name, Kind kind) {
        this.source = source;
        this.name = name;
        this.declared = kind;
        this.kind = kind;
    }

    /** Adds a missing value. */
    void addMissing() {
        add(Double.NaN, DataColumn.NONE);
    }

    /** Adds a value, without white space around it. */
    void add(String cell, long line) throws IOException {
        boolean decimal = DecimalNumber.isDecimal(cell);
        if (kind == Kind.OPEN || kind == Kind.OPEN_WITHOUT_TEXT) {
            decide(cell, decimal, line);
            decisive = line;
        }
        if (kind == Kind.NUMBERS) {
            add(number(cell, decimal, line), DataColumn.NONE);
        } else {
            add(Double.NaN, text(cell, decimal, line));
        }
    }

    private IOException wrong(String problem, long line) {
        return new IOException(source + ", line " + line + ", column " + Quote.value(name) + ": " + problem);
    }

    private void decide(String cell, boolean decimal, long line) throws IOException {
        if (decimal || COMMA.matcher(cell).matches() || NOT_FINITE.matcher(cell).matches()) {
            kind = Kind.NUMBERS;
        } else if (kind == Kind.OPEN_WITHOUT_TEXT) {
            throw wrong(shown(cell) + " is text; declare the column with withCategories(\"" + name
                    + "\"), or leave it out with withIgnored(\"" + name + "\")", line);
        } else {
            kind = Kind.CATEGORIES;
        }
    }

    private double number(String cell, boolean decimal, long line) throws IOException {
        if (!decimal) {
            throw wrong(shown(cell) + notANumber(cell), line);
        }
        double value = Double.parseDouble(cell);
        if (!(Math.abs(value) <= Float.MAX_VALUE)) {
            throw wrong(shown(cell) + " is beyond the range of floats, 3.4e38", line);
        }
        return value;
    }

    private String notANumber(String cell) {
        if (COMMA.matcher(cell).matches()) {
            return " is not a number: numbers have a point and no comma, as in 1.5";
        }
        if (NOT_FINITE.matcher(cell).matches()) {
            return " is not a finite number; if it stands for a missing value, say so: withMissingTexts(\"" + cell
                    + "\")";
        }
        return " is not a number" + (declared == Kind.NUMBERS ? "" : ", as the value in line " + decisive + " is")
                + "; if it stands for a missing value, say so with withMissingTexts"
                + (declared == Kind.NUMBERS ? "" : "; if these are categories: withCategories(\"" + name + "\")");
    }

    private int text(String cell, boolean decimal, long line) throws IOException {
        if (decimal && kind == Kind.CATEGORIES && declared != Kind.CATEGORIES) {
            throw wrong(shown(cell) + " is a number, but the value in line " + decisive
                    + " is the text " + shown(texts.keySet().iterator().next())
                    + "; if that stands for a missing value, say so with withMissingTexts; if these are categories: "
                    + "withCategories(\"" + name + "\")", line);
        }
        int code = texts.computeIfAbsent(cell, _ -> texts.size());
        if (declared != Kind.CATEGORIES && kind == Kind.CATEGORIES && code >= MOST_UNDECLARED) {
            throw wrong("more than " + MOST_UNDECLARED + " different texts, such as " + shown(cell)
                    + "; leave names and remarks out with withIgnored(\"" + name + "\"); if these are categories: "
                    + "withCategories(\"" + name + "\")", line);
        }
        if (code >= MOST_TEXTS) {
            throw wrong("more than " + MOST_TEXTS + " different "
                    + (kind == Kind.LABELS ? "labels, such as " : "categories, such as ") + shown(cell)
                    + (kind == Kind.LABELS ? "; if this is a number to predict: CsvOptions.target(\"" + name + "\")"
                            : "; leave the column out with withIgnored(\"" + name + "\")"),
                    line);
        }
        return code;
    }

    private static String shown(String cell) {
        return Quote.value(cell.replaceAll("\\p{Cntrl}", "?"));
    }

    private void add(double number, int code) {
        if (kind == Kind.CATEGORIES || kind == Kind.LABELS) {
            if (codes.length <= count) {
                int before = codes.length;
                codes = Arrays.copyOf(codes, Math.max(numbers.length, count + count / 2 + 1));
                Arrays.fill(codes, before, codes.length, DataColumn.NONE); // missing values before the first text
            }
            codes[count] = code;
        } else {
            if (numbers.length <= count) {
                numbers = Arrays.copyOf(numbers, count + count / 2 + 1);
            }
            numbers[count] = number;
        }
        count++;
    }

    /** The column with its texts sorted: as numbers if all of them are, else by their characters. */
    DataColumn column() throws IOException {
        if (kind != Kind.CATEGORIES && kind != Kind.LABELS) {
            return new DataColumn.Numbers(name, Arrays.copyOf(numbers, count));
        }
        List<String> sorted = DataColumn.sorted(texts.keySet());
        for (int i = 1; i < sorted.size(); i++) {
            if (DecimalNumber.isDecimal(sorted.get(i)) && DecimalNumber.isDecimal(sorted.get(i - 1))
                    && Double.parseDouble(sorted.get(i - 1)) == Double.parseDouble(sorted.get(i))) {
                throw new IOException(source + ", column " + Quote.value(name) + ": " + shown(sorted.get(i - 1))
                        + " and " + shown(sorted.get(i)) + " are the same number, but would be two "
                        + (kind == Kind.LABELS ? "classes" : "categories") + "; write them alike");
            }
        }
        int[] rank = new int[sorted.size()];
        IntStream.range(0, rank.length).forEach(i -> rank[texts.get(sorted.get(i))] = i);
        int[] ranks = new int[count];
        for (int i = 0; i < count; i++) {
            ranks[i] = i >= codes.length || codes[i] == DataColumn.NONE ? DataColumn.NONE : rank[codes[i]];
        }
        return new DataColumn.Texts(name, ranks, sorted);
    }
}
