package io.bitlab.models.io;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The members of an object in a tokenizer's description, read with messages that name the member.
 *
 * @param where the path of the object, with a dot at the end; empty for the outermost
 * @param values what was read; not modified
 */
public record JsonObject(String where, Map<String, ?> values) {

    /** Refuses members of other names, for they may ask for what this library lacks. Those that are null don't. */
    public JsonObject only(String... known) {
        for (Map.Entry<String, ?> member : values.entrySet()) {
            if (member.getValue() != null && !List.of(known).contains(member.getKey())) {
                throw new IllegalArgumentException(where + member.getKey() + " is " + Quote.value(member.getValue())
                        + ", expected no such member: this library does not know what it means");
            }
        }
        return this;
    }

    /** Refuses a member that is neither missing nor null. */
    public void requireNull(String name) {
        if (values.get(name) != null) {
            throw wrong(name, "null, for nothing else is supported");
        }
    }

    /** The member's value must be an object; nothing and null are not. */
    public JsonObject object(String name) {
        return optionalObject(name).orElseThrow(() -> wrong(name, "an object"));
    }

    /** Empty for nothing and null. */
    @SuppressWarnings("unchecked") // the keys of JSON objects are strings
    public Optional<JsonObject> optionalObject(String name) {
        return switch (values.get(name)) {
            case null -> Optional.empty();
            case Map<?, ?> map -> Optional.of(new JsonObject(where + name + ".", (Map<String, ?>) map));
            default -> throw wrong(name, "an object");
        };
    }

    /** Empty for nothing and null. */
    public List<?> list(String name) {
        return switch (values.get(name)) {
            case null -> List.of();
            case List<?> list -> list;
            default -> throw wrong(name, "a list");
        };
    }

    /** A list of objects; empty for nothing and null. */
    @SuppressWarnings("unchecked") // the keys of JSON objects are strings
    public List<JsonObject> objects(String name) {
        List<?> list = list(name);
        for (Object element : list) {
            if (!(element instanceof Map)) {
                throw wrong(name, "a list of objects");
            }
        }
        return list.stream().map(map -> new JsonObject(where + name + ".", (Map<String, ?>) map)).toList();
    }

    /** The members of this name if this is a Sequence of steps; anything else is the only step. */
    public List<JsonObject> steps(String name) {
        return string("type").equals("Sequence") ? objects(name) : List.of(this);
    }

    /** A list of strings; empty for nothing and null. */
    @SuppressWarnings("unchecked") // checked
    public List<String> strings(String name) {
        List<?> list = list(name);
        for (Object element : list) {
            if (!(element instanceof String)) {
                throw new IllegalArgumentException(
                        where + name + " has the element " + Quote.value(element) + ", expected strings");
            }
        }
        return (List<String>) list;
    }

    public String string(String name) {
        return optionalString(name).orElseThrow(() -> wrong(name, "a string"));
    }

    /** Empty for nothing and null. */
    public Optional<String> optionalString(String name) {
        return switch (values.get(name)) {
            case null -> Optional.empty();
            case String string -> Optional.of(string);
            default -> throw wrong(name, "a string");
        };
    }

    /** Nothing and null mean {@code absent}. */
    public boolean flag(String name, boolean absent) {
        return switch (values.get(name)) {
            case null -> absent;
            case Boolean flag -> flag;
            default -> throw wrong(name, "true or false");
        };
    }

    public int id(String name) {
        return optionalId(name).orElseThrow(() -> wrong(name, "the id of a token"));
    }

    /** Empty for nothing and null. */
    public OptionalInt optionalId(String name) {
        Object value = values.get(name);
        return value == null ? OptionalInt.empty() : OptionalInt.of(id(where + name, value));
    }

    /** A map from tokens to ids. */
    public static Map<String, Integer> ids(String where, Map<String, ?> values) {
        Map<String, Integer> ids = new LinkedHashMap<>();
        values.forEach((token, id) -> ids.put(token, id(where + Quote.value(token), id)));
        return ids;
    }

    public static int id(String where, Object value) {
        if (value instanceof Number number && number.longValue() == number.doubleValue() && number.longValue() >= 0
                && number.longValue() < Integer.MAX_VALUE) {
            return number.intValue();
        }
        throw new IllegalArgumentException(
                where + " is " + Quote.value(value) + ", expected the id of a token, a whole number from 0 on");
    }

    /** What to throw for a member whose value is not what it should be. */
    public IllegalArgumentException wrong(String name, String expected) {
        return new IllegalArgumentException(where + name
                + (values.get(name) == null ? " is missing" : " is " + Quote.value(values.get(name))) + ", expected "
                + expected);
    }
}
