package io.bitlab.models.tabular;

import io.bitlab.models.internal.Quote;
import io.bitlab.models.tabular.ColumnReader.Kind;
import io.bitlab.models.tabular.CsvOptions.Goal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.IntStream;

/** Makes {@link TabularData} of the records of a CSV file. */
final class TabularReader implements CsvRecords.Consumer {

    private final String source;
    private final CsvOptions options;
    private List<String> names; // of all columns of the file; null before the first record
    private final Map<String, Integer> positions = new LinkedHashMap<>(); // by name: a file may have a million columns
    private final SequencedMap<Integer, ColumnReader> features = new LinkedHashMap<>(); // by position in the file
    private int targetAt = -1;
    private ColumnReader target; // null if nothing is predicted
    private int[] lines = new int[16];
    private int rows;

    TabularReader(String source, CsvOptions options) {
        this.source = source;
        this.options = options;
    }

    @Override
    public void accept(long line, List<String> fields) throws IOException {
        if (names == null) {
            names = options.hasHeader() ? header(fields)
                    : numbers(fields.size());
            choose();
            if (options.hasHeader()) {
                return;
            }
        }
        if (fields.size() != names.size()) {
            throw new IOException(place(line) + ": " + fields.size() + " columns, expected " + names.size()
                    + (options.hasHeader() ? " as in the header" : " as in the first line")
                    + "; a value that contains the separator " + Quote.character(options.separator())
                    + " must be in quotes");
        }
        for (Map.Entry<Integer, ColumnReader> feature : features.entrySet()) {
            String cell = fields.get(feature.getKey()).strip();
            if (options.isMissing(cell)) {
                feature.getValue().addMissing();
            } else {
                feature.getValue().add(cell, line);
            }
        }
        if (target != null) {
            String cell = fields.get(targetAt).strip();
            if (options.isMissing(cell)) {
                throw new IOException(place(line) + ", column " + Quote.value(names.get(targetAt)) + ": the "
                        + (options.goal() == Goal.CLASS ? "label" : "target")
                        + " is missing; there is nothing to learn from this line, so delete it");
            }
            target.add(cell, line);
        }
        if (rows == lines.length) {
            lines = Arrays.copyOf(lines, rows + rows / 2);
        }
        lines[rows++] = (int) Math.min(line, Integer.MAX_VALUE);
    }

    private List<String> numbers(int columns) {
        IntStream.range(0, columns).forEach(i -> positions.put(Integer.toString(i + 1), i));
        return List.copyOf(positions.keySet());
    }

    private String place(long line) {
        return source + ", line " + line;
    }

    private List<String> header(List<String> fields) throws IOException {
        List<String> header = new ArrayList<>();
        for (String field : fields) {
            String name = field.isBlank() ? "column " + (header.size() + 1) : field.strip();
            Integer before = positions.putIfAbsent(name, header.size());
            if (before != null) {
                throw new IOException(source + ": the columns " + (before + 1) + " and " + (header.size() + 1)
                        + " are both named " + Quote.value(name) + "; rename one of them");
            }
            header.add(name);
        }
        for (int i = 0; i < header.size(); i++) {
            if (fields.get(i).isBlank() && options.features().isEmpty() && !options.ignored().contains(header.get(i))) {
                throw new IOException(source + ": column " + (i + 1) + " has no name in the header; give it one, or "
                        + "leave it out with withIgnored(\"" + header.get(i) + "\")");
            }
        }
        return header;
    }

    private void choose() throws IOException {
        if (options.targetName().isPresent()) {
            targetAt = position(options.targetName().get());
            target = new ColumnReader(source, names.get(targetAt),
                    options.goal() == Goal.CLASS ? Kind.LABELS : Kind.NUMBERS);
        }
        Set<String> ignored = new LinkedHashSet<>(options.ignored());
        for (String name : ignored) {
            position(name);
        }
        List<String> chosen = options.features();
        if (chosen.isEmpty()) {
            chosen = names.stream().filter(name -> !ignored.contains(name)
                    && (targetAt < 0 || !name.equals(names.get(targetAt)))).toList();
        }
        Set<String> categories = Set.copyOf(options.categories());
        Set<String> numbers = Set.copyOf(options.numbers());
        for (String name : chosen) {
            int position = position(name);
            if (position == targetAt || ignored.contains(name)) {
                throw new IOException(source + ": the column " + Quote.value(name) + " is chosen as a feature and "
                        + (position == targetAt ? "as what is predicted" : "to be ignored") + "; take one of them");
            }
            features.put(position, new ColumnReader(source, name, kind(name, categories, numbers)));
        }
        for (String name : options.categories()) {
            requireFeature(name, "withCategories");
        }
        for (String name : options.numbers()) {
            requireFeature(name, "withNumbers");
            if (categories.contains(name)) {
                throw new IOException(source + ": the column " + Quote.value(name)
                        + " is declared as numbers and as categories; take one of them");
            }
        }
        if (features.isEmpty()) {
            throw new IOException(source + ": no columns are left as features among " + Quote.names(names)
                    + separatorHint());
        }
    }

    private Kind kind(String name, Set<String> categories, Set<String> numbers) {
        if (categories.contains(name)) {
            return Kind.CATEGORIES;
        }
        if (numbers.contains(name)) {
            return Kind.NUMBERS;
        }
        return options.textAllowed() ? Kind.OPEN : Kind.OPEN_WITHOUT_TEXT;
    }

    private void requireFeature(String name, String method) throws IOException {
        if (!features.containsKey(position(name))) {
            throw new IOException(source + ": " + method + " names the column " + Quote.value(name)
                    + ", which is not one of the features");
        }
    }

    private int position(String name) throws IOException {
        Integer position = positions.get(name);
        if (position == null) {
            String similar = names.stream().filter(name::equalsIgnoreCase).findFirst()
                    .map(found -> "; do you mean " + Quote.value(found) + "?").orElse("");
            throw new IOException(source + ": there is no column " + Quote.value(name) + " among "
                    + Quote.names(names) + similar + separatorHint());
        }
        return position;
    }

    /** A file with another separator looks like a single column. */
    private String separatorHint() {
        for (char other : new char[] {';', ',', '\t', '|'}) {
            if (names.size() == 1 && names.getFirst().indexOf(other) >= 0) {
                return "; is the separator " + (other == '\t' ? "a tab" : "'" + other + "'") + "? Then say so with "
                        + "withSeparator('" + (other == '\t' ? "\\t" : other) + "')";
            }
        }
        return "";
    }

    TabularData data() throws IOException {
        if (rows == 0) {
            throw new IOException(source + ": there are no lines of data"
                    + (options.hasHeader() && names != null ? " after the header" : ""));
        }
        List<DataColumn> columns = new ArrayList<>();
        for (ColumnReader reader : features.values()) {
            columns.add(reader.column());
        }
        return new TabularData(source, "line", Arrays.copyOf(lines, rows), columns,
                target == null ? null : target.column());
    }
}
