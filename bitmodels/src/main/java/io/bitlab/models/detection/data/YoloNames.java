package io.bitlab.models.detection.data;

import io.bitlab.models.internal.Quote;
import io.bitlab.models.io.ModelFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of the classes of a YOLO data set: a line each in {@code classes.txt} or {@code obj.names}, or the
 * {@code names} of {@code data.yaml}, as a list or as a map from 0. Other YAML is not guessed at but refused.
 */
final class YoloNames {

    private static final List<String> LISTS = List.of("classes.txt", "obj.names");
    private static final List<String> YAML = List.of("data.yaml", "data.yml");
    private static final int LEVELS = 3;
    private static final String REMEDY =
            "write them into classes.txt, a line each, or give them with AnnotationOptions.withClassNames";

    private static final Pattern KEY = Pattern.compile("names\\s*:\\s*(.*)");
    private static final Pattern ELEMENT = Pattern.compile("\\s*-\\s+(.+)");
    private static final Pattern NUMBERED = Pattern.compile("\\s+(\\d+)\\s*:\\s+(.+)");
    private static final Pattern COMMENT = Pattern.compile("(^|\\s)#.*$");
    /** In quotes, or plain: without characters that mean something in YAML. */
    private static final Pattern SCALAR =
            Pattern.compile("'((?:[^']|'')*+)'|\"([^\"\\\\]*)\"|([^\\s'\"\\[\\]{},&*!|>%@`#:-][^\\[\\]{},#:]*)");
    private static final Pattern COMMA = Pattern.compile("\\s*,\\s*");

    private YoloNames() {
    }

    /** Whether a text file with this path lists classes, not boxes. */
    static boolean isList(String path) {
        return LISTS.contains(path.substring(path.lastIndexOf('/') + 1));
    }

    /** Looks in both folders and above. */
    static List<String> find(Path images, Path labels) throws IOException {
        Set<Path> folders = new LinkedHashSet<>();
        for (Path start : List.of(labels, images)) {
            Path folder = start.toAbsolutePath().normalize();
            for (int level = 0; level < LEVELS && folder != null; level++) {
                folders.add(folder);
                folder = folder.getParent();
            }
        }
        for (Path folder : folders) {
            for (String name : LISTS) {
                if (Files.isRegularFile(folder.resolve(name))) {
                    return distinct(folder.resolve(name), AnnotationText.lines(folder.resolve(name)).stream()
                            .map(String::strip).filter(line -> !line.isEmpty()).toList());
                }
            }
            for (String name : YAML) {
                if (Files.isRegularFile(folder.resolve(name))) {
                    return distinct(folder.resolve(name), yaml(folder.resolve(name)));
                }
            }
        }
        throw new IOException(labels + ": there are no names of classes; " + REMEDY);
    }

    private static List<String> distinct(Path file, List<String> names) throws IOException {
        if (names.isEmpty() || names.stream().distinct().count() < names.size()) {
            throw new ModelFormatException(file.toString(), "the class names " + Quote.names(names)
                    + " are none, or repeat one");
        }
        return names;
    }

    static List<String> yaml(Path file) throws IOException {
        List<String> lines = AnnotationText.lines(file);
        for (int i = 0; i < lines.size(); i++) {
            Matcher key = KEY.matcher(uncommented(lines.get(i)));
            if (key.matches()) {
                List<String> rest = lines.subList(i + 1, lines.size());
                return key.group(1).isEmpty() ? block(file, rest) : flow(file, key.group(1), rest);
            }
        }
        throw new ModelFormatException(file.toString(), "there are no names of classes; " + REMEDY);
    }

    /** Removes a comment, but not a # inside of quotes. */
    private static String uncommented(String line) {
        Matcher comment = COMMENT.matcher(line);
        boolean quoted = line.indexOf('\'') >= 0 || line.indexOf('"') >= 0;
        return (quoted || !comment.find() ? line : line.substring(0, comment.start())).stripTrailing();
    }

    /** {@code [a, b]}, on any number of lines. */
    private static List<String> flow(Path file, String first, List<String> rest) throws IOException {
        StringBuilder text = new StringBuilder(first);
        for (int i = 0; i < rest.size() && text.indexOf("]") < 0; i++) {
            text.append(' ').append(uncommented(rest.get(i)).strip());
        }
        String list = text.toString().strip();
        if (!list.startsWith("[") || !list.endsWith("]")) {
            throw unreadable(file, first);
        }
        List<String> names = new ArrayList<>();
        String inside = list.substring(1, list.length() - 1).strip();
        Matcher scalar = SCALAR.matcher(inside);
        int at = 0;
        while (at < inside.length()) {
            if (!scalar.find(at) || scalar.start() != at) {
                throw unreadable(file, inside.substring(at));
            }
            names.add(value(scalar));
            Matcher comma = COMMA.matcher(inside).region(scalar.end(), inside.length());
            if (scalar.end() < inside.length() && !comma.lookingAt()) {
                throw unreadable(file, inside.substring(scalar.end()));
            }
            at = scalar.end() < inside.length() ? comma.end() : inside.length();
        }
        return names;
    }

    /** {@code - a} or {@code 0: a} on lines of their own. */
    private static List<String> block(Path file, List<String> lines) throws IOException {
        List<String> names = new ArrayList<>();
        for (String commented : lines) {
            String line = uncommented(commented);
            Matcher element = ELEMENT.matcher(line);
            Matcher numbered = NUMBERED.matcher(line);
            if (line.isBlank()) {
                continue;
            }
            if (!Character.isWhitespace(line.charAt(0)) && line.charAt(0) != '-') {
                break; // the next key
            }
            Matcher scalar = SCALAR.matcher(element.matches() ? element.group(1)
                    : numbered.matches() && numbered.group(1).equals(Integer.toString(names.size())) ? numbered.group(2)
                    : "");
            if (!scalar.matches()) {
                throw unreadable(file, line);
            }
            names.add(value(scalar));
        }
        return names;
    }

    private static String value(Matcher scalar) {
        return scalar.group(1) != null ? scalar.group(1).replace("''", "'")
                : scalar.group(2) != null ? scalar.group(2) : scalar.group(3).strip();
    }

    private static ModelFormatException unreadable(Path file, String text) {
        return new ModelFormatException(file.toString(), "the names of classes at " + Quote.value(text)
                + " are neither a simple list nor a map from 0; " + REMEDY);
    }
}
