package io.bitlab.models.io;

import io.bitlab.models.internal.Quote;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads the members of a JSON object. Each failure is an {@link IllegalArgumentException} that gives the path of the
 * member, its value and what was expected, for instance {@code ResidualConfig: blocks is 'two', expected a whole
 * number}.
 *
 * {@snippet class="io.bitlab.models.snippets.IoSnippets" region="jsonObject"}
 *
 * <p>A default, as in {@link #integer(String, int)}, replaces a missing member only; null is refused, since it may not
 * mean the default. The {@code optional} methods, for files that write null where they have no value, are empty in both
 * cases.
 *
 * <p>The object remembers which members were read, for {@link #requireNothingElse}. For one pass in one thread.
 */
public final class JsonObject {

    /** Names that need no quotes in a path. */
    private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9_-]{1,60}");

    private final String prefix;
    private final Map<String, ?> members;
    private final Set<String> read = new LinkedHashSet<>();

    private JsonObject(String prefix, Map<String, ?> members) {
        this.prefix = prefix;
        this.members = members;
    }

    /**
     * An object whose messages begin with {@code what: }.
     *
     * @param what what is read: a class or a file
     * @param members member by name, as {@link Json#parse} gives them; kept, not copied, not modified
     * @return a reader of the object
     */
    public static JsonObject of(String what, Map<String, ?> members) {
        return new JsonObject(what + ": ", members);
    }

    /**
     * An object inside another, whose messages begin with {@code path.}.
     *
     * @param path the path of the object; empty for the outermost, whose messages begin with the member
     * @param members member by name; kept, not copied, not modified
     * @return a reader of the object
     */
    public static JsonObject at(String path, Map<String, ?> members) {
        return new JsonObject(path.isEmpty() ? "" : path + ".", members);
    }

    /**
     * All members as they were given.
     *
     * @return member by name; does not count as reading them
     */
    public Map<String, ?> members() {
        return members;
    }

    /**
     * Where a member is, for messages.
     *
     * @param name a member, which need not exist
     * @return its path; names other than of letters, digits, hyphens and underscores are quoted
     */
    public String path(String name) {
        return prefix + (PLAIN_NAME.matcher(name).matches() ? name : Quote.value(name));
    }

    /**
     * Whether a member exists, null or not.
     *
     * @param name the member
     * @return true if it does
     */
    public boolean has(String name) {
        read.add(name);
        return members.containsKey(name);
    }

    // ---------------------------------------------------------------- numbers and booleans

    /**
     * A whole number that must exist.
     *
     * @param name the member
     * @return its value
     * @throws IllegalArgumentException if it is missing, null or not an integer of 32 bits
     */
    public int integer(String name) {
        return optionalInteger(name).orElseThrow(() -> wrong(name, "a whole number"));
    }

    /**
     * A whole number.
     *
     * @param name the member
     * @param absent what a missing member means
     * @return its value
     * @throws IllegalArgumentException if it is null or not an integer of 32 bits
     */
    public int integer(String name, int absent) {
        return has(name) ? integer(name) : absent;
    }

    /**
     * A whole number, if there is one.
     *
     * @param name the member
     * @return its value; empty if the member is missing or null
     * @throws IllegalArgumentException if it is not an integer of 32 bits
     */
    public OptionalInt optionalInteger(String name) {
        return switch (get(name)) {
            case null -> OptionalInt.empty();
            case Integer value -> OptionalInt.of(value);
            case Long value when value == value.intValue() -> OptionalInt.of(value.intValue());
            default -> throw wrong(name, "a whole number");
        };
    }

    /**
     * Whether a member is a certain whole number.
     *
     * @param name the member
     * @param expected the number
     * @return false also if it is missing or something else
     */
    public boolean isLong(String name, long expected) {
        return get(name) instanceof Number value && (value instanceof Integer || value instanceof Long)
                && value.longValue() == expected;
    }

    /**
     * A list of whole numbers that must exist.
     *
     * @param name the member
     * @param expected what the list should hold, for the message
     * @return its elements
     * @throws IllegalArgumentException if it is missing, null or not a list of integers of 32 bits
     */
    public int[] integers(String name, String expected) {
        if (get(name) instanceof List<?> list && list.stream().allMatch(Integer.class::isInstance)) {
            return list.stream().mapToInt(Integer.class::cast).toArray();
        }
        throw wrong(name, expected);
    }

    /**
     * A number.
     *
     * @param name the member
     * @param absent what a missing member means
     * @return its value, rounded to float
     * @throws IllegalArgumentException if it is null or not a number
     */
    public float number(String name, float absent) {
        return has(name) ? optionalNumber(name).orElseThrow(() -> wrong(name, "a number")) : absent;
    }

    /**
     * A number, if there is one.
     *
     * @param name the member
     * @return its value, rounded to float; empty if the member is missing or null
     * @throws IllegalArgumentException if it is not a number
     */
    public Optional<Float> optionalNumber(String name) {
        return switch (get(name)) {
            case null -> Optional.empty();
            case Number value -> Optional.of(value.floatValue());
            default -> throw wrong(name, "a number");
        };
    }

    /**
     * True or false.
     *
     * @param name the member
     * @param absent what a missing member means
     * @return its value
     * @throws IllegalArgumentException if it is null or neither
     */
    public boolean bool(String name, boolean absent) {
        return has(name) ? optionalBool(name).orElseThrow(() -> wrong(name, "true or false")) : absent;
    }

    /**
     * True or false, if either.
     *
     * @param name the member
     * @return its value; empty if the member is missing or null
     * @throws IllegalArgumentException if it is something else
     */
    public Optional<Boolean> optionalBool(String name) {
        return switch (get(name)) {
            case null -> Optional.empty();
            case Boolean value -> Optional.of(value);
            default -> throw wrong(name, "true or false");
        };
    }

    /**
     * Whether a member is true.
     *
     * @param name the member
     * @return false also if it is missing or null
     * @throws IllegalArgumentException if it is something else
     */
    public boolean isTrue(String name) {
        return optionalBool(name).orElse(false);
    }

    // ---------------------------------------------------------------- strings, lists and objects

    /**
     * A string that must exist.
     *
     * @param name the member
     * @return its value
     * @throws IllegalArgumentException if it is missing, null or not a string
     */
    public String string(String name) {
        return optionalString(name).orElseThrow(() -> wrong(name, "a string"));
    }

    /**
     * A string, if there is one.
     *
     * @param name the member
     * @return its value; empty if the member is missing or null
     * @throws IllegalArgumentException if it is not a string
     */
    public Optional<String> optionalString(String name) {
        return switch (get(name)) {
            case null -> Optional.empty();
            case String value -> Optional.of(value);
            default -> throw wrong(name, "a string");
        };
    }

    /**
     * A list of anything.
     *
     * @param name the member
     * @return its elements; none if the member is missing or null
     * @throws IllegalArgumentException if it is not a list
     */
    public List<?> list(String name) {
        return switch (get(name)) {
            case null -> List.of();
            case List<?> value -> value;
            default -> throw wrong(name, "a list");
        };
    }

    /**
     * A list of strings.
     *
     * @param name the member
     * @return its elements; none if the member is missing or null
     * @throws IllegalArgumentException if it is not such a list
     */
    @SuppressWarnings("unchecked") // checked
    public List<String> strings(String name) {
        List<?> list = list(name);
        for (Object element : list) {
            if (!(element instanceof String)) {
                throw new IllegalArgumentException(
                        path(name) + " has the element " + Quote.value(element) + ", expected strings");
            }
        }
        return (List<String>) list;
    }

    /**
     * A list of objects.
     *
     * @param name the member
     * @return readers of its elements; none if the member is missing or null
     * @throws IllegalArgumentException if it is not such a list
     */
    public List<JsonObject> objects(String name) {
        List<JsonObject> objects = new ArrayList<>();
        for (Object element : list(name)) {
            if (!(element instanceof Map<?, ?> map)) {
                throw wrong(name, "a list of objects");
            }
            objects.add(at(path(name) + "[" + objects.size() + "]", byName(map)));
        }
        return List.copyOf(objects);
    }

    /**
     * An object that must exist.
     *
     * @param name the member
     * @return a reader of it
     * @throws IllegalArgumentException if it is missing, null or not an object
     */
    public JsonObject object(String name) {
        return optionalObject(name).orElseThrow(() -> wrong(name, "an object"));
    }

    /**
     * An object, if there is one.
     *
     * @param name the member
     * @return a reader of it; empty if the member is missing or null
     * @throws IllegalArgumentException if it is not an object
     */
    public Optional<JsonObject> optionalObject(String name) {
        return switch (get(name)) {
            case null -> Optional.empty();
            case Map<?, ?> map -> Optional.of(at(path(name), byName(map)));
            default -> throw wrong(name, "an object");
        };
    }

    @SuppressWarnings("unchecked") // the keys of JSON objects are strings
    private static Map<String, ?> byName(Map<?, ?> map) {
        return (Map<String, ?>) map;
    }

    private Object get(String name) {
        read.add(name);
        return members.get(name);
    }

    // ---------------------------------------------------------------- what must not be there

    /**
     * Refuses all other members but those that are null: they may ask for something that the reader would ignore.
     *
     * @param known the names that are allowed
     * @return this
     * @throws IllegalArgumentException if there is another
     */
    public JsonObject only(String... known) {
        List<String> allowed = List.of(known);
        for (Map.Entry<String, ?> member : members.entrySet()) {
            if (member.getValue() != null && !allowed.contains(member.getKey())) {
                throw new IllegalArgumentException(path(member.getKey()) + " is " + Quote.value(member.getValue())
                        + ", expected no such member: this library does not know what it means");
            }
        }
        return this;
    }

    /**
     * Refuses members that were not read so far, also those that are null: a misspelt name would otherwise pass for a
     * default.
     *
     * @throws IllegalArgumentException if there are any; the message lists them, and the names that were read
     */
    public void requireNothingElse() {
        Set<String> unknown = new LinkedHashSet<>(members.keySet());
        unknown.removeAll(read);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(prefix + "unknown members " + unknown + "; known are " + read);
        }
    }

    /**
     * Refuses a member other than null.
     *
     * @param name the member
     * @throws IllegalArgumentException if it is neither missing nor null
     */
    public void requireNull(String name) {
        if (get(name) != null) {
            throw wrong(name, "null: nothing else is supported");
        }
    }

    /**
     * The exception for a member with a wrong value, to be thrown by the caller.
     *
     * @param name the member
     * @param expected what it should be, and the remedy if there is one
     * @return an exception whose message gives path and value
     */
    public IllegalArgumentException wrong(String name, String expected) {
        return new IllegalArgumentException(path(name)
                + (members.containsKey(name) ? " is " + Quote.value(members.get(name)) : " is missing")
                + ", expected " + expected);
    }
}
