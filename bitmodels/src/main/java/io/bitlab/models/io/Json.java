package io.bitlab.models.io;

import io.bitlab.models.internal.Quote;
import io.bitlab.models.internal.StrictJson;
import io.bitlab.models.internal.Uninterrupted;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.jr.ob.JSON;

/**
 * JSON objects as maps, strict both ways. A parsed value is a {@code Map<String, Object>} in the order of the text, a
 * {@code List<Object>}, a {@code String}, an {@code Integer}, {@code Long} or {@code BigInteger} (the smallest that
 * holds the number), a {@code Double}, a {@code Boolean} or {@code null}. The same kinds, and {@code Float}, can be
 * written.
 *
 * <p>Refused are duplicate keys, text after the object, nesting deeper than {@value #MAX_DEPTH}, and numbers that no
 * finite double holds. A byte-order mark, which editors on Windows put before the text, is skipped.
 */
public final class Json {

    static final int MAX_DEPTH = StrictJson.MAX_DEPTH;

    /** Tokenizers have tens of megabytes; as maps, text takes up to twenty times its size. */
    private static final long MAX_FILE_BYTES = 256L << 20;

    private static final String BYTE_ORDER_MARK = "\ufeff";

    private static final JSON COMPACT =
            JSON.builder(StrictJson.FACTORY).enable(JSON.Feature.WRITE_NULL_PROPERTIES).build();

    private static final DefaultIndenter INDENTER = new DefaultIndenter("  ", "\n");

    private static final JSON PRETTY = COMPACT.with(new DefaultPrettyPrinter(Separators.createDefaultInstance()
            .withObjectNameValueSpacing(Separators.Spacing.AFTER)
            .withObjectEmptySeparator("")
            .withArrayEmptySeparator(""))
            .withObjectIndenter(INDENTER)
            .withArrayIndenter(INDENTER));

    private Json() {}

    /**
     * Parses one JSON object.
     *
     * @param text the object, white space around it allowed
     * @param source what the text is, for messages: usually the path of a file
     * @return the members in their order; copy it before changing it, since some parts cannot be modified
     * @throws ModelFormatException if the text is not exactly one object that obeys the rules above; the message names
     *     the source, line and column
     */
    public static Map<String, Object> parse(String text, String source) throws ModelFormatException {
        Map<String, Object> object;
        try (JsonParser parser = StrictJson.parser(text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new ModelFormatException(source, "expected a JSON object, which begins with '{'");
            }
            object = COMPACT.mapFrom(parser);
            String rest = StrictJson.textAfterEnd(parser).orElse(null);
            if (rest != null) {
                throw new ModelFormatException(source, rest);
            }
        } catch (JacksonException e) {
            throw new ModelFormatException(source, StrictJson.describe(e), e);
        }
        try {
            requireJson(object, "object", 0);
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(source, e.getMessage());
        }
        return object;
    }

    /**
     * Reads a file that holds one JSON object in UTF-8.
     *
     * @param file the file, of at most 256 MiB
     * @return as {@link #parse}
     * @throws ModelFormatException if the file is too long, is not UTF-8 or does not {@linkplain #parse parse}
     * @throws IOException if it cannot be read
     */
    public static Map<String, Object> read(Path file) throws IOException {
        return Uninterrupted.call(() -> readNow(file));
    }

    private static Map<String, Object> readNow(Path file) throws IOException {
        RegularFile.require(file, "JSON", "JSON file");
        long bytes = Files.size(file);
        if (bytes > MAX_FILE_BYTES) {
            throw new ModelFormatException(
                    file.toString(), bytes + " bytes of JSON, expected at most " + MAX_FILE_BYTES);
        }
        try {
            return parse(Files.readString(file), file.toString());
        } catch (CharacterCodingException e) {
            throw new ModelFormatException(file.toString(), "the text is not UTF-8", e);
        }
    }

    /**
     * Writes an object for people to read: two spaces per level, and a line feed at the end of lines on every system.
     *
     * @param object the members, written in the map's own order; use a {@code LinkedHashMap} to choose it
     * @return the text, with a line feed at the end
     * @throws IllegalArgumentException if a value has no form in JSON, is NaN or infinite, or nests too deeply; the
     *     message names the place
     */
    public static String pretty(Map<String, ?> object) {
        requireJson(object, "object", 0);
        return PRETTY.asString(object) + "\n";
    }

    /**
     * Writes an object without any white space.
     *
     * @param object the members, written in the map's own order
     * @return the text
     * @throws IllegalArgumentException as {@link #pretty}
     */
    public static String compact(Map<String, ?> object) {
        requireJson(object, "object", 0);
        return COMPACT.asString(object);
    }

    private static void requireJson(Object value, String where, int depth) {
        if (depth >= MAX_DEPTH && (value instanceof Map || value instanceof List)) {
            throw new IllegalArgumentException("JSON " + where + " nests deeper than " + MAX_DEPTH + " levels");
        }
        switch (value) {
            case null -> {}
            case Map<?, ?> map -> {
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    if (!(entry.getKey() instanceof String key)) {
                        throw new IllegalArgumentException(
                                "JSON " + where + " has the key " + entry.getKey() + ", expected a string");
                    }
                    requireJson(entry.getValue(), "member " + Quote.value(key), depth + 1);
                }
            }
            case List<?> list -> {
                for (Object element : list) {
                    requireJson(element, "element of " + where, depth + 1);
                }
            }
            case Number number -> {
                if (!Double.isFinite(number.doubleValue())) {
                    throw new IllegalArgumentException(
                            "JSON " + where + " is " + number + ", expected a number that a finite double holds");
                }
            }
            default -> {
                if (!(value instanceof String || value instanceof Boolean)) {
                    throw new IllegalArgumentException("JSON " + where + " is a " + value.getClass().getName()
                            + ", expected a map, list, string, number, boolean or null");
                }
            }
        }
    }
}
